"""The public Python interface, for mkdocstrings to fill in."""

from __future__ import annotations

import hwsim

#: What packages derive from, beside the functions of ``hwsim`` itself.
_TO_EXTEND = (
    "hwsim.engines.Engine",
    "hwsim.schemes.Scheme",
    "hwsim.energy.EnergyModel",
    "hwsim.engines.reference.Reference",
    "hwsim.networks.readers.protocol.Reader",
)
_RESULTS = (
    "hwsim.studies.result.RunResult",
    "hwsim.studies.sparsity_sweep.SweepResult",
    "hwsim.studies.study_result.StudyResult",
    "hwsim.studies.gemm.GemmResult",
    "hwsim.validation.result.PublishedTable",
)
_ERRORS = ("hwsim.errors.InputError", "hwsim.errors.ProgramError")


def reference_page() -> str:
    """Write the page: everything in ``hwsim.__all__``, what it returns, what can be extended."""
    public = [_home(name) for name in hwsim.__all__ if not name.startswith("_")]
    parts = ["# Python", "Everything here is imported where it is first used."]
    for title, names in (
        ("Functions", public),
        ("Results", _RESULTS),
        ("To derive from", _TO_EXTEND),
        ("Errors", _ERRORS),
    ):
        parts += [f"## {title}", *(f"::: {name}" for name in names)]
    return "\n\n".join(parts) + "\n"


def _home(name: str) -> str:
    """Find where something public is defined."""
    what = getattr(hwsim, name)
    return f"{what.__module__}.{what.__qualname__}"
