"""Several searches in step: their batches are scored together where scorers are alike.

Scoring takes a fixed time for a batch and some for each candidate; batches of one search are small,
as each learns from the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from hwsim.engines.timeloop.mapper._candidates import join
from hwsim.engines.timeloop.mapper._scorer import Scores
from hwsim.engines.timeloop.mapper.search import Batch, Search
from hwsim.errors import EngineError


def run_in_step(searches: Sequence[Search], is_ended: Callable[[], bool] = lambda: False) -> None:
    """Run searches, each of which finds what it would find by itself.

    Parameters
    ----------
    searches : sequence of Search
        The searches.
    is_ended : callable
        Asked in each round whether nobody wants the mappings any more.

    Raises
    ------
    EngineError
        If nobody does.
    """
    groups: list[list[Search]] = []
    for search in searches:
        alike = (group for group in groups if group[0].scorer.is_like(search.scorer))
        if (group := next(alike, None)) is not None:
            group.append(search)
        else:
            groups.append([search])
    for group in groups:
        _run_alike(group, is_ended)


def _run_alike(searches: Sequence[Search], is_ended: Callable[[], bool]) -> None:
    proposing = [(search, search.batches()) for search in searches]
    while proposing:
        if is_ended():
            raise EngineError("the search of a mapping was ended")
        proposed = [(*each, next(each[1], None)) for each in proposing]
        proposing = [(search, batches) for search, batches, batch in proposed if batch is not None]
        given = [(search, batch) for search, _, batch in proposed if batch is not None]
        for (search, batch), scores in zip(given, _scores(given), strict=True):
            search.take_in(batch, scores)


def _scores(given: Sequence[tuple[Search, Batch]]) -> Iterator[Scores]:
    """Score batches together; give those of each in turn."""
    if not given:
        return
    batches = [batch for _, batch in given]
    counts = [len(batch.fault) for batch in batches]
    lengths = [search.scorer.space.lengths for search, _ in given]
    scores = given[0][0].scorer.score(
        join([batch.candidates for batch in batches]),
        np.concatenate([batch.fault for batch in batches]),
        np.repeat(np.concatenate(lengths, axis=1), counts, axis=1),
    )
    first = 0
    for count in counts:
        yield scores.take(slice(first, first + count))
        first += count
