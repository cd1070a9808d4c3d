"""Files of STONNE: configurations, command lines and operands written, results read."""

from __future__ import annotations

from hwsim.engines.stonne.files._operand_files import Operand, operands
from hwsim.engines.stonne.files.command import SparseGemm
from hwsim.engines.stonne.files.config import config_text
from hwsim.engines.stonne.files.counters import Counters, read_counters
from hwsim.engines.stonne.files.export import write_export
from hwsim.engines.stonne.files.random_operands import draw_operands
from hwsim.engines.stonne.files.result import read_activity, read_result
from hwsim.engines.stonne.files.stats import Stats, read_stats

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
