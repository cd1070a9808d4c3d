"""Files of Accelergy: reference tables in, architecture and action counts out, and its command."""

from __future__ import annotations

from hwsim.energy.accelergy.command import AccelergyModel
from hwsim.energy.accelergy.export import write_accelergy
from hwsim.energy.accelergy.reference_tables import read_reference_tables

__all__ = ["AccelergyModel", "read_reference_tables", "write_accelergy"]
