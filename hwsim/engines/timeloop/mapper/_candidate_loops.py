"""The loops of candidates, as the nest analysis takes them."""

from __future__ import annotations

import numpy as np

from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.nest.loops import LoopNests, LoopRows, lay_out
from hwsim.engines.timeloop.terms.problem import Ints


def candidate_loops(
    space: MapSpace, candidates: Candidates, bounds: Ints | None = None
) -> LoopRows:
    """Lay out the loops of a batch.

    Parameters
    ----------
    space : MapSpace
        Of which they are, or one that differs in the lengths of dimensions alone.
    candidates : Candidates
        The batch.
    bounds : ndarray of int, shape (dimensions, candidates or 1), optional
        Lengths of dimensions, where factors leave rests; without, they divide.
    """
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
