"""What is compared of a run of STONNE's program, whichever machine it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from hwsim.activity import Activity
from hwsim.engines.reference import ComparedFigure

#: Figures that people look at, and their headings.
SHOWN: Final[Mapping[str, str]] = {
    "cycles": "cycles",
    "multiplications": "mult.",
    "buffer_accesses": "buffer",
    "energy": "energy",
}
#: What the headings mean.
HEADINGS: Final = "mult.: multiplications; buffer: reads and writes of the global buffer"

#: Both sides add up the same counts, in another order.
_ENERGY_TOLERANCE: Final = 1e-9
_BUFFER: Final = ("GlobalBuffer", "GLOBALBUFFER")


def compared_figures(
    ours: Activity, theirs: Activity, energy: Callable[[Activity], float]
) -> Iterator[ComparedFigure]:
    """Compare every figure of one run of STONNE's program with ours; ``energy`` prices both."""
    yield ComparedFigure("cycles", ours.cycles, theirs.cycles)
    yield from _pairs("", ours.by_action(), theirs.by_action())
    yield from _pairs("instances of ", ours.instances, theirs.instances)
    yield from _pairs("", ours.statistics, theirs.statistics)
    yield ComparedFigure("energy", energy(ours), energy(theirs), relative=_ENERGY_TOLERANCE)


def _pairs(
    prefix: str, ours: Mapping[Any, Any], theirs: Mapping[Any, Any]
) -> Iterator[ComparedFigure]:
    for key in dict.fromkeys([*ours, *theirs]):
        label = prefix + (key if isinstance(key, str) else " ".join(key))
        yield ComparedFigure(label, ours.get(key), theirs.get(key))


def shown_figures(
    runs: list[tuple[Activity, int]], energy: Callable[[Activity], float]
) -> dict[str, float]:
    """Give what people look at of several runs, each with how often it is there."""

    def total(*keys: tuple[str, str, str]) -> int:
        return sum(int(run.by_action()[key]) * times for run, times in runs for key in keys)

    return {
        "cycles": sum(run.cycles * times for run, times in runs),
        "multiplications": total(("MSNetwork", "MULTIPLIER", "MULTIPLICATION")),
        "buffer_accesses": total((*_BUFFER, "READ"), (*_BUFFER, "WRITE")),
        "energy": sum(energy(run) * times for run, times in runs),
    }
