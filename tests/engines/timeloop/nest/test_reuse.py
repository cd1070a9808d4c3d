"""Translations of tiles are told by numbers: by one or by several, it makes no difference."""

import numpy as np
import pytest

from hwsim.engines.timeloop.nest import _reuse
from hwsim.engines.timeloop.nest._reuse import Boxes
from tests.engines.timeloop.mapper.test_scorer import DESIGNS, scorer_of


@pytest.mark.parametrize("exact", [1.0, 5000.0])
def test_long_translations_take_several_numbers(monkeypatch, exact):
    scorer = scorer_of(DESIGNS["convolution_network"])  # windows slide, neighbours pass words on
    candidates = scorer.space.sample(200, np.random.default_rng(5))
    by_one = scorer.score(candidates)
    monkeypatch.setattr(_reuse, "_EXACT", exact)
    by_several = scorer.score(candidates)
    assert np.isfinite(by_one.cycles).any()
    assert by_several.cycles.tolist() == by_one.cycles.tolist()
    assert by_several.energy.tolist() == by_one.energy.tolist()


def test_numbers_are_read_back():
    projection = np.array([[1, 0], [0, -1], [1, 1]])
    told = _reuse._MoveNumbers([projection], np.array([5.0, 9.0]))
    moves = np.array([[3, -5, 0], [7, 9, -9], [-14, 14, 1]], dtype=float)
    weights = told.weights[:, 0]
    assert weights.shape == (1, 2)
    # of ranks of up to 5, 9 and 14: 1, 8 x 5 + 1 and 41 x (8 x 9 + 1)
    digits = np.array([1.0, 41.0, 41 * 73.0])
    assert weights[0].tolist() == [1 + 41 * 73, -41 + 41 * 73]
    which, lengths = told.within(0, (digits @ moves)[None], np.full((3, 3), 14.0))
    assert (which.tolist(), lengths.tolist()) == ([0, 1, 2], moves.tolist())
    # one is too long along the first rank, another along the last
    most = np.array([[2.0], [9.0], [13.0]]).repeat(3, axis=1)
    which, lengths = told.within(0, (digits @ moves)[None], most)
    assert (which.tolist(), lengths.tolist()) == ([2], [[0], [-9], [1]])


def test_a_tensor_without_ranks_is_a_point():
    boxes = Boxes([np.zeros((0, 2), dtype=np.int64), np.array([[1, 2]])])
    assert boxes.points(np.array([[3.0], [4.0]])).tolist() == [[1], [1 + 2 + 2 * 3]]
