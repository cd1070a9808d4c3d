"""From a quantised layer to the problem that an engine evaluates."""

from hwsim.workload.lower import lower
from hwsim.workload.workload import ConvolutionWindow, Workload

__all__ = ["ConvolutionWindow", "Workload", "lower"]
