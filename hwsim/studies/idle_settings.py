"""Settings that change nothing under the chosen engine and energy tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from hwsim.arch import Arch
from hwsim.arch.technology import TECHNOLOGY_KEYS, Technology
from hwsim.energy import EnergyModel, EnergyTable
from hwsim.engines import Engine, ProgramOptions
from hwsim.errors import InputError

#: Cycles become seconds by it, in whatever is priced.
_ALWAYS_READ: Final = "clock"
#: What holds a key, where it is called otherwise.
_FIELDS: Final = {"node": "node_nm", "voltage": "voltage_v", "buffer": "buffer_bytes"}


def refuse_idle_settings(arch: Arch, engine: Engine, prices: Sequence[EnergyModel]) -> None:
    """Refuse an override of the technology that neither an activity nor a price depends on.

    Parameters
    ----------
    arch : Arch
        With what was set.
    engine : Engine
        What evaluates on it.
    prices : sequence of EnergyModel
        What prices it; tables have fixed prices, and of other models nothing is known.

    Raises
    ------
    InputError
        If there is one; says what would read it.
    """
    changed = [key for key in TECHNOLOGY_KEYS if key in arch.overrides and key != _ALWAYS_READ]
    if not changed or not all(isinstance(model, EnergyTable) for model in prices):
        return
    read = _read_of_technology(arch, engine)
    for key in changed:
        if read is not None and _FIELDS.get(key, key) not in read:
            tables = ", ".join(model.name for model in prices)
            raise InputError(
                f"arch {arch.name!r}: {key}={arch.overrides[key]} changes nothing: prices of "
                f"{tables} are fixed, and engine {engine.name!r} does not read it; leave it out, "
                "or take --energy physical"
            )


def refuse_idle_timeout(timeout_s: float, engine: Engine) -> None:
    """Refuse a time for a program where none runs.

    Raises
    ------
    InputError
        If it is not the default.
    """
    if timeout_s != ProgramOptions().timeout_s and not engine.runs_program:
        raise InputError(
            f"--timeout {timeout_s:g} changes nothing: engine {engine.name!r} runs no program; "
            "leave it out, or take --engine stonne or timeloop"
        )


def _read_of_technology(arch: Arch, engine: Engine) -> set[str] | None:
    """Find the fields of the technology that an engine reads; None for all."""
    if arch.technology is None:
        return None
    watched = _Watched(arch.technology)
    try:
        engine.reads(replace(arch, technology=watched))  # type: ignore[arg-type]
    except (TypeError, AttributeError):  # it takes the technology as a whole
        return None
    return watched.read


class _Watched:
    """A technology that remembers which of its fields were read."""

    def __init__(self, technology: Technology) -> None:
        self._technology = technology
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.read.add(name)
        return getattr(self._technology, name)
