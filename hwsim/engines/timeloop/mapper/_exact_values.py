"""Exact evaluations of the most promising candidates, whose loops are analysed together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hwsim.engines.timeloop.figures.dense_analysis import Analysed, DenseAnalysis
from hwsim.engines.timeloop.mapper._candidate_loops import candidate_loops
from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.nest.nest import NestAnalysis


def analyse_candidates(space: MapSpace, candidates: Candidates) -> Iterator[Analysed]:
    """Analyse candidates that fit, with the hops of all networks; in their order.

    Those whose factors divide are analysed together, and so are the others.
    """
    machine, problem = space.machine, space.problem
    levels = range(len(machine.levels))
    nests = NestAnalysis(
        problem.data_spaces,
        space.dimensions,
        [machine.fanout(level) for level in levels],
        space.bare_levels,
        [True for _ in levels],
    )
    found: list[Analysed | None] = [None] * len(candidates)
    divide = space.divide(candidates)
    for rests, here in ((False, divide), (True, ~divide)):
        which = np.flatnonzero(here)
        if len(which):
            some = candidates.take(which)
            nest = nests.run(candidate_loops(space, some, space.lengths if rests else None))
            batch = DenseAnalysis.of(problem, machine, nest, space.bare_levels, some.keep)
            for place, number in enumerate(which.tolist()):
                found[number] = batch.at(place)
    return (each for each in found if each is not None)
