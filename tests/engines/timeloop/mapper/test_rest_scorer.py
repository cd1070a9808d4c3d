"""Mappings with rests score as the engine evaluates them, alone or in a batch with others."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.mapper._candidate_mapping import loop_mapping
from hwsim.engines.timeloop.mapper._candidates import Candidates
from hwsim.engines.timeloop.mapper._rest_moves import RestMoves
from hwsim.engines.timeloop.mapper._scorer import Scorer
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError
from tests.engines.timeloop.mapper.designs import convolution, gemm, inputs
from tests.engines.timeloop.mapper.test_scorer import _PRICED, scorer_of

DESIGNS: dict[str, dict[str, Any]] = {
    "gemm": inputs(gemm(13, 7, 5), spad=200),
    "gemm_bandwidth": inputs(
        gemm(13, 14, 5),
        spad=200,
        glb_extra={"read_bandwidth": 2.5, "write_bandwidth": 1.5},
        spad_extra={"shared_bandwidth": 1.0},
    ),
    "gemm_network": inputs(gemm(13, 11, 9), spad=200, wire=0.1, macs=3, glb_extra=_PRICED),
    "gemm_clusters": inputs(gemm(13, 11, 9), spad=200, spad_extra={"width": 32, "cluster_size": 2}),
    "convolution": inputs(
        convolution(2, P=13, K=5, Q=5), spad=500, glb=20000, pes=12, wire=0.1, glb_extra=_PRICED
    ),
}


def mixed(scorer: Scorer, count: int) -> Candidates:
    """Candidates of which many leave rests."""
    random = np.random.default_rng(5)
    candidates = scorer.space.sample(count, random)
    moves = RestMoves(scorer.space, random)
    for _ in range(5):
        moves.mutate(candidates)
    return candidates


@pytest.mark.parametrize("name", DESIGNS)
def test_equals_the_engine(name: str) -> None:
    scorer = scorer_of(DESIGNS[name])
    space = scorer.space
    candidates = mixed(scorer, 600)
    scores = scorer.score(candidates)
    divide = space.divide(candidates)
    faults = scorer.fit.faults_of(candidates)
    for which in np.flatnonzero(~divide)[:40].tolist():
        assert faults[which] == scorer.fit.faults_of(candidates.take(slice(which, which + 1)))[0]
    rests = np.flatnonzero(scores.valid & ~divide)[:60].tolist()
    assert len(rests) >= 15
    refused = np.flatnonzero(~scores.valid & ~scorer.fit.fans_out_too_far(scores.fault))
    for which in [*rests, *np.flatnonzero(scores.valid & divide)[:20], *refused[:15].tolist()]:
        mapping = loop_mapping(space, candidates, which)
        try:
            found = evaluate(space.problem, space.machine, mapping, SparseOptimizations())
        except InputError:
            assert np.isinf(scores.cycles[which])
            continue
        assert scores.cycles[which] == found.cycles
        assert scores.energy[which] == pytest.approx(found.energy, rel=1e-12)
        assert found.compute.busy == math.prod(space.problem.bounds)
        alone = scorer.score(candidates.take(slice(which, which + 1)))
        assert alone.cycles[0] == scores.cycles[which]
        assert alone.energy[0] == scores.energy[which]
        assert (scorer.fit.faults_of(candidates.take(slice(which, which + 1)))[0] > 0) == (
            scores.fault[which] > 0
        )
