"""From a quantised layer to the problem that an engine evaluates."""

from hwsim.workload.activations import Activations
from hwsim.workload.lower import lower, lower_all
from hwsim.workload.operands import Operands
from hwsim.workload.workload import ConvolutionWindow, Workload

__all__ = ["Activations", "ConvolutionWindow", "Operands", "Workload", "lower", "lower_all"]
