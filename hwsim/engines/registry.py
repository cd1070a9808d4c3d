"""Which engines there are, and how to get one by name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from hwsim.activity import Activity
from hwsim.entry_points import load_registered, registered
from hwsim.errors import InputError, did_you_mean
from hwsim.workload.workload import Workload

if TYPE_CHECKING:
    from hwsim.arch import Arch

#: Entry point group of engines in other packages; each a class without arguments.
GROUP = "hwsim.engines"

_BUILT_IN = {
    "sigma": "hwsim.engines.stonne.sigma:SigmaEngine",
    "stonne": "hwsim.engines.stonne.program.engine:StonneEngine",
    "sparseloop": "hwsim.engines.timeloop.layers:SparseloopEngine",
}


@runtime_checkable
class Engine(Protocol):
    """A model of a machine. ``simulate`` is pure and may be called from several threads."""

    @property
    def name(self) -> str:
        """What arch specs call it."""

    def simulate(self, workload: Workload, arch: Arch) -> Activity:
        """Find what the workload makes the machine do."""


def engine_names() -> list[str]:
    """List the engines that there are: hwsim's own, then those of other packages."""
    return [*_BUILT_IN, *sorted(set(registered(GROUP)) - set(_BUILT_IN))]


def load_engine(name: str) -> Engine:
    """Get an engine.

    Parameters
    ----------
    name : str
        One of :func:`engine_names`.

    Raises
    ------
    InputError
        If there is none of that name, or the package that offers it cannot be loaded.
    """
    if name in _BUILT_IN:
        module, _, attribute = _BUILT_IN[name].partition(":")
        kind = getattr(import_module(module), attribute)
    elif name in (outside := registered(GROUP)):
        kind = load_registered(outside[name], "engine")
    else:
        raise InputError(f"unknown engine {name!r}{did_you_mean(name, engine_names())}")
    engine = kind()
    if not isinstance(engine, Engine):
        raise InputError(f"engine {name!r} has no name or no simulate(workload, arch)")
    return engine
