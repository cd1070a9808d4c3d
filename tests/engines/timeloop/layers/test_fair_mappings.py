"""Which mapping a variant takes beside those that it is compared with, by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hwsim.engines.timeloop.layers._fair_mappings import Trial, choose_mappings
from hwsim.pace import Pace, exceeds, ratio_limit

DENSE, HALF, NARROW = Pace(1.0, 1.0), Pace(0.5, 0.5), Pace(1.0, 0.125)


def trial(cycles: int, energy: float, pace: Pace = DENSE) -> Trial:
    return Trial(cycles, energy, pace)


def half(cycles: int, energy: float) -> Trial:
    return trial(cycles, energy, HALF)


def test_the_first_takes_the_best_of_all() -> None:
    """Its own is the first; that of the other is better for it by a quarter of its cycles."""
    rows = [[trial(80, 10), trial(60, 10)], [half(40, 7), half(30, 7)]]
    assert choose_mappings(rows, "edp") == [1, 1]


def test_each_takes_what_serves_it_best_where_both_gain() -> None:
    rows = [[trial(60, 10), trial(60, 11)], [half(30, 8), half(30, 7)]]
    assert choose_mappings(rows, "edp") == [0, 1]


def test_what_is_best_depends_on_the_objective() -> None:
    rows = [[trial(10, 10), trial(9, 12), trial(14, 8)]]
    assert choose_mappings(rows, "edp") == [0]
    assert choose_mappings(rows, "delay") == [1]
    assert choose_mappings(rows, "energy") == [2]


def test_a_mapping_that_trades_one_for_the_other_is_no_gain() -> None:
    """4 x 6.5 is less than 5 x 5.3; but the energy is higher than on the dense mapping."""
    rows = [[trial(10, 10), trial(10, 13)], [half(5, 5.3), half(4, 6.5)]]
    assert choose_mappings(rows, "edp") == [0, 0]
    rows[1][1] = half(6, 4.0)
    assert choose_mappings(rows, "edp") == [0, 0]


def test_a_mapping_that_the_first_passed_over_for_something_else_is_not_taken() -> None:
    """With 8 cycles in place of 10 it would have shown a ratio of 2.5 where 2 is the limit."""
    rows = [[trial(10, 10), trial(8, 13)], [half(5, 5), half(4, 5)]]
    assert choose_mappings(rows, "edp") == [0, 0]
    rows[0][1] = trial(12, 8.5)
    assert choose_mappings(rows, "edp") == [0, 0]
    rows[0][1] = trial(10, 10)
    assert choose_mappings(rows, "edp") == [0, 0]  # 10 over 4 stays too much


def test_one_that_does_not_fit_the_first_is_held_to_the_limit_alone() -> None:
    rows = [[trial(10, 10), None], [half(6, 5), half(5, 5)]]
    assert choose_mappings(rows, "edp") == [0, 1]
    rows[1][1] = half(4, 5)
    assert choose_mappings(rows, "edp") == [0, 0]


def test_that_of_the_first_stays_where_it_is_too_good_and_the_others_are_not_fair() -> None:
    """10 over 4 is too much on either; the second would cost less, and the first passed it over."""
    rows = [[trial(10, 10), trial(8, 13)], [half(4, 5), half(4, 4.9)]]
    assert choose_mappings(rows, "edp") == [0, 0]


def test_narrow_weights_are_faster_where_a_memory_held_up_the_wide_ones() -> None:
    slow = Pace(1.0, 1.0, slack=4.0)
    rows = [[trial(40, 10, slow), None], [trial(20, 5, NARROW), trial(10, 5, NARROW)]]
    assert choose_mappings(rows, "edp") == [0, 1]
    rows[1][1] = trial(9, 5, NARROW)
    assert choose_mappings(rows, "edp") == [0, 0]


def test_a_variant_that_the_first_ones_mapping_does_not_fit_has_its_own() -> None:
    rows = [[trial(10, 10), trial(12, 10)], [None, half(6, 6)]]
    assert choose_mappings(rows, "edp") == [0, 1]
    rows[1][1] = half(4, 6)  # beyond the limit, but there is nothing else; a run says so
    assert choose_mappings(rows, "edp") == [0, 1]


def test_of_equally_good_ones_the_first_is_taken() -> None:
    rows = [[trial(10, 10), trial(10, 10)], [half(5, 5), half(5, 5)]]
    assert choose_mappings(rows, "edp") == [0, 0]


COSTS = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=3, max_size=3)


@given(COSTS, COSTS)
def test_no_ratio_is_beyond_its_limit_and_nobody_pays_for_gains(first, second) -> None:
    """Operations of the second take at least half the time on every mapping."""
    wide = [trial(20 * cycles, energy) for cycles, energy in first]
    narrow = [
        half(10 * cycles + few, energy)
        for (cycles, _), (few, energy) in zip(first, second, strict=True)
    ]
    one, other = choose_mappings([wide, narrow], "edp")
    assert wide[one].cycles * wide[one].energy == min(t.cycles * t.energy for t in wide)
    assert narrow[other].no_worse(narrow[one])
    limit = ratio_limit(wide[one].pace, narrow[other].pace)
    assert not exceeds(wide[one].cycles, narrow[other].cycles, limit)
