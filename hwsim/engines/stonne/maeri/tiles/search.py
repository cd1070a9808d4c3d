"""The tile with the fewest cycles, the least energy, or the least product of the two.

Candidates are taken by rising bound. One that was not laid out yet is, which gives a better bound;
the others are timed, until all bounds are above the best: none that is left out can be better.
"""

from __future__ import annotations

import heapq
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from hwsim.engines.stonne.fabric.prices import stonne_prices, weigh
from hwsim.engines.stonne.maeri.counts import Totals, count
from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.machine import MaeriMachine
from hwsim.engines.stonne.maeri.operation import Convolution, Tile
from hwsim.engines.stonne.maeri.placement import Placement, place
from hwsim.engines.stonne.maeri.reduction import Reduction, reduce
from hwsim.engines.stonne.maeri.rules import refuse_sums_together
from hwsim.engines.stonne.maeri.tiles.candidates import (
    Candidates,
    candidates,
    line_bound,
    port_bound,
    sum_bound,
)
from hwsim.engines.stonne.maeri.tiles.least_energy import least_energies
from hwsim.engines.stonne.maeri.timing import cycles
from hwsim.errors import InputError

_KEPT: Final = 4096
#: Bounds are added up in another order than what they are of, and rounded otherwise.
_ROUNDING: Final = 1 - 1e-9


class _LaidOut(NamedTuple):
    """A candidate on its multipliers, a bound of its cycles, and what its actions cost."""

    bound: int
    actions: float
    loops: Loops
    placement: Placement
    reduction: Reduction


@lru_cache(maxsize=_KEPT)
def best_tile(layer: Convolution, machine: MaeriMachine, objective: str = "cycles") -> Tile:
    """Find the best tile of all that the machine takes.

    Parameters
    ----------
    layer : Convolution
        What is run.
    machine : MaeriMachine
        What runs it.
    objective : {"cycles", "energy", "edp"}
        What is to be least; energy is by STONNE's own table.

    Returns
    -------
    Tile
        Of equally good ones that with the fewest accesses of the global buffer.
    """
    found = candidates(layer, machine)
    standing = stonne_prices().of_a_cycle(machine.instances())
    best: tuple[float, int, int] | None = None
    # What is known of each candidate: a bound, and more exactly where it was laid out.
    waiting: list[tuple[float, int, _LaidOut | None]] = [
        (bound, number, None)
        for number, bound in enumerate(_bounds(found, layer, machine, objective, standing))
    ]
    heapq.heapify(waiting)
    while waiting and (best is None or waiting[0][0] <= best[0]):
        bound, number, laid_out = heapq.heappop(waiting)
        if laid_out is None:
            laid_out = _lay_out(Loops(layer, found.tile(number), machine), objective)
            better = weigh(objective, float(laid_out.bound), laid_out.actions, standing)
            heapq.heappush(waiting, (max(bound, better * _ROUNDING), number, laid_out))
            continue
        try:
            refuse_sums_together(laid_out.reduction)
            taken = cycles(laid_out.loops, laid_out.placement, laid_out.reduction)
        except InputError:  # sums would meet, or weights come too early
            continue
        value = weigh(objective, float(taken), laid_out.actions, standing)
        totals = Totals.of(laid_out.loops)
        accesses = totals.weight_reads + totals.input_reads + totals.sum_reads + totals.writes
        if best is None or (value, accesses, number) < best:
            best = value, accesses, number
    assert best is not None  # a tile of one multiplier always runs
    return found.tile(best[-1])


def _bounds(
    found: Candidates,
    layer: Convolution,
    machine: MaeriMachine,
    objective: str,
    standing: float,
) -> list[float]:
    """Bound what is to be least of each candidate, as long as it is not laid out."""
    times = found.bounds.astype(np.float64)
    if objective == "cycles":
        actions = np.zeros_like(times)
    else:
        actions = least_energies(found, layer, machine, stonne_prices())
    bounds: list[float] = (weigh(objective, times, actions, standing) * _ROUNDING).tolist()
    return bounds


def _lay_out(loops: Loops, objective: str) -> _LaidOut:
    placement = place(loops)
    reduction = reduce(loops, placement)
    bounds = (
        port_bound(loops, placement),
        sum_bound(loops, placement, reduction),
        line_bound(loops, reduction),
    )
    actions = 0.0
    if objective != "cycles":
        counts = count(loops, placement, reduction, Totals.of(loops))
        actions = stonne_prices().of_counts(counts)
    return _LaidOut(max(bounds), actions, loops, placement, reduction)
