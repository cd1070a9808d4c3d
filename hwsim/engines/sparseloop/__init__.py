"""Sparseloop in Python: Timeloop's nest analysis with formats, gating, skipping and real zeros."""

from hwsim.engines.sparseloop.evaluation import Evaluation, evaluate
from hwsim.engines.sparseloop.result import TimeloopResult

__all__ = ["Evaluation", "TimeloopResult", "evaluate"]
