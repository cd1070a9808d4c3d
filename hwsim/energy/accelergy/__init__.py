"""Files of Accelergy: reference tables in, architecture and action counts out, and its command."""

from __future__ import annotations

from hwsim.energy.accelergy.command import AccelergyModel
from hwsim.energy.accelergy.export import write_accelergy
from hwsim.energy.accelergy.reference_tables import is_reference_table, read_reference_tables

__all__ = ["AccelergyModel", "is_reference_table", "read_reference_tables", "write_accelergy"]
