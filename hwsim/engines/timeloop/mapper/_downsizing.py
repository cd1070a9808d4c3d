"""Bringing candidates that do not fit nearer to the ones that do."""

from __future__ import annotations

import numpy as np

from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper._moves import Moves
from hwsim.engines.timeloop.mapper._scorer import Scorer


def downsize(scorer: Scorer, moves: Moves, candidates: Candidates, rounds: int) -> None:
    """Move factors outwards from where they exceed a capacity or a fan-out, in place.

    Each candidate gives one a round; some may still not fit afterwards.
    """
    nests = scorer.space.nests
    level_of = np.array([nest.level for nest in nests])[:, None]
    spatial = np.array([nest.kind == "spatial" for nest in nests])[:, None]
    ill, part = np.arange(len(candidates)), candidates
    for _ in range(rounds):
        fault = scorer.faults_of(part)
        left = np.flatnonzero(fault)
        if not len(left):
            return
        ill, part, fault = ill[left], part.take(left), fault[left]
        tight, level = scorer.fit.tight_level(fault)
        fans = scorer.fit.fans_out_too_far(fault)
        sources = np.where(fans, spatial & (level_of == level), level_of <= level)
        targets = ~spatial & np.where(fans, level_of >= level, level_of > level)
        moves.shift(part, tight, sources, targets)
        candidates.factors[..., ill] = part.factors
