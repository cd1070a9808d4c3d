"""The limit of a ratio of cycles: what two forms of a layer can differ by on one mapping."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.errors import InputError
from hwsim.pace import Pace, exceeds, limit_reason, peak_limit, ratio_limit

DENSE = Pace(1.0, 1.0)
HALF = Pace(0.5, 0.5)


def test_operations_alone_allow_one_over_what_is_left() -> None:
    assert ratio_limit(DENSE, HALF) == 2
    assert ratio_limit(DENSE, DENSE) == 1
    assert ratio_limit(HALF, Pace(0.25, 0.25)) == 2


def test_narrow_weights_count_only_as_far_as_memories_hold_the_layer_up() -> None:
    """An eighth of the traffic: no gain where operations set the pace, then up to the slack."""
    narrow = Pace(1.0, 0.125)
    assert ratio_limit(DENSE, narrow) == 1
    assert ratio_limit(Pace(1.0, 1.0, slack=3.0), narrow) == 3
    assert ratio_limit(Pace(1.0, 1.0, slack=20.0), narrow) == 8
    assert ratio_limit(Pace(1.0, 0.5, slack=20.0), narrow) == 4


def test_where_memories_play_no_part_the_slack_is_the_limit() -> None:
    assert ratio_limit(Pace(1.0, None, slack=3.0), Pace(0.5)) == 6
    assert ratio_limit(Pace(1.0, 1.0, slack=3.0), Pace(0.5)) == 6
    assert ratio_limit(Pace(1.0, None, slack=3.0), HALF) == 6


def test_what_takes_no_time_has_no_limit() -> None:
    assert ratio_limit(DENSE, Pace(0.0, 0.0)) == math.inf


def test_a_reason_says_slack_where_there_is_some() -> None:
    slow = Pace(1.0, 1.0, slack=2.0, zeros="of the dense", waiting="a memory")
    assert limit_reason(slow, Pace(0.5, zeros="skipped")) == "skipped; a memory"
    assert limit_reason(slow, Pace(0.5)) == "a memory"
    fast = Pace(1.0, 1.0, waiting="a memory")
    assert limit_reason(fast, Pace(0.5, zeros="skipped", waiting="x")) == "skipped"


def test_one_cycle_and_millionths_are_rounding() -> None:
    assert not exceeds(21, 10, 2.0)
    assert exceeds(22, 10, 2.0)
    assert not exceeds(20_000_041, 10_000_000, 2.0)  # 2 * (1 + 2e-6)
    assert exceeds(20_000_042, 10_000_000, 2.0)
    assert not exceeds(5, 10, 2.0)


@given(st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.01, 100))
def test_it_holds_on_one_mapping_whatever_sets_the_pace(
    zeros: float, width: float, memory: float, operations: float
) -> None:
    """The slower of operations and memory, for both forms; their shares are known exactly."""
    dense, other = max(operations, memory), max(operations * zeros, memory * zeros * width)
    limit = ratio_limit(
        Pace(1.0, 1.0, slack=dense / operations), Pace(zeros, zeros * width, slack=1.0)
    )
    assert dense / other <= limit * (1 + 1e-9)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"operations": 1.01}, "operations should be a share, 0 to 1. Got 1.01"),
        ({"operations": -0.1}, "operations should be a share, 0 to 1. Got -0.1"),
        ({"operations": None}, "operations should be a share, 0 to 1. Got None"),
        ({"memories": 1.01}, "memories should be a share, 0 to 1. Got 1.01"),
        ({"memories": "x"}, "memories should be a share, 0 to 1. Got 'x'"),
        ({"slack": 0.99}, "slack should be a number, 1 or more. Got 0.99"),
        ({"slack": math.inf}, "slack should be a number, 1 or more. Got inf"),
        ({"slack": math.nan}, "slack should be a number, 1 or more. Got nan"),
    ],
)
def test_what_is_no_pace_is_refused(wrong: dict[str, float], problem: str) -> None:
    with pytest.raises(InputError) as refusal:
        Pace(**{"operations": 1.0, **wrong})
    assert str(refusal.value) == f"pace: {problem}"


def test_another_machine_is_at_best_at_its_peak() -> None:
    """Of 1000 operations a quarter is left, with half of the activations: 125 on 50 units."""
    assert peak_limit(100, Pace(0.25), 1000, 50, 0.5) == 100 / (125 / 50)
    assert peak_limit(100, Pace(1.0), 1000, 10, 1.0) == 1
    assert peak_limit(100, Pace(0.0), 1000, 10, 1.0) == math.inf


@pytest.mark.parametrize("waits", [-0.1, 1.1, math.nan, "a"])
def test_waiting_is_a_share(waits: object) -> None:
    with pytest.raises(InputError) as error:
        Pace(1.0, waits=waits)  # type: ignore[arg-type]
    assert str(error.value) == f"pace: waits should be a share, 0 to 1. Got {waits!r}"
    assert Pace(1.0, waits=0.0).waits == 0
    assert Pace(1.0, waits=1.0).waits == 1
