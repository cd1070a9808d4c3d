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
)
from hwsim.engines.stonne.maeri.tiles.least_energy import least_energies
from hwsim.engines.stonne.maeri.tiles.returning import sum_bound
from hwsim.engines.stonne.maeri.timing import DriftError, cycles, states_recur
from hwsim.errors import InputError

_KEPT: Final = 4096
#: Outputs that are worked through of a tile whose partial sums return, at most, and how many tiles
#: may take more: from then on only tiles of one neuron are looked at, which repeat soon.
_MOST_OUTPUTS: Final = 12_000
_MOST_GIVEN_UP: Final = 3
#: Positions of a tile that have to be worked through before anything can repeat.
_BEFORE_REPEATS: Final = 3
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
        Of equally good ones that with the fewest accesses of the global buffer. Where partial sums
        return, the best of those whose timing repeats.
    """
    given_up = _GivenUp()
    found = candidates(layer, machine)
    standing = stonne_prices().of_a_cycle(machine.instances())
    best: tuple[float, int, int] | None = None
    bounds = _bounds(found, layer, machine, objective, standing)
    # What is known of each candidate: a bound, and more exactly where it was laid out. Of equal
    # bounds one whose multipliers hand nothing on comes first, which is timed sooner.
    waiting: list[tuple[float, bool, int, _LaidOut | None]] = [
        (bound, Loops(layer, found.tile(number), machine).forwards, number, None)
        for number, bound in enumerate(bounds)
    ]
    heapq.heapify(waiting)
    while waiting and (best is None or waiting[0][0] <= best[0]):
        bound, forwards, number, laid_out = heapq.heappop(waiting)
        loops = Loops(layer, found.tile(number), machine)
        if given_up.leaves_out(loops):
            continue
        if laid_out is None:
            laid_out = _lay_out(loops, objective)
            better = weigh(objective, float(laid_out.bound), laid_out.actions, standing)
            heapq.heappush(waiting, (max(bound, better * _ROUNDING), forwards, number, laid_out))
            continue
        try:
            refuse_sums_together(laid_out.reduction)
            taken = cycles(*laid_out[2:], most=given_up.most(loops))
        except InputError:  # sums would meet, or weights come too early
            continue
        except DriftError as drift:
            given_up.add(loops, drift.positions)
            continue
        value = weigh(objective, float(taken), laid_out.actions, standing)
        totals = Totals.of(loops)
        accesses = totals.weight_reads + totals.input_reads + totals.sum_reads + totals.writes
        if best is None or (value, accesses, number) < best:
            best = value, accesses, number
    assert best is not None  # a tile of one multiplier always runs
    return found.tile(best[-1])


class _GivenUp:
    """Tiles that were not timed to the end since their partial sums drift.

    Whether they do depends on the neurons: others that are alike are left out. Where states are
    looked up it is known how many positions went well.
    """

    def __init__(self) -> None:
        self._after: dict[tuple[int, int], int] = {}
        self._alike: set[tuple[int, int, int]] = set()

    def most(self, loops: Loops) -> int | None:
        """Say how many outputs of a tile are worked through at most."""
        return _MOST_OUTPUTS if loops.tile.neurons > 1 else None

    def add(self, loops: Loops, positions: int) -> None:
        """Give up a tile after some positions; 0 if they were worked through one by one."""
        neurons = loops.neuron_size, loops.tile.neurons
        if positions:
            self._after[neurons] = min(positions, self._after.get(neurons, positions))
        else:
            self._alike.add((*neurons, loops.folds))

    def leaves_out(self, loops: Loops) -> bool:
        """Whether a tile is not worth a look."""
        if not loops.sums_return or loops.tile.neurons == 1:
            return False
        outputs, neurons = loops.folds * loops.tile.neurons, (loops.neuron_size, loops.tile.neurons)
        if states_recur(loops):
            few = loops.positions * outputs <= _MOST_OUTPUTS
            return not few and loops.positions >= self._after.get(neurons, loops.positions + 1)
        if min(_BEFORE_REPEATS, loops.positions) * outputs > _MOST_OUTPUTS:
            return True
        return len(self._alike) >= _MOST_GIVEN_UP or (*neurons, loops.folds) in self._alike


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
        sum_bound(loops, placement),
        line_bound(loops, reduction),
    )
    actions = 0.0
    if objective != "cycles":
        counts = count(loops, placement, reduction, Totals.of(loops))
        actions = stonne_prices().of_counts(counts)
    return _LaidOut(max(bounds), actions, loops, placement, reduction)
