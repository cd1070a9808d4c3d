"""Position skipping: rounds of units over the positions of a tile that hold something."""

import copy
import math
from itertools import combinations

import numpy as np
import pytest

import hwsim
from hwsim.engines.timeloop.sparse.position_skipping import PositionSkip, skip_positions
from hwsim.engines.timeloop.sparse.rounding import TIMELOOP
from hwsim.engines.timeloop.spec import read_evaluation_inputs, read_inputs
from hwsim.engines.timeloop.spec.sparse import sparse_document
from hwsim.errors import InputError
from tests.engines.timeloop.designs import gemm, spatial, table, temporal, three_levels
from tests.engines.timeloop.sparse.parts import compute, tile

#: Tiles of 8 positions of A, which four units take side by side in two rounds.
MAPPING = [
    temporal("DRAM", "M=1 N=2 K=4"),
    temporal("GLB", "M=1 N=1 K=1"),
    temporal("Spad", "M=2 N=1 K=1"),
    spatial("Spad", "M=4 N=1 K=1"),
]


def four_units():
    architecture = three_levels(1)
    architecture["subtree"][0]["subtree"][0]["subtree"][0]["local"][1]["name"] = "MAC[0..3]"
    return architecture


def skipping(*spaces, at="Spad", **more):
    listed = [{"type": "position-skipping", "target": name, **more} for name in spaces]
    return {"targets": [{"name": at, "action_optimization": listed}]}


def inputs(density, sparse, **changes):
    given = {
        "architecture": four_units(),
        "problem": gemm(8, 2, 4, **density),
        "mapping": copy.deepcopy(MAPPING),
        "ERT": table(1),
        "sparse_optimizations": sparse,
    }
    return {**given, **changes}


def working(density, sparse=None):
    """Share of the four units that work on average."""
    sparse = skipping("A", condition_on=[]) if sparse is None else sparse
    evaluation = hwsim.evaluate_timeloop(inputs({"A": density}, sparse)).evaluation
    return evaluation.compute.instances / evaluation.compute.units


def rounds(masks):
    """Walk tiles of 8 positions on 4 units, round by round: how many work, of those there."""
    shares = []
    for mask in masks:
        left, works, there = sum(mask), 0, 0
        while left:
            works, there, left = works + min(left, 4), there + 4, max(left - 4, 0)
        shares += [works / there] if there else []
    return sum(shares) / len(shares)


def test_it_is_told_that_the_release_ends_there():
    notes = hwsim.evaluate_timeloop(inputs({"A": 0.5}, skipping("A", "B"))).notes
    assert notes == (
        "sparse_optimizations: position-skipping is that of the MICRO 2022 artifact: A at Spad, "
        "B at Spad. Timeloop's release does not know it and ends there",
    )


def test_of_known_zeros_every_tile_is_walked():
    mask = np.random.default_rng(3).random((8, 4)) < 0.4
    found = working({"distribution": "actual", "data": mask})
    assert found == pytest.approx(rounds(mask.T.tolist()), rel=1e-12)


def test_of_a_random_tensor_every_tile_that_could_be():
    """A tile of 8 of the 32 points, 13 of which are not zero: all ways to draw them."""
    density = {"distribution": "hypergeometric", "density": 13 / 32}
    chances = [math.comb(13, k) * math.comb(19, 8 - k) / math.comb(32, 8) for k in range(9)]
    expected = sum(chance * rounds([[1] * k]) for k, chance in enumerate(chances) if k) / sum(
        chances[1:]
    )
    assert working(density) == pytest.approx(expected, rel=1e-12)
    small = [mask for k in range(1, 5) for mask in combinations(range(4), k)]
    assert rounds([[1] * len(mask) for mask in small]) < 1


@pytest.mark.parametrize(
    ("density", "expected"), [(1.0, 1.0), (0.5, 1.0), (0.625, 5 / 8), (0.25, 0.5), (0.0, 1.0)]
)
def test_regular_zeros(density, expected):
    assert working(density) == expected


@pytest.mark.parametrize(("density", "cycles"), [(1.0, 16), (0.625, 16), (0.5, 8), (0.25, 8)])
def test_cycles_are_rounds(density, cycles):
    """Eight tiles of 8 positions on 4 units: two rounds each, or one."""
    found = hwsim.evaluate_timeloop(inputs({"A": density}, skipping("A")))
    assert found.cycles == cycles
    assert found.levels["MAC"]["Actual Computes (total)"] == 64 * density


def read_of_b(density, factors, outside="M=1 N=1 K=1"):
    """Reads of B and those of the dense A, with these loops around the units in space."""
    maps = copy.deepcopy(MAPPING)
    maps[1]["factors"] = outside
    maps[2]["factors"], maps[2]["permutation"] = factors
    maps[0]["factors"] = "M=1 N=0 K=0"
    label = "Actual scalar reads (per-instance)"
    found = [
        hwsim.evaluate_timeloop(inputs({"A": density}, sparse, mapping=maps)).levels["Spad"]["B"]
        for sparse in (skipping("A"), {"targets": []})
    ]
    return [labels[label] for labels in found]


def test_a_round_fewer_reads_the_other_operand_once_less():
    """Where its words come anew in every round; if the unit holds them, they come once anyway."""
    assert read_of_b(0.5, ("M=2 N=2 K=1", "NMK")) == [8, 16]
    assert read_of_b(0.5, ("M=2 N=1 K=1", "MNK")) == [8, 8]
    assert read_of_b(0.5, ("M=2 N=1 K=1", "MNK"), "M=1 N=2 K=1") == [8, 8]


@pytest.mark.parametrize(("times", "fewer"), [(0, 0), (1, 1), (2, 1), (3, 3), (4, 2)])
def test_only_what_comes_in_every_round_comes_less_often(times, fewer):
    """Two words, so often in each of 4 passes, of which a half of the 2 rounds is left."""
    tiles, units = [[tile(8)], [tile(2, reads=2 * 4 * times)]], compute(32, units=4)
    skip = PositionSkip(level=0, space=0, working=0.75, rounds=2, left=0.5, passes=4)
    skip_positions([skip], tiles, units, TIMELOOP)
    assert tiles[1][0].counts["random_read"] == 2 * 4 * fewer
    assert units.instances == 3


def test_where_only_densities_are_known_reads_are_rounded():
    """16 reads in two rounds: of 13 non-zeros in 32 points a tile of 8 often holds 4 at most."""
    chances = [math.comb(13, k) * math.comb(19, 8 - k) / math.comb(32, 8) for k in range(9)]
    mean_rounds = sum(chance * math.ceil(k / 4) for k, chance in enumerate(chances))
    assert 16 * mean_rounds / 2 == pytest.approx(9.14, abs=0.001)
    density = {"distribution": "hypergeometric", "density": 13 / 32}
    assert read_of_b(density, ("M=2 N=2 K=1", "NMK")) == [9, 16]


def test_two_units_take_the_positions_of_a_tile_in_pairs():
    """Five positions of eight in three rounds, of which the last has work for one."""
    maps = copy.deepcopy(MAPPING)
    maps[2]["factors"], maps[3]["factors"] = "M=4 N=1 K=1", "M=2 N=1 K=1"
    found = hwsim.evaluate_timeloop(inputs({"A": 0.625}, skipping("A"), mapping=maps))
    assert found.evaluation.compute.instances == pytest.approx(2 * 5 / 6)


@pytest.mark.parametrize(("past", "reads"), [("A", [16, 16]), ("A B", [8, 16])])
def test_what_a_memory_inside_holds_is_filled_as_often(past, reads):
    """Each word of B leaves the GLB in both rounds, to units or to the Spad."""
    maps = copy.deepcopy(MAPPING)
    maps[0]["factors"], maps[2]["factors"] = "M=1 N=1 K=4", "M=1 N=1 K=1"
    maps[1]["factors"], maps[1]["permutation"] = "M=2 N=2 K=1", "NMK"
    maps.append({"target": "Spad", "type": "bypass", "bypass": past.split()})
    label = "Actual scalar reads (per-instance)"
    found = [
        hwsim.evaluate_timeloop(inputs({"A": 0.5}, sparse, mapping=maps)).levels["GLB"]["B"][label]
        for sparse in (skipping("A", at="GLB"), {"targets": []})
    ]
    assert found == reads


def test_positions_go_past_memories_that_do_not_keep_them():
    bypass = {"target": "Spad", "type": "bypass", "bypass": ["A"]}
    given = inputs({"A": 0.625}, skipping("A", at="GLB"), mapping=[*MAPPING, bypass])
    compute = hwsim.evaluate_timeloop(given).evaluation.compute
    assert compute.instances == 4 * 5 / 8


def test_both_operands_and_a_tensor_that_units_share():
    """Of B no loop in space chooses: its positions are handed out one a round."""
    density = {"A": 0.625, "B": 0.5}
    evaluation = hwsim.evaluate_timeloop(inputs(density, skipping("A", "B"))).evaluation
    assert evaluation.compute.instances == 4 * 5 / 8


def test_what_is_read_is_written():
    given = inputs({"A": 0.5}, skipping("A", "B"))
    problem, machine, _, sparse = read_evaluation_inputs(read_inputs(given))
    document = sparse_document(problem, machine, sparse)
    again = read_evaluation_inputs(read_inputs({**given, **document}))[3]
    assert again == sparse
    assert sparse.position_skips == {0: (0, 1)}


@pytest.mark.parametrize(
    ("sparse", "words"),
    [
        (
            skipping("A", condition_on=["B"]),
            "inputs: sparse_optimizations.targets[0].action_optimization[0].condition_on: "
            "positions of A are skipped by its own zeros; leave the list empty",
        ),
        (
            skipping("A", "A"),
            "inputs: sparse_optimizations.targets[0].action_optimization[1].target: positions of A "
            "are skipped twice",
        ),
        (
            {"targets": [{"name": "Spad", "action_optimization": [{"type": "position"}]}]},
            "inputs: sparse_optimizations.targets[0].action_optimization[0].type: unknown type "
            "'position'; did you mean 'position_skipping'?",
        ),
    ],
)
def test_what_is_refused(sparse, words):
    with pytest.raises(InputError) as refused:
        hwsim.evaluate_timeloop(inputs({"A": 0.5}, sparse))
    assert str(refused.value) == words


def refusal(sparse, *more, **changes):
    given = inputs({"A": 0.5}, sparse, **{"mapping": [*MAPPING, *more], **changes})
    with pytest.raises(InputError) as refused:
        hwsim.evaluate_timeloop(given)
    return str(refused.value)


def test_levels_that_cannot_skip_positions():
    bypass = {"target": "Spad", "type": "bypass", "bypass": ["A"]}
    assert refusal(skipping("A"), bypass) == (
        "Spad skips positions of A, which the mapping does not keep there"
    )
    assert refusal(skipping("A", at="GLB")) == (
        "GLB skips positions of A, which another memory keeps inside it; positions are handed out "
        "to compute units"
    )
    assert refusal(skipping("A", at="DRAM"), bypass) == (
        "DRAM skips positions of A, which another memory keeps inside it; positions are handed out "
        "to compute units"
    )
    along = copy.deepcopy(MAPPING)
    along[0]["factors"], along[3]["factors"] = "M=4 N=2 K=1", "M=1 N=1 K=4"
    assert refusal(skipping("A", "B"), mapping=along) == (
        "Spad: units side by side along K would take positions of A and of B at once; skip those "
        "of one of them"
    )
