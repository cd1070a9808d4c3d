"""Studies: a network under schemes, a sweep over sparsity, our engine beside the real program."""

from hwsim.studies.network_run import run
from hwsim.studies.request import Request
from hwsim.studies.result import RunResult, load_run
from hwsim.studies.sparsity_sweep import SweepResult, sweep
from hwsim.studies.validation import Validation, validate

__all__ = [
    "Request",
    "RunResult",
    "SweepResult",
    "Validation",
    "load_run",
    "run",
    "sweep",
    "validate",
]
