"""Studies: a network under schemes, a sweep over sparsity; tables with what they rest on."""

from hwsim.studies.network_run import run
from hwsim.studies.request import Request
from hwsim.studies.result import RunResult, load_run
from hwsim.studies.sparsity_sweep import SweepResult, sweep

__all__ = ["Request", "RunResult", "SweepResult", "load_run", "run", "sweep"]
