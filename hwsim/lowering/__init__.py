"""From a quantised layer to the problem that an engine evaluates."""

from hwsim.lowering.lower import lower
from hwsim.lowering.workload import ConvolutionWindow, GemmWorkload

__all__ = ["ConvolutionWindow", "GemmWorkload", "lower"]
