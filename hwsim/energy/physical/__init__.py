"""Energy from bits, sizes and technology: every price computed from published figures."""

from __future__ import annotations

from hwsim.energy.physical.model import PhysicalModel, aladdin_model, horowitz_model
from hwsim.energy.physical.structures import structures

__all__ = ["PhysicalModel", "aladdin_model", "horowitz_model", "structures"]
