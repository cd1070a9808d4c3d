"""The search: all mappings of a small map space, else random ones refined by small changes.

Each round scores one batch: mostly changed copies of the best candidates so far (the better, the
more often), some fresh ones. When rounds have brought nothing better for a while, the search
starts anew from fresh candidates; what it had found is kept. With a budget in candidates the
result depends on nothing but the seed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from hwsim.engines.timeloop.mapper._best_candidates import BestCandidates
from hwsim.engines.timeloop.mapper._candidates import Candidates, join
from hwsim.engines.timeloop.mapper._downsizing import Downsizing
from hwsim.engines.timeloop.mapper._fit import Fault
from hwsim.engines.timeloop.mapper._moves import Moves
from hwsim.engines.timeloop.mapper._scorer import Scorer, Scores
from hwsim.engines.timeloop.mapper.objective import Budget
from hwsim.engines.timeloop.terms.problem import Ints

#: Rounds of twice the size and parents come less near to the best known in the same budget.
_BATCH, _PARENTS = 256, 24
#: Of a round, drawn anew.
_FRESH_SHARE = 0.1
#: Candidates kept for the exact evaluation at the end.
_ARCHIVE = 32
#: Rounds without gain before a new start.
_PATIENCE = 30
#: Changes of a candidate at most in one round.
_MOST_CHANGES = 4
#: Factors moved outwards at most to make a fresh, or a changed, candidate fit.
_FRESH_DOWNSIZING, _CHANGED_DOWNSIZING = 40, 4
#: Map spaces up to this size are searched in full, if the budget allows.
_FULL_SEARCH = 1_000_000

Stop = Literal["budget", "exhausted", "interrupted"]


class Batch(NamedTuple):
    """Candidates, and what does not fit of each: see :attr:`Scores.fault`."""

    candidates: Candidates
    fault: Ints

    def take(self, which: slice) -> Batch:
        """Pick some that follow each other."""
        return Batch(self.candidates.take(which), self.fault[which])


@dataclass
class Progress:
    """How far a search is.

    Parameters
    ----------
    scored, valid : int
        Mappings scored; those that fit.
    best : float
        Best objective so far.
    cycles, energy : float
        Of the best; pJ.
    share : float
        Of the budget that is spent, 0 to 1.
    """

    scored: int
    valid: int
    best: float
    cycles: float
    energy: float
    share: float


@dataclass
class SearchOutcome:
    """What a search has found.

    Parameters
    ----------
    best : BestCandidates
        The best candidates.
    scored, valid : int
        Mappings scored; those that fit.
    faults : dict of Fault to int
        How many did not fit, by reason.
    seconds : float
        Time taken.
    stopped : {'budget', 'exhausted', 'interrupted'}
        Why it ended.
    """

    best: BestCandidates
    scored: int = 0
    valid: int = 0
    faults: dict[Fault, int] = field(default_factory=dict)
    seconds: float = 0.0
    stopped: Stop = "budget"


class Search:
    """A search of one map space.

    Parameters
    ----------
    scorer : Scorer
        Scores candidates of the map space.
    objective : {'energy', 'delay', 'edp'}
        What is minimised.
    budget : Budget
        When to stop.
    seed : int
        Of the random numbers.
    report : callable, optional
        Called with a :class:`Progress` after each round.

    Attributes
    ----------
    outcome : SearchOutcome
        What has been found so far.
    """

    def __init__(
        self,
        scorer: Scorer,
        objective: str,
        budget: Budget,
        seed: int,
        report: Callable[[Progress], None] | None = None,
    ) -> None:
        self.scorer = scorer
        self._space = scorer.space
        self._objective = objective
        self._budget = budget
        self._random = np.random.default_rng(seed)
        self._moves = self._make_moves()
        self._downsizing = Downsizing(scorer.fit, self._moves)
        self._report = report
        self._start = time.perf_counter()
        self.outcome = SearchOutcome(BestCandidates(objective, _ARCHIVE))
        self._parents = BestCandidates(objective, _PARENTS)
        self._pool = Batch(self._space.at([]), np.empty(0, dtype=np.int64))

    def _make_moves(self) -> Moves:
        return Moves(self._space, self._random)

    def run(self) -> SearchOutcome:
        """Search; an interruption ends it early with what has been found."""
        try:
            for batch in self.batches():
                self.take_in(batch, self.scorer.score(*batch))
        except KeyboardInterrupt:
            if not len(self.outcome.best):
                raise
            self.outcome.stopped = "interrupted"
        return self.outcome

    def batches(self) -> Iterator[Batch]:
        """Propose candidates until the budget is spent, each batch after the one before was taken.

        See :meth:`take_in`.
        """
        for batch in self._all() if self._small else self._rounds():
            yield batch
            if self._spent >= 1:
                break
        if self._small and self.outcome.scored == self._space.size:
            self.outcome.stopped = "exhausted"

    @cached_property
    def _small(self) -> bool:
        limit = self._budget.candidates
        return self._space.size <= (_FULL_SEARCH if limit is None else min(limit, _FULL_SEARCH))

    @property
    def _spent(self) -> float:
        """Share of the budget."""
        if self._budget.candidates is not None:
            return self.outcome.scored / self._budget.candidates
        return (time.perf_counter() - self._start) / self._budget.seconds

    def _room(self) -> int:
        """Size of the next batch."""
        if self._budget.candidates is None:
            return _BATCH
        return min(_BATCH, self._budget.candidates - self.outcome.scored)

    def _checked(self, candidates: Candidates) -> Batch:
        return Batch(candidates, self.scorer.fit.faults_of(candidates))

    def _all(self) -> Iterator[Batch]:
        for first in range(0, self._space.size, _BATCH):
            numbers = range(first, min(first + _BATCH, self._space.size))
            yield self._checked(self._space.at(numbers))

    def _rounds(self) -> Iterator[Batch]:
        """Batches of a search that starts anew when it is stuck."""
        while True:
            self._parents = BestCandidates(self._objective, _PARENTS)
            stuck = 0
            batch = self._fresh(self._room())
            while stuck < _PATIENCE:
                best = self._parents.best
                yield batch
                stuck = 0 if self._parents.best < best else stuck + 1
                batch = self._next(self._room())

    def _fresh(self, count: int) -> Batch:
        """Random candidates, brought to fit where possible; made in large batches."""
        if len(self._pool.fault) < count:
            made = self._space.sample(_BATCH, self._random)
            self._pool = Batch(made, self._downsizing.run(made, _FRESH_DOWNSIZING))
        taken = self._pool.take(slice(0, count))
        self._pool = self._pool.take(slice(count, None))
        return taken

    def _next(self, count: int) -> Batch:
        parents = self._parents.candidates
        if parents is None:
            return self._fresh(count)
        fresh = min(count, max(1, round(count * _FRESH_SHARE)))
        chosen = (len(self._parents) * self._random.random(count - fresh) ** 2).astype(np.int64)
        changed = parents.take(chosen)
        fault = self._change(changed, self._random.integers(1, _MOST_CHANGES + 1, len(chosen)))
        drawn = self._fresh(fresh)
        return Batch(join([changed, drawn.candidates]), np.concatenate([fault, drawn.fault]))

    def _change(self, candidates: Candidates, times: Ints) -> Ints:
        for change in range(_MOST_CHANGES):
            which = (times > change).nonzero()[0]
            if len(which):
                self._moves.mutate(candidates, which)
        return self._downsizing.run(candidates, _CHANGED_DOWNSIZING)

    def take_in(self, batch: Batch, scores: Scores) -> None:
        """Learn the scores of a batch."""
        candidates = batch.candidates
        outcome = self.outcome
        outcome.scored += len(candidates)
        outcome.valid += int(scores.valid.sum())
        for number, count in enumerate(np.bincount(scores.fault)[1:].tolist()):
            if count:
                fault = self.scorer.fit.faults[number]
                outcome.faults[fault] = outcome.faults.get(fault, 0) + count
        outcome.best.add(candidates, scores)
        if not self._small:
            self._parents.add(candidates, scores)
        outcome.seconds = time.perf_counter() - self._start
        if self._report is not None and len(outcome.best):
            best = outcome.best
            self._report(
                Progress(
                    outcome.scored,
                    outcome.valid,
                    best.best,
                    float(best.cycles[0]),
                    float(best.energy[0]),
                    min(self._spent, 1.0),
                )
            )
