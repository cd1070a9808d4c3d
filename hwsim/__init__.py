"""hwsim: what a quantised network costs on a sparse DNN accelerator.

The public API, imported where it is first used so that ``import hwsim`` stays fast:

- :func:`load_network`, :func:`make_network`: weights and geometry from a file or a topology;
- :func:`from_torch`: a network from a PyTorch module, by running it once;
- :func:`quantize`: a network under a scheme;
- :func:`load_arch`: an ASIC description;
- :func:`simulate_gemm`: one GEMM on an architecture;
- :func:`simulate_stonne`: one run of STONNE's program, on any of its machines;
- :func:`evaluate_timeloop`: one mapping from Timeloop's own inputs;
- :func:`run`, :func:`sweep`, :func:`load_run`: a network on a machine;
- :func:`run_study`, :func:`explore`, :func:`load_study`: studies of many, kept in a store;
- :func:`check_study`: whether what a study expects holds;
- :func:`validate`: an engine beside the real program;
- :func:`validate_published`: machines beside what is published of their chips;
- :class:`Request`: all that such a study asks for, to be kept, changed and passed;
- :func:`load_energy_table`: the prices of actions.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hwsim.version import __version__

if TYPE_CHECKING:
    from hwsim.arch import load_arch
    from hwsim.energy import load_energy_table
    from hwsim.engines.timeloop.inputs import evaluate_timeloop
    from hwsim.networks import from_torch, load_network, make_network
    from hwsim.schemes import quantize
    from hwsim.studies import Request, load_run, run, sweep, validate
    from hwsim.studies.checks import check_study
    from hwsim.studies.exploration import explore
    from hwsim.studies.gemm import simulate_gemm
    from hwsim.studies.stonne import simulate_stonne
    from hwsim.studies.study_result import load_study
    from hwsim.studies.study_run import run_study
    from hwsim.validation import validate_published

__all__ = [
    "Request",
    "__version__",
    "check_study",
    "evaluate_timeloop",
    "explore",
    "from_torch",
    "load_arch",
    "load_energy_table",
    "load_network",
    "load_run",
    "load_study",
    "make_network",
    "quantize",
    "run",
    "run_study",
    "simulate_gemm",
    "simulate_stonne",
    "sweep",
    "validate",
    "validate_published",
]

_HOME = {
    "Request": "hwsim.studies",
    "check_study": "hwsim.studies.checks",
    "evaluate_timeloop": "hwsim.engines.timeloop.inputs",
    "explore": "hwsim.studies.exploration",
    "from_torch": "hwsim.networks",
    "load_arch": "hwsim.arch",
    "load_energy_table": "hwsim.energy",
    "load_network": "hwsim.networks",
    "load_run": "hwsim.studies",
    "load_study": "hwsim.studies.study_result",
    "make_network": "hwsim.networks",
    "quantize": "hwsim.schemes",
    "run": "hwsim.studies",
    "run_study": "hwsim.studies.study_run",
    "simulate_gemm": "hwsim.studies.gemm",
    "simulate_stonne": "hwsim.studies.stonne",
    "sweep": "hwsim.studies",
    "validate": "hwsim.studies",
    "validate_published": "hwsim.validation",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'hwsim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
