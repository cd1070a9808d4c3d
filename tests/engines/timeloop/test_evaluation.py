"""Mappings that cannot be evaluated are refused by name."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from hwsim.engines.timeloop.evaluation import _compute_cycles, evaluate
from hwsim.engines.timeloop.terms.mapping import LevelMapping, Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import make_problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError
from tests.engines.timeloop.nest.test_nest import machine

P, R = 0, 1
NO = (False,) * 3


def refusal(wide, there, keep=(True, True, True), window=1):
    """Of outputs spread over ``wide`` children (along X, along Y) on a mesh ``there``."""
    along_x, along_y = wide
    problem = make_problem(
        {"P": along_x * along_y, "R": window},
        {"W": [{"R": 1}], "I": [{"P": 1, "R": 1}], "O": [{"P": 1}]},
        ["O"],
    )
    in_time = (Loop(P, 1, 1, "time"), Loop(R, 1, 1, "time"))
    spread = (
        Loop(P, along_x, along_x, "x"),
        Loop(P, along_y, along_y, "y"),
        Loop(R, window, window, "y"),
    )
    levels = [
        LevelMapping(spatial, in_time, keep, NO, NO, NO, NO, NO) for spatial in ((), spread, ())
    ]
    found = machine(*there)
    splitting = replace(found.levels[0].read_network, distributes=True)
    levels_there = (replace(found.levels[0], read_network=splitting), *found.levels[1:])
    with pytest.raises(InputError) as caught:
        evaluate(
            problem,
            replace(found, levels=levels_there),
            LoopMapping(tuple(levels)),
            SparseOptimizations(),
        )
    return str(caught.value)


def test_more_units_than_any_machine_has():
    assert refusal((2001, 2000), (8, 8)) == (
        "mapping: the spatial factors ask for 4,002,000 compute units; at most 4,000,000 are "
        "modelled"
    )


def test_data_that_no_level_keeps():
    assert refusal((2, 2), (8, 8), keep=(True, False, True)) == (
        "mapping: no storage level keeps I; let at least one keep it"
    )


def test_a_network_that_cannot_split_unlike_multicasts():
    # windows of two points slide over two outputs: 0, 1, 1 and 2
    assert refusal((2, 1), (8, 8), window=2) == (
        "L0: network_type M:N needs one multicast factor for all children; choose spatial loops "
        "without sliding windows or another network"
    )


@pytest.mark.parametrize(
    ("wide", "there", "what"),
    [
        ((3, 3), (4, 2), "9 instances, but there are 8"),
        ((5, 1), (4, 2), "5 columns (meshX), but there are 4"),
        ((2, 3), (4, 2), "3 rows (meshY), but there are 2"),
    ],
)
def test_more_compute_units_than_there_are(wide, there, what):
    assert refusal(wide, there) == (
        f"MAC: the mapping uses {what}; lower the spatial factors, or move the split between X "
        "and Y"
    )


@pytest.mark.parametrize(
    ("how", "imbalance", "cycles"),
    [
        ("perfect", 1.0, 3),  # 10 operations on 4 units
        ("perfect", 1.5, 4),
        ("perfect", 2.0, 5),
        ("rests", 1.0, 6),  # 10 of 15, in 8 steps: 5.33
        ("rests", 1.5, 8),
        ("neither", 1.0, 8),
    ],
)
def test_cycles_of_computing(how, imbalance, cycles):
    mapping = SimpleNamespace(counts_rests=how == "rests", perfect=how == "perfect")
    compute = SimpleNamespace(busy=10, instances=4, dense=15, temporal_iterations=8)
    assert _compute_cycles(compute, mapping, imbalance) == cycles
    if how == "perfect":
        compute.instances = 0
        assert _compute_cycles(compute, mapping, imbalance) == 0
