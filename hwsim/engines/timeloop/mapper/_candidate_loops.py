"""The loops of candidates, as the nest analysis takes them."""

from __future__ import annotations

import numpy as np

from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.nest.loops import LoopNests, LoopRows, lay_out


def candidate_loops(space: MapSpace, candidates: Candidates, rests: bool = False) -> LoopRows:
    """Lay out the loops of a batch, whose factors divide or leave ``rests``."""
    bounds = space.bounds if rests else None
    return lay_out(len(space.machine.levels), _nests(space, candidates), bounds)


def _nests(space: MapSpace, candidates: Candidates) -> LoopNests:
    places = np.arange(len(space.names))[:, None]
    return LoopNests(
        levels=[nest.level for nest in space.nests],
        spatial=[nest.kind == "spatial" for nest in space.nests],
        order=candidates.order,
        factors=candidates.factors,
        along_x=places < candidates.split[:, None],
    )
