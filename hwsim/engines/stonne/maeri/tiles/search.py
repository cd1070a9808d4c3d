"""The tile with the fewest cycles.

Candidates are taken by rising bound. One that was not laid out yet is, which gives a better bound;
the others are timed, until all bounds are above the best time: none that is left out can be better.
"""

from __future__ import annotations

import heapq
from functools import lru_cache
from typing import Final, NamedTuple

from hwsim.engines.stonne.maeri.counts import Totals
from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.machine import MaeriMachine
from hwsim.engines.stonne.maeri.operation import Convolution, Tile
from hwsim.engines.stonne.maeri.placement import Placement, place
from hwsim.engines.stonne.maeri.reduction import Reduction, reduce
from hwsim.engines.stonne.maeri.tiles.candidates import (
    candidates,
    line_bound,
    port_bound,
    sum_bound,
)
from hwsim.engines.stonne.maeri.timing import cycles
from hwsim.errors import InputError

_KEPT: Final = 4096


class _LaidOut(NamedTuple):
    """A candidate on its multipliers, and a bound of its cycles."""

    bound: int
    loops: Loops
    placement: Placement
    reduction: Reduction


@lru_cache(maxsize=_KEPT)
def fastest_tile(layer: Convolution, machine: MaeriMachine) -> Tile:
    """Find the tile with the fewest cycles.

    Parameters
    ----------
    layer : Convolution
        What is run.
    machine : MaeriMachine
        What runs it.

    Returns
    -------
    Tile
        Of equally fast ones that with the fewest accesses of the global buffer.
    """
    found = candidates(layer, machine)
    best: tuple[int, int, int] | None = None
    # What is known of each candidate: a bound, and more exactly where it was laid out.
    waiting: list[tuple[int, int, _LaidOut | None]] = [
        (bound, number, None) for number, bound in enumerate(found.bounds.tolist())
    ]
    while waiting and (best is None or waiting[0][0] <= best[0]):
        bound, number, laid_out = heapq.heappop(waiting)
        if laid_out is None:
            laid_out = _lay_out(Loops(layer, found.tile(number), machine))
            heapq.heappush(waiting, (max(bound, laid_out.bound), number, laid_out))
            continue
        try:
            taken = cycles(laid_out.loops, laid_out.placement, laid_out.reduction)
        except InputError:  # weights would come too early
            continue
        totals = Totals.of(laid_out.loops)
        accesses = totals.weight_reads + totals.input_reads + totals.sum_reads + totals.writes
        if best is None or (taken, accesses, number) < best:
            best = taken, accesses, number
    assert best is not None  # a tile of one multiplier always runs
    return found.tile(best[-1])


def _lay_out(loops: Loops) -> _LaidOut:
    placement = place(loops)
    reduction = reduce(loops, placement)
    bounds = (
        port_bound(loops, placement),
        sum_bound(loops, placement, reduction),
        line_bound(loops, reduction),
    )
    return _LaidOut(max(bounds), loops, placement, reduction)
