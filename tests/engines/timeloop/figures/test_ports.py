"""Data spaces with ports of their own do not wait for one another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.figures.storage_figures import bandwidth_share
from hwsim.engines.timeloop.mapper._candidate_mapping import loop_mapping
from hwsim.engines.timeloop.mapper._expected_shares import ExpectedShares
from hwsim.engines.timeloop.mapper._scorer import Scorer
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.terms.constraints import Constraints
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from tests.engines.timeloop.mapper.designs import convolution, gemm, inputs
from tests.engines.timeloop.mapper.test_scorer import scorer_of

GLB = 1


def with_ports(machine: Machine, **ports: tuple[float, float]) -> Machine:
    levels = list(machine.levels)
    levels[GLB] = replace(levels[GLB], ports=ports)
    return replace(machine, levels=tuple(levels))


def test_the_scarcest_port_sets_the_share() -> None:
    level = scorer_of(inputs(gemm(8, 5, 6), spad=4096, columns=8)).space.machine.levels[GLB]
    free = replace(level, read_bandwidth=None, write_bandwidth=None, shared_bandwidth=None)
    wanted = {
        "A": (np.array([8.0, 2.0]), np.array([0.0, 3.0])),
        "Z": (np.array([1.0, 1.0]), np.array([4.0, 4.0])),
    }
    assert bandwidth_share(free, wanted).tolist() == [1, 1]
    own = replace(free, ports={"A": (4.0, 1.0)})
    assert bandwidth_share(own, wanted).tolist() == [0.5, 1 / 3]
    both = replace(free, ports={"A": (16.0, 6.0), "Z": (2.0, 3.0)})
    assert bandwidth_share(both, wanted).tolist() == [0.75, 0.75]
    # what all share still holds
    assert bandwidth_share(replace(both, read_bandwidth=3.0), wanted).tolist() == [1 / 3, 0.75]
    assert bandwidth_share(replace(both, write_bandwidth=1.0), wanted).tolist() == [0.25, 1 / 7]
    assert bandwidth_share(replace(both, shared_bandwidth=5.0), wanted).tolist() == [5 / 13, 0.5]


def test_a_memory_takes_as_long_as_its_slowest_port() -> None:
    # 4 PEs of 2 x 5 products a pass, 6 passes: 60 cycles; each pass gets 8 words of A
    space = scorer_of(inputs(gemm(8, 5, 6), spad=4096, columns=8)).space
    wanted = np.ones((len(space.nests), 3), dtype=np.int64)
    k, m, n = 2, 0, 1
    wanted[0, k], wanted[1, m], wanted[2, n], wanted[3, k], wanted[3, m] = 2, 4, 5, 3, 2
    candidates = space.at([0])
    candidates.factors[:, :, 0] = wanted
    candidates.keep[:] = True
    mapping = loop_mapping(space, candidates, 0)
    cycles = [
        evaluate(
            space.problem, with_ports(space.machine, **ports), mapping, SparseOptimizations()
        ).cycles
        for ports in ({}, {"A": (0.5, 100.0)}, {"A": (100.0, 0.4)}, {"A": (1.0, 1.0)})
    ]
    assert cycles == [60, 48 / 0.5, 48 / 0.4, 60]


def test_the_mapper_weighs_it() -> None:
    plain = scorer_of(inputs(convolution(P=13, K=5), spad=900, glb=20000, columns=8))
    machine = with_ports(plain.space.machine, Weights=(0.5, 0.2), Outputs=(0.3, 0.3))
    space = MapSpace(plain.space.problem, machine, Constraints())
    own = Scorer(space, ExpectedShares(space.problem, machine, SparseOptimizations()))
    candidates = space.sample(300, np.random.default_rng(1))
    scores, before = own.score(candidates), plain.score(candidates)
    valid = np.flatnonzero(scores.valid)[:20]
    for which in valid.tolist():
        mapping = loop_mapping(space, candidates, which)
        found = evaluate(space.problem, machine, mapping, SparseOptimizations())
        assert scores.cycles[which] == found.cycles
        assert scores.energy[which] == pytest.approx(found.energy, rel=1e-12)
    assert (scores.cycles[valid] > before.cycles[valid]).any()
