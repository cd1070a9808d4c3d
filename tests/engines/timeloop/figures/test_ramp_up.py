"""Units wait at the begin of a pass for what they hold, word by word."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.mapper._candidate_mapping import loop_mapping
from hwsim.engines.timeloop.mapper._expected_shares import ExpectedShares
from hwsim.engines.timeloop.mapper._scorer import Scorer
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.terms.constraints import Constraints
from hwsim.engines.timeloop.terms.machine import RampUp
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from tests.engines.timeloop.mapper.designs import convolution, gemm, inputs
from tests.engines.timeloop.mapper.test_rest_scorer import mixed
from tests.engines.timeloop.mapper.test_scorer import scorer_of


def waiting(space: MapSpace, number: int, ramp_up: RampUp | None) -> tuple[int, int]:
    """Cycles that are waited, and all others."""
    machine = replace(space.machine, ramp_up=ramp_up)
    mapping = loop_mapping(space, space.at([number]), 0)
    found = evaluate(space.problem, machine, mapping, SparseOptimizations())
    return found.waiting_cycles, found.cycles - found.waiting_cycles


def test_passes_times_what_all_units_hold() -> None:
    # A (M x K) in PEs: 4 rows of 2 at a time; B (K x N) a column of 2; outside 2 x 3 such tiles
    scorer = scorer_of(inputs(gemm(8, 5, 6), spad=4096, columns=8))
    space = scorer.space
    wanted = np.ones((len(space.nests), 3), dtype=np.int64)
    k, m, n = 2, 0, 1
    spad_time, grid, glb_time, dram_time = range(4)
    wanted[spad_time, k], wanted[grid, m] = 2, 4
    wanted[glb_time, n] = 5
    wanted[dram_time, k], wanted[dram_time, m] = 3, 2
    candidates = space.at([0])
    candidates.factors[:, :, 0] = wanted
    candidates.keep[:] = True
    (number,) = space.numbers(candidates)
    assert waiting(space, number, None)[0] == 0
    plain = waiting(space, number, None)[1]
    # six passes; 8 words of A at 4 a cycle, then 2 words of B at 1 a cycle
    assert waiting(space, number, RampUp(1, "A", {"A": 4.0, "B": 1.0})) == (6 * (2 + 2), plain)
    assert waiting(space, number, RampUp(1, "A", {"A": 3.0})) == (16, plain)
    assert waiting(space, number, RampUp(1, "A", {"A": 5.0})) == (10, plain)  # 9.6
    # each over its own bus: the longer of both
    assert waiting(space, number, RampUp(1, "A", {"A": 4.0, "B": 1.0}, True)) == (6 * 2, plain)
    assert waiting(space, number, RampUp(1, "A", {"A": 4.0, "B": 0.5}, True)) == (6 * 4, plain)
    # B is replaced at each of the 5 columns of each pass
    assert waiting(space, number, RampUp(1, "B", {"B": 1.0})) == (30 * 2, plain)
    # below DRAM a pass is a tile of the buffer
    assert waiting(space, number, RampUp(2, "A", {"A": 1.0})) == (6 * 8, plain)


@pytest.mark.parametrize("rests", [False, True])
def test_the_mapper_weighs_it(rests: bool) -> None:
    scorer = scorer_of(inputs(convolution(P=13, K=5), spad=900, glb=20000, columns=8))
    machine = replace(
        scorer.space.machine, ramp_up=RampUp(1, "Weights", {"Weights": 3.0, "Inputs": 1.0})
    )
    space = MapSpace(scorer.space.problem, machine, Constraints())
    own = Scorer(space, ExpectedShares(space.problem, machine, SparseOptimizations()))
    candidates = mixed(own, 300) if rests else space.sample(300, np.random.default_rng(1))
    scores = own.score(candidates)
    plain = scorer.score(candidates)
    valid = np.flatnonzero(scores.valid & (space.divide(candidates) != rests))[:20]
    assert len(valid) == 20
    for which in valid.tolist():
        mapping = loop_mapping(space, candidates, which)
        found = evaluate(space.problem, machine, mapping, SparseOptimizations())
        assert scores.cycles[which] == found.cycles == plain.cycles[which] + found.waiting_cycles
        assert found.waiting_cycles > 0
        assert scores.energy[which] == pytest.approx(found.energy, rel=1e-12)  # leakage
        assert scores.energy[which] > plain.energy[which]
