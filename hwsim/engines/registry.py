"""Which engines there are, and how to get one by name: entry points, ours like anybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hwsim.engines.protocol import (
    Engine,
    ProgramOptions,
    as_engine,
    check_machine,
    refuse_program,
)
from hwsim.entry_points import in_order, load_registered, registered
from hwsim.errors import HwsimError, InputError, did_you_mean, named_reason

if TYPE_CHECKING:
    from hwsim.arch import Arch

#: Entry point group of engines; each a class without arguments,
#: an :class:`~hwsim.engines.protocol.Engine`.
GROUP = "hwsim.engines"
#: The order of listings: models of ours, then programs of others.
_FIRST = ("sigma", "sparseloop", "stonne", "timeloop")


def engine_names() -> list[str]:
    """List the engines that there are: hwsim's own, then those of other packages."""
    return in_order(registered(GROUP), _FIRST)


def engine_of(arch: Arch, program: ProgramOptions | None = None) -> Engine:
    """Make the engine that an architecture names, and let it check the machine.

    Parameters
    ----------
    arch : Arch
        The machine.
    program : ProgramOptions, optional
        As for :func:`load_engine`.

    Raises
    ------
    InputError
        As :func:`load_engine` and :func:`~hwsim.engines.protocol.check_machine`; of an unknown
        name with its line.
    """
    if arch.engine not in (found := registered(GROUP)):
        raise InputError(
            f"{arch.where(('engine',))}: unknown engine {arch.engine!r}"
            f"{did_you_mean(arch.engine, found)}"
        )
    engine = load_engine(arch.engine, program)
    check_machine(engine, arch)
    return engine


def load_engine(name: str, program: ProgramOptions | None = None) -> Engine:
    """Make an engine.

    Parameters
    ----------
    name : str
        One of :func:`engine_names`.
    program : ProgramOptions, optional
        Where the program of another tool is, for an engine that runs one.

    Raises
    ------
    InputError
        If there is none of that name, the package that offers it cannot be loaded, what it offers
        is no engine, or it runs no program and is given one.
    """
    found = registered(GROUP)
    if name not in found:
        raise InputError(f"unknown engine {name!r}{did_you_mean(name, found)}")
    kind = load_registered(found[name], "engine")
    try:
        if program is not None and isinstance(kind, type) and issubclass(kind, Engine):
            return kind.of_program(program)
        if program is not None:
            refuse_program(program)
        made = kind()
    except HwsimError:
        raise
    except Exception as error:  # whatever a foreign package raises
        raise InputError(
            f"engine {name!r} (entry point {found[name].value!r}) cannot be made: "
            f"{named_reason(error)}"
        ) from error
    return as_engine(made)
