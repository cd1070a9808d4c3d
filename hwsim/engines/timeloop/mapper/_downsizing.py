"""Bringing candidates that do not fit nearer to the ones that do."""

from __future__ import annotations

import numpy as np

from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper._fit import Fit
from hwsim.engines.timeloop.mapper._moves import Moves
from hwsim.engines.timeloop.terms.problem import Ints


class Downsizing:
    """Moves factors outwards from where they exceed a capacity or a fan-out."""

    def __init__(self, fit: Fit, moves: Moves) -> None:
        self._fit = fit
        self._moves = moves
        nests = fit.space.nests
        level_of = np.array([nest.level for nest in nests])[:, None]
        spatial = np.array([nest.kind == "spatial" for nest in nests])[:, None]
        faults = np.arange(len(fit.faults) + 1)
        self._tight, level = fit.tight_level(faults)
        fans = fit.fans_out_too_far(faults)
        #: Nests that may give and take factors, by fault: shape (nests, faults).
        self._sources = np.where(fans, spatial & (level_of == level), level_of <= level)
        self._targets = ~spatial & np.where(fans, level_of >= level, level_of > level)

    def run(self, candidates: Candidates, rounds: int) -> Ints:
        """Change candidates in place, one factor of each a round, and find their faults.

        Some may still not fit afterwards.
        """
        placement = self._fit.placement(candidates)
        fault = self._fit.check(candidates.factors, placement)
        tight = self._tight[fault].nonzero()[0]
        for _ in range(rounds):
            if not len(tight):
                break
            before = fault[tight]
            sources, targets = self._sources[:, before], self._targets[:, before]
            changed = self._moves.shift(candidates, tight, sources, targets)
            factors = candidates.factors.take(changed, axis=-1)
            fault[changed] = self._fit.check(factors, placement.take(changed))
            tight = tight[self._tight[fault[tight]]]
        return fault
