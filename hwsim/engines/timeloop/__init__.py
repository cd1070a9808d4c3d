"""Sparseloop in Python: Timeloop's nest analysis with formats, gating, skipping and real zeros."""

from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.figures.evaluation_figures import Evaluation
from hwsim.engines.timeloop.figures.result import TimeloopResult

__all__ = ["Evaluation", "TimeloopResult", "evaluate"]
