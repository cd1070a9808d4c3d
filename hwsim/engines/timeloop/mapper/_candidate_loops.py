"""The loops of candidates, as the nest analysis takes them."""

from __future__ import annotations

import numpy as np

from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.nest.loops import LoopNest, LoopRows, lay_out


def candidate_loops(space: MapSpace, candidates: Candidates, rests: bool = False) -> LoopRows:
    """Lay out the loops of a batch, whose factors divide or leave ``rests``."""
    places = np.arange(len(space.names))[:, None]
    nests = [
        LoopNest(
            nest.level,
            nest.kind == "spatial",
            candidates.order[number],
            candidates.factors[number],
            places < candidates.split[number],
        )
        for number, nest in enumerate(space.nests)
    ]
    levels, dimensions = len(space.machine.levels), len(space.names)
    return lay_out(levels, dimensions, len(candidates), nests, space.bounds if rests else None)
