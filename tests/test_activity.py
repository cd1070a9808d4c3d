"""Activity: every count says unit, component, action and operand, and it travels."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest

from hwsim.activity import ActionKey, Activity
from hwsim.activity_columns import ActivityColumns
from hwsim.errors import InputError
from hwsim.pace import Pace

READ = ("GlobalBuffer", "GLOBALBUFFER", "READ")
ACTIVITY = Activity(
    engine="sigma",
    cycles=7,
    counts={
        ActionKey(*READ, "weights"): 3,
        ActionKey(*READ, "activations"): 4.5,
        ActionKey(*READ, "unused activations"): 1.5,
        ActionKey("MSNetwork", "MULTIPLIER", "MULTIPLICATION"): 12,
    },
    instances={("GlobalBuffer", "GLOBALBUFFER"): 1},
    macs=24,
    effectual_macs=12,
    utilization=0.25,
    statistics={"Dataflow": "MK_STA_KN_STR", "Total_cycles": 7},
    levels={ActionKey("ReduceNetwork", "ADDER", "ADD_2_1"): (4, 2.5, 1)},
    pace=Pace(0.5, 0.25, 2.0, "skipped", "waiting"),
)


def test_a_table_that_knows_no_operands_sums_over_them() -> None:
    assert ACTIVITY.by_action() == {READ: 9, ("MSNetwork", "MULTIPLIER", "MULTIPLICATION"): 12}


def test_reads_that_nobody_waits_for_are_told_where_an_engine_knows() -> None:
    assert ACTIVITY.activation_reads == (6, 1.5)
    unknown = replace(ACTIVITY, counts={ActionKey(*READ, "activations"): 4.5})
    assert unknown.activation_reads is None
    all_unused = replace(ACTIVITY, counts={ActionKey(*READ, "unused activations"): 2})
    assert all_unused.activation_reads == (2, 2)


def test_an_activity_without_levels_reads_as_one_that_an_older_hwsim_wrote() -> None:
    flat = replace(ACTIVITY, levels={})
    assert "levels" not in flat.to_json()
    assert Activity.from_json(flat.to_json()) == flat


def test_a_key_of_three_is_nobodys() -> None:
    bare = Activity("x", 1, {("U", "C", "A"): 2}, {}, 1, 1, 1.0)  # type: ignore[dict-item]
    assert list(bare.counts) == [ActionKey("U", "C", "A", "")]
    assert next(iter(bare.counts)).operand == ""


def test_json_and_pickle_give_an_equal_activity() -> None:
    assert Activity.from_json(ACTIVITY.to_json()) == ACTIVITY
    assert pickle.loads(pickle.dumps(ACTIVITY)) == ACTIVITY


def test_an_engine_need_not_say_its_pace() -> None:
    silent = replace(ACTIVITY, pace=None)
    assert Activity.from_json(silent.to_json()) == silent


def test_numbers_of_numpy_become_plain_ones() -> None:
    one = Activity("x", np.int64(3), {}, {}, 1, 1, np.float64(0.5))  # type: ignore[arg-type]
    assert Activity.from_json(one.to_json()) == Activity("x", 3, {}, {}, 1, 1, 0.5)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "no activity of hwsim: JSONDecodeError: Expecting property name enclosed in double "),
        ("[]", "no activity of hwsim: TypeError: list indices must be integers or slices, not str"),
        ('{"activity": 1}', "no activity of hwsim: KeyError: 'engine'"),
        (
            '{"activity": 2}',
            "activity of version 2: this hwsim reads version 1; use the hwsim that wrote it",
        ),
    ],
)
def test_another_text_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InputError) as refusal:
        Activity.from_json(text)
    assert str(refusal.value).startswith(problem)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"cycles": -1}, "cycles should be a finite number, 0 or more. Got -1"),
        ({"macs": None}, "macs should be a finite number, 0 or more. Got None"),
        ({"effectual_macs": "x"}, "effectual_macs should be a finite number, 0 or more. Got 'x'"),
        (
            {"utilization": float("inf")},
            "utilization should be a finite number, 0 or more. Got inf",
        ),
        ({"counts": None}, "counts should be a mapping. Got None"),
        ({"levels": None}, "levels should be a mapping. Got None"),
        (
            {"levels": {("U", "C", "A"): (1, -2)}},
            "U C A on a level should be a finite number, 0 or more. Got -2",
        ),
        ({"statistics": []}, "statistics should be a mapping. Got []"),
        (
            {"counts": {("U", "C"): 1}},
            "counts should be of (unit, component, action, operand). Got ('U', 'C')",
        ),
        ({"counts": {("U", "C", "A", "weight"): 1}}, "U C A: unknown operand 'weight'; did you "),
        (
            {"counts": {("U", "C", "A"): float("nan")}},
            "U C A should be a finite number, 0 or more. Got nan",
        ),
        ({"counts": {("U", "C", "A"): -5}}, "U C A should be a finite number, 0 or more. Got -5"),
        ({"pace": 0.5}, "pace should be a Pace or None. Got 0.5"),
        ({"instances": {"UC": 1}}, "instances should be of (unit, component). Got 'UC'"),
        (
            {"instances": {("U", "C"): None}},
            "instances of U C should be a finite number, 0 or more. Got None",
        ),
    ],
)
def test_what_is_no_count_is_refused_by_name(wrong: dict[str, object], problem: str) -> None:
    with pytest.raises(InputError) as refusal:
        replace(ACTIVITY, **wrong)  # type: ignore[arg-type]
    assert str(refusal.value).startswith(f"activity of engine 'sigma': {problem}")


def test_one_of_several_side_by_side_is_what_it_is_alone() -> None:
    alone = [replace(ACTIVITY, pace=None, cycles=7), replace(ACTIVITY, pace=None, cycles=9, macs=8)]
    [spread] = ACTIVITY.levels
    several = ActivityColumns(
        keys=ACTIVITY.keys,
        cycles=[7, 9],
        macs=[each.macs for each in alone],
        effectual_macs=[ACTIVITY.effectual_macs] * 2,
        utilization=[ACTIVITY.utilization] * 2,
        counts={key: [count] * 2 for key, count in ACTIVITY.counts.items()},
        levels={spread: tuple([level] * 2 for level in ACTIVITY.levels[spread])},
        statistics={name: [value] * 2 for name, value in ACTIVITY.statistics.items()},
    )
    assert len(several) == 2
    for place, expected in enumerate(alone):
        for what in (
            lambda one: one,
            lambda one: pickle.loads(pickle.dumps(one)),
            copy.copy,
            lambda one: Activity.from_json(one.to_json()),
            lambda one: one.at_pace(ACTIVITY.pace),
        ):
            found = what(Activity.beside(several, place))
            assert found == replace(expected, pace=found.pace)
            assert found.keys is ACTIVITY.keys
            assert (found.depths, found.activation_reads) == (
                expected.depths,
                expected.activation_reads,
            )
            for name, value in expected.statistics.items():
                assert found.statistic(name) == value
            assert [found.count(key) for key in expected.counts] == [*expected.counts.values()]
            assert found.count(ActionKey("no", "such", "action")) == 0
        with pytest.raises(AttributeError, match="no attribute 'power'"):
            Activity.beside(several, place).power  # type: ignore[attr-defined]  # noqa: B018


def test_what_is_counted_is_one_object_for_all_who_count_the_same() -> None:
    other = replace(ACTIVITY, cycles=7)
    assert other.keys is ACTIVITY.keys
    assert pickle.loads(pickle.dumps(other)).keys is ACTIVITY.keys
    assert replace(ACTIVITY, engine="another").keys is not ACTIVITY.keys
    assert replace(ACTIVITY, counts={}, levels={}).keys is not ACTIVITY.keys
