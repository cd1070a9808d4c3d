"""The best candidates seen, no two of equal cycles and energy."""

from __future__ import annotations

import numpy as np

from hwsim.engines.timeloop.mapper._candidates import Candidates, join
from hwsim.engines.timeloop.mapper._scorer import Scores
from hwsim.engines.timeloop.nest.loops import Floats


class BestCandidates:
    """A list of limited length, best first by the objective."""

    def __init__(self, objective: str, length: int) -> None:
        self._objective = objective
        self._length = length
        self.candidates: Candidates | None = None
        self.cycles: Floats = np.empty(0)
        self.energy: Floats = np.empty(0)

    def __len__(self) -> int:
        return len(self.cycles)

    @property
    def best(self) -> float:
        """The best value; infinite if nothing valid has been seen."""
        values = self.values
        return float(values[0]) if len(values) else np.inf

    @property
    def values(self) -> Floats:
        """Objectives, best first."""
        none = np.zeros(len(self), dtype=np.int64)
        return Scores(self.cycles, self.energy, none).objective(self._objective)

    def add(self, candidates: Candidates, scores: Scores) -> None:
        """Take in the valid ones of a batch."""
        good = scores.valid
        if len(self) == self._length:
            good = good & (scores.objective(self._objective) <= self.values[-1])
        new = good.nonzero()[0]
        if not len(new):
            return
        cycles = np.concatenate([self.cycles, scores.cycles[new]])
        energy = np.concatenate([self.energy, scores.energy[new]])
        both = Scores(cycles, energy, np.zeros(len(cycles), dtype=np.int64))
        ranked = np.lexsort((energy, cycles, both.objective(self._objective)))
        different = np.ones(len(ranked), dtype=bool)
        different[1:] = (np.diff(cycles[ranked]) != 0) | (np.diff(energy[ranked]) != 0)
        kept = ranked[different][: self._length]
        found = candidates.take(new)
        together = found if self.candidates is None else join([self.candidates, found])
        self.candidates = together.take(kept)
        self.cycles, self.energy = cycles[kept], energy[kept]
