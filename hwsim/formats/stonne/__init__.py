"""Files of STONNE: configurations, command lines and operands written, results read."""

from __future__ import annotations

from hwsim.formats.stonne.command import SparseGemm
from hwsim.formats.stonne.config import config_text
from hwsim.formats.stonne.counters import Counters, read_counters
from hwsim.formats.stonne.export import write_export
from hwsim.formats.stonne.operands import Operand, operands
from hwsim.formats.stonne.random_operands import draw_operands
from hwsim.formats.stonne.result import read_activity, read_result
from hwsim.formats.stonne.stats import Stats, read_stats

__all__ = [
    "Counters",
    "Operand",
    "SparseGemm",
    "Stats",
    "config_text",
    "draw_operands",
    "operands",
    "read_activity",
    "read_counters",
    "read_result",
    "read_stats",
    "write_export",
]
