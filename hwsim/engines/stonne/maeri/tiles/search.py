"""The tile with the fewest cycles.

Candidates are taken by rising bound, and each is timed whose bound is below the best time so far:
none that is left out can be better.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from hwsim.engines.stonne.maeri.counts import Totals
from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.machine import MaeriMachine
from hwsim.engines.stonne.maeri.operation import Convolution, Tile
from hwsim.engines.stonne.maeri.placement import place
from hwsim.engines.stonne.maeri.reduction import reduce
from hwsim.engines.stonne.maeri.tiles.candidates import candidates, port_bound, sum_bound
from hwsim.engines.stonne.maeri.timing import cycles
from hwsim.errors import InputError

_KEPT: Final = 4096


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
    for number, bound in enumerate(found.bounds.tolist()):
        if best is not None and bound > best[0]:
            break
        loops = Loops(layer, found.tile(number), machine)
        placement = place(loops)
        if best is not None and port_bound(loops, placement) > best[0]:
            continue
        reduction = reduce(loops, placement)
        if best is not None and sum_bound(loops, reduction) > best[0]:
            continue
        try:
            taken = cycles(loops, placement, reduction)
        except InputError:  # weights would come too early
            continue
        totals = Totals.of(loops)
        accesses = totals.weight_reads + totals.input_reads + totals.sum_reads + totals.writes
        if best is None or (taken, accesses, number) < best:
            best = taken, accesses, number
    assert best is not None  # a tile of one multiplier always runs
    return found.tile(best[-1])
