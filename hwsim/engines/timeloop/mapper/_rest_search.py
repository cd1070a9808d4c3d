"""The search for better mappings with factors that do not divide, from the best that do."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper._rest_moves import RestMoves
from hwsim.engines.timeloop.mapper._scorer import Scorer
from hwsim.engines.timeloop.mapper.objective import Budget
from hwsim.engines.timeloop.mapper.search import Batch, Search

#: Other numbers of copies that a fresh candidate is given, and factors moved to make it fit.
_SPREADS, _DOWNSIZING = 4, 12


class RestSearch(Search):
    """A search whose fresh candidates are good ones, spread over other numbers of copies.

    Parameters
    ----------
    scorer, objective, budget, seed
        As of a :class:`Search`.
    start : Candidates
        Good mappings, whose factors divide.
    """

    def __init__(
        self, scorer: Scorer, objective: str, budget: Budget, seed: int, start: Candidates
    ) -> None:
        super().__init__(scorer, objective, budget, seed)
        self._begin = start

    def _make_moves(self) -> RestMoves:
        self._rest_moves = RestMoves(self._space, self._random)
        return self._rest_moves

    @property
    def possible(self) -> bool:
        """Whether the constraints leave any factor in space open."""
        return bool(self._rest_moves.spreads)

    @cached_property
    def _small(self) -> bool:
        return False

    def _fresh(self, count: int) -> Batch:
        chosen = self._random.integers(0, len(self._begin), count)
        found = self._begin.take(chosen)
        for _ in range(_SPREADS):
            self._rest_moves.spread(found, np.arange(count))
        return Batch(found, self._downsizing.run(found, _DOWNSIZING))
