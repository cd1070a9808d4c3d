"""From a quantised layer to the problem that an engine evaluates."""

from hwsim.workload.activations import Activations
from hwsim.workload.alike_workloads import AlikeWorkloads
from hwsim.workload.lower import lower
from hwsim.workload.operands import Operands
from hwsim.workload.workload import ConvolutionWindow, Workload

__all__ = [
    "Activations",
    "AlikeWorkloads",
    "ConvolutionWindow",
    "Operands",
    "Workload",
    "lower",
]
