import gc

import numpy as np
import pytest

from hwsim.networks import filter_facts
from hwsim.networks.filter_facts import blocks_of, facts_of


@pytest.fixture
def passes(monkeypatch):
    """Count how often weights are looked through."""
    counted = []
    found = filter_facts._found
    monkeypatch.setattr(filter_facts, "_found", lambda w: counted.append(1) or found(w))
    return counted


@pytest.mark.parametrize("block", [1, 5, 1000])
def test_by_hand(monkeypatch, block):
    monkeypatch.setattr(filter_facts, "BLOCK", block)
    facts = facts_of(np.array([[[1.0], [-3]], [[0], [-0.0]], [[2], [0.5]]]))
    assert facts.largest.tolist() == [1, 0, 2]
    assert facts.smallest.tolist() == [-3, 0, 0.5]
    assert facts.magnitude.tolist() == [3, 0, 2]
    assert facts.mean_magnitude.tolist() == [2, 0, 1.25]
    assert facts.effectual == 4


def test_a_value_that_is_no_number_shows():
    facts = facts_of(np.array([[1.0, np.nan], [-np.inf, 0]]))
    assert np.isnan(facts.magnitude).tolist() == [True, False]
    assert facts.smallest[1] == -np.inf


@pytest.mark.parametrize(("value", "effectual"), [(2, 6), (0, 0)])
def test_one_value_for_all_is_looked_at_once(value, effectual):
    facts = facts_of(np.broadcast_to(np.float32(value), (2, 3)))
    assert facts.largest.tolist() == facts.smallest.tolist() == [value, value]
    assert facts.mean_magnitude.tolist() == [value, value]
    assert facts.effectual == effectual


@pytest.mark.parametrize("kind", [np.int8, np.float16, np.float64])
def test_numbers_of_any_kind_have_an_average(kind):
    weight = np.array([[-128, 0, 1], [127, 2, -4]]).astype(kind)
    assert facts_of(weight).mean_magnitude.tolist() == [43, 133 / 3]


def test_weights_that_nobody_can_change_are_looked_through_once(passes):
    fixed = np.frombuffer(np.arange(6, dtype=np.float32).tobytes(), np.float32).reshape(2, 3)
    assert facts_of(fixed) is facts_of(fixed)
    assert len(passes) == 1
    own = np.ones((2, 3))
    own.flags.writeable = False
    assert facts_of(own) is facts_of(own)
    assert len(passes) == 2


def test_others_are_looked_through_again(passes):
    own = np.arange(6.0).reshape(2, 3)
    view = own.view()
    view.flags.writeable = False
    assert facts_of(own).largest[1] == facts_of(view).largest[1] == 5
    own[1, 2] = 7
    assert facts_of(own).largest[1] == facts_of(view).largest[1] == 7
    assert len(passes) == 4


@pytest.mark.parametrize("kind", [np.int8, np.float16, np.float32, np.float64])
@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 9), (3, 7, 1, 2), (16, 16, 3, 3), (2, 9000), (300, 8)]
)
def test_facts_found_together_are_those_of_each(kind, shape):
    rng = np.random.default_rng(0)
    others = [rng.normal(0, 3, (4, 5)).astype(kind), np.ones(shape, np.uint8)]
    weights = [rng.normal(0, 30, shape) * rng.integers(0, 2, shape) for _ in range(7)]
    weights = [weight.astype(kind) for weight in weights] + others
    weights[1].flat[0], weights[2][:] = -100, 0
    for weight, facts in zip(weights, filter_facts.facts_of_all(weights), strict=True):
        alone = facts_of(weight)
        assert facts.largest.dtype == weight.dtype
        np.testing.assert_array_equal(facts.largest, alone.largest)
        np.testing.assert_array_equal(facts.smallest, alone.smallest)
        np.testing.assert_array_equal(facts.mean_magnitude, alone.mean_magnitude)
        assert facts.effectual == alone.effectual == np.count_nonzero(weight)


def test_facts_found_together_are_remembered(passes):
    fixed = [np.frombuffer(bytes([0, 0, 128, 63] * 6), np.float32).reshape(2, 3) for _ in "ab"]
    found = filter_facts.facts_of_all(fixed)
    assert [facts_of(weight) for weight in fixed] == found
    assert not passes


def test_what_is_known_goes_with_the_weights():
    gc.collect()
    before = len(filter_facts._known)
    fixed = np.frombuffer(bytes(24), np.float32).reshape(2, 3)
    facts_of(fixed)
    assert len(filter_facts._known) == before + 1
    del fixed
    gc.collect()
    assert len(filter_facts._known) == before


def test_blocks_cover_all_rows(monkeypatch):
    monkeypatch.setattr(filter_facts, "BLOCK", 7)
    rows = np.zeros((5, 3))
    assert [len(rows[piece]) for piece in blocks_of(rows)] == [2, 2, 1]
    assert [len(rows[:, :0][piece]) for piece in blocks_of(rows[:, :0])] == [5]
    wide = np.zeros((2, 9))
    assert [len(wide[piece]) for piece in blocks_of(wide)] == [1, 1]
