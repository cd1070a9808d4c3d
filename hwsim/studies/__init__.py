"""Studies: a network under schemes, a sweep over sparsity, our engine beside the real program."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hwsim.studies.network_run import run
    from hwsim.studies.request import Request
    from hwsim.studies.result import RunResult, load_run
    from hwsim.studies.saved_sweep import load_sweep
    from hwsim.studies.sparsity_sweep import SweepResult, sweep
    from hwsim.studies.validation import Validation, validate

__all__ = [
    "Request",
    "RunResult",
    "SweepResult",
    "Validation",
    "load_run",
    "load_sweep",
    "run",
    "sweep",
    "validate",
]

# Each is imported when it is asked for: a run needs no sweep.
_HOME = {
    "Request": "request",
    "RunResult": "result",
    "SweepResult": "sparsity_sweep",
    "Validation": "validation",
    "load_run": "result",
    "load_sweep": "saved_sweep",
    "run": "network_run",
    "sweep": "sparsity_sweep",
    "validate": "validation",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"hwsim.studies.{_HOME[name]}"), name)
    raise AttributeError(f"module 'hwsim.studies' has no attribute {name!r}")
