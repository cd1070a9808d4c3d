"""When MAERI's memory receives its last output."""

from __future__ import annotations

from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.placement import Placement
from hwsim.engines.stonne.maeri.reduction import Reduction
from hwsim.engines.stonne.maeri.timing.event_loop import EventLoop
from hwsim.engines.stonne.maeri.timing.free_running import DriftError, states_recur
from hwsim.engines.stonne.maeri.timing.periods import last_receipt

__all__ = ["DriftError", "cycles", "states_recur"]


def cycles(
    loops: Loops, placement: Placement, reduction: Reduction, most: int | None = None
) -> int:
    """Count the cycles of all iterations.

    Where every iteration waits for the last value of the one before, it is the same again, but
    for whose turn it is at the bus lines: each beginning is simulated once.

    Parameters
    ----------
    loops, placement, reduction
        The tile, where it lies, and how its neurons are summed.
    most : int, optional
        Outputs of neurons that are worked through at most where partial sums return.

    Raises
    ------
    InputError
        If iterations overlap so that weights are replaced too early.
    DriftError
        If there are more before enough repeats.
    """
    if not loops.one_after_the_other:
        limit = most if loops.sums_return else None
        return last_receipt(EventLoop(loops, placement, reduction), limit)
    if not loops.sums_return:  # then it matters to nobody who goes first
        return loops.iterations * last_receipt(EventLoop(loops, placement, reduction, iterations=1))
    total, turns = 0, None
    known: dict[object, tuple[int, tuple[tuple[int, int], ...]]] = {}
    for _ in range(loops.iterations):
        if turns not in known:
            events = EventLoop(loops, placement, reduction, iterations=1, turns=turns)
            known[turns] = last_receipt(events, most), events.collection.turns()
            most = None if most is None else max(0, most - events.outputs)
        duration, turns = known[turns]
        total += duration
    return total
