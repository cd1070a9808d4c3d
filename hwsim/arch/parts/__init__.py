"""Component energies, areas and leakage by node and width, from published figures.

:class:`Components` is what energy models build on; :func:`component_energy` asks for one figure.
"""

from __future__ import annotations

from hwsim.arch.parts.library import ARITHMETIC, Components
from hwsim.arch.parts.query import COMPONENT_KINDS, component_energy

__all__ = ["ARITHMETIC", "COMPONENT_KINDS", "Components", "component_energy"]
