"""How many cycles a layer on EIE takes at least, and what a ratio can be at most."""

from __future__ import annotations

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.engines import load_engine
from hwsim.engines.eie.column_pace import AskedFor, column_pace
from hwsim.pace import exceeds, ratio_limit
from hwsim.workload import Activations, Workload

DENSE = AskedFor(activations=10, weights=80, products=80, waits=5)
SPARSE = AskedFor(activations=10, weights=80, products=50, waits=5)


def test_products_are_shared_out_and_an_activation_takes_a_cycle():
    assert DENSE.fewest_cycles(80, 4) == 5 + 20
    assert SPARSE.fewest_cycles(50, 4) == 5 + 12.5
    assert SPARSE.fewest_cycles(39, 4) == SPARSE.fewest_cycles(0, 4) == 5 + 10


def test_blocks_follow_one_another():
    pace = column_pace([DENSE, SPARSE], 4, 65, 64)
    assert pace.operations == (25 + 17.5) / 50
    assert pace.slack == 65 / 42.5
    assert pace.memories is None
    assert pace.zeros == (
        "zero weights are skipped, 81.25 % are left; an activation takes a cycle at least"
    )
    assert pace.waiting == "PEs wait for the one with the most weights"
    assert column_pace([SPARSE], 4, 65, 65).waiting == "DRAM sets the pace"


def test_the_limit_is_the_dense_time_over_the_fewest_cycles():
    dense = column_pace([DENSE], 4, 30, 0)
    assert ratio_limit(dense, column_pace([SPARSE], 4, 18, 0)) == pytest.approx(30 / 17.5)
    assert column_pace([DENSE], 4, 25, 0).slack == 1


def test_no_activation_asks_for_nothing():
    pace = column_pace([AskedFor(activations=0, weights=0, products=0, waits=7)], 4, 7, 0)
    assert (pace.operations, pace.slack) == (1, 1)
    assert pace.zeros.startswith("zero weights are skipped, 100 % are left")


def simulated(levels, activations, pes):
    layer = Workload("a", levels, activations.nonzeros.shape[1], "linear", activations=activations)
    return load_engine("eie").simulate(layer, load_arch("eie", {"pes": pes, "accumulators": 4}))


def test_engines_count_what_is_asked_for():
    there = np.array([[[True, False, True], [True, True, True]]])
    levels = np.array([[[1, 1, 0], [0, 1, 0], [0, 1, 1]]], np.int8)
    found = simulated(levels, Activations(nonzeros=there), 2).pace
    # Columns 0, 2, 0, 1, 2 are sent: 1, 1, 1, 3 and 1 products of 15; a vector waits 4 + 1 cycles.
    assert found.operations == (10 + 5) / (10 + 15 / 2)
    assert found.zeros.startswith("zero weights are skipped, 46.67 % are left")


def test_no_ratio_is_beyond_its_limit():
    tight = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        filters, columns, pes = (int(random.integers(1, most)) for most in (60, 30, 9))
        there = Activations(nonzeros=random.random((1, 3, columns)) < random.random())
        levels = np.ones((1, filters, columns), np.int8)
        dense = simulated(levels, there, pes)
        found = simulated(levels * (random.random(levels.shape) < random.random()), there, pes)
        limit = ratio_limit(dense.pace, found.pace)
        assert not exceeds(dense.cycles, found.cycles, limit)
        assert limit <= dense.cycles / 5
        tight += dense.cycles / found.cycles > 0.9 * limit
    assert tight > 3
