"""The batched analysis equals the engine, mapping by mapping."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.mapper._candidate_mapping import loop_mapping
from hwsim.engines.timeloop.mapper._expected_shares import ExpectedShares
from hwsim.engines.timeloop.mapper._scorer import Scorer
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.spec import read_inputs, read_machine, read_problem
from hwsim.engines.timeloop.spec.constraints import read_constraints
from hwsim.engines.timeloop.terms.constraints import Constraints
from hwsim.engines.timeloop.terms.machine import Interconnect
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError
from tests.engines.timeloop.mapper.designs import convolution, gemm, inputs

_PRICED = {
    "router_energy": 0.7,
    "energy_per_hop": 0.3,
    "energy_per_ingress": 0.2,
    "addr_gen_energy": 0.05,
}
_DENIALS = [
    {"target": "GLB", "type": "spatial", "no_multicast_no_reduction": ["A"]},
    {"target": "GLB", "type": "spatial", "no_link_transfer": ["B"]},
    {"target": "Spad", "type": "temporal", "no_temporal_reuse": ["A", "Z"]},
    {"target": "GLB", "type": "temporal", "rmw_first_update": ["Z"]},
]

DESIGNS: dict[str, dict[str, Any]] = {
    "gemm": inputs(spad=200),
    "gemm_bandwidth": inputs(
        spad=200,
        glb_extra={
            "read_bandwidth": 2.5,
            "write_bandwidth": 1.5,
            "per_dataspace_bandwidth_consumption_scale": {"A": 0.5, "Z": 3.0},
        },
        spad_extra={"shared_bandwidth": 1.0},
    ),
    "gemm_network": inputs(spad=200, wire=0.1, glb_extra=_PRICED, spad_extra=_PRICED),
    "gemm_many_macs": inputs(spad=500, macs=2, spad_extra=_PRICED),
    "gemm_denied": inputs(spad=300, constraints=_DENIALS),
    "gemm_no_additions_in_glb": inputs(
        spad=200, glb_extra={**_PRICED, "reduction_supported": False, "multiple_buffering": 2}
    ),
    "convolution": inputs(convolution(), spad=500, glb=20000),
    "convolution_stride": inputs(convolution(stride=2, dilation=2), spad=900, glb=20000, columns=8),
    "convolution_network": inputs(
        convolution(P=12, K=4), spad=500, glb=20000, pes=12, columns=3, wire=0.1, glb_extra=_PRICED
    ),
    "convolution_many_macs": inputs(convolution(), spad=900, glb=20000, macs=3),
    "convolution_split_multicasts": inputs(
        convolution(),
        spad=900,
        glb=20000,
        macs=2,
        glb_extra=_PRICED,
        spad_extra={**_PRICED, "network_type": "M:N"},
    ),
    "gemm_no_coalesce": inputs(
        spad=300,
        wire=0.1,
        constraints=[{"target": "GLB", "type": "datatype", "no_coalesce": ["Z", "A"]}],
    ),
    "ones": inputs(gemm(1, 1, 1)),
}


def scorer_of(design: dict[str, Any]) -> Scorer:
    merged = read_inputs(design)
    problem = read_problem(merged)
    machine = read_machine(merged, [space.name for space in problem.data_spaces])
    space = MapSpace(problem, machine, read_constraints(merged, problem, machine))
    return Scorer(space, ExpectedShares(problem, machine, SparseOptimizations()))


def _of_engine(scorer: Scorer, candidates: Any, which: int) -> tuple[float, float]:
    space = scorer.space
    mapping = loop_mapping(space, candidates, which)
    try:
        found = evaluate(space.problem, space.machine, mapping, SparseOptimizations())
    except InputError:
        return np.inf, np.inf
    return found.cycles, found.energy


@pytest.mark.parametrize("name", DESIGNS)
def test_equals_the_engine(name: str) -> None:
    scorer = scorer_of(DESIGNS[name])
    candidates = scorer.space.sample(600, np.random.default_rng(7))
    scores = scorer.score(candidates)
    valid = np.flatnonzero(scores.valid)
    assert len(valid) >= 40
    # The engine lets one level's children stand where another's could: fan-outs are stricter here.
    refused = np.flatnonzero(~scores.valid & ~scorer.fit.fans_out_too_far(scores.fault))
    for which in [*valid[:60].tolist(), *refused[:10].tolist()]:
        cycles, energy = _of_engine(scorer, candidates, which)
        assert scores.cycles[which] == cycles
        assert scores.energy[which] == pytest.approx(energy, rel=1e-13)


@settings(max_examples=12, deadline=None)
@given(
    bounds=st.fixed_dictionaries(
        {
            "R": st.sampled_from([1, 2, 3]),
            "S": st.sampled_from([1, 3]),
            "P": st.sampled_from([2, 4, 6]),
            "Q": st.sampled_from([1, 4]),
            "C": st.sampled_from([1, 4]),
            "K": st.sampled_from([1, 4, 6]),
            "N": st.sampled_from([1, 2]),
        }
    ),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 2),
    columns=st.sampled_from([1, 2, 4, 8]),
    seed=st.integers(0, 2**32),
)
def test_equals_the_engine_on_any_convolution(
    bounds: dict[str, int], stride: int, dilation: int, columns: int, seed: int
) -> None:
    problem = convolution(stride, dilation, **bounds)
    scorer = scorer_of(
        inputs(problem, spad=300, glb=4000, columns=columns, glb_extra=_PRICED, macs=2)
    )
    candidates = scorer.space.sample(200, np.random.default_rng(seed))
    scores = scorer.score(candidates)
    for which in np.flatnonzero(scores.valid)[:10].tolist():
        cycles, energy = _of_engine(scorer, candidates, which)
        assert scores.cycles[which] == cycles
        assert scores.energy[which] == pytest.approx(energy, rel=1e-13)


def test_the_scores_do_not_depend_on_the_batch() -> None:
    scorer = scorer_of(DESIGNS["convolution_network"])
    candidates = scorer.space.sample(64, np.random.default_rng(3))
    together = scorer.score(candidates)
    for which in range(64):
        alone = scorer.score(candidates.take(slice(which, which + 1)))
        assert alone.cycles[0] == together.cycles[which]
        assert alone.energy[0] == together.energy[which]


@pytest.mark.parametrize("kind", ["ReductionTree", "SimpleMulticast"])
def test_equals_the_engine_on_other_networks(
    kind: Literal["ReductionTree", "SimpleMulticast"],
) -> None:
    scorer = scorer_of(DESIGNS["gemm_many_macs"])
    machine = scorer.space.machine
    table = {"send": tuple(({"to": count}, 0.3 * count) for count in (1, 2, 4, 8))}

    def network(given: Interconnect) -> Interconnect:
        return replace(
            given,
            kind=kind,
            adder_energy=0.4,
            wire_energy=0.2,
            action="send",
            factor_argument="to",
            table=table,
        )

    levels = tuple(
        replace(
            level,
            read_network=network(level.read_network),
            update_network=network(level.update_network),
        )
        for level in machine.levels
    )
    space = MapSpace(scorer.space.problem, replace(machine, levels=levels), Constraints())
    own = Scorer(space, ExpectedShares(space.problem, space.machine, SparseOptimizations()))
    candidates = space.sample(300, np.random.default_rng(2))
    scores = own.score(candidates)
    valid = np.flatnonzero(scores.valid)
    assert len(valid) >= 40
    for which in valid[:60].tolist():
        cycles, energy = _of_engine(own, candidates, which)
        assert scores.cycles[which] == cycles
        assert scores.energy[which] == pytest.approx(energy, rel=1e-13)


def test_equals_the_engine_where_data_spaces_have_widths_of_their_own() -> None:
    scorer = scorer_of(DESIGNS["gemm_bandwidth"])
    machine = scorer.space.machine
    bits = {"A": 1, "B": 8, "Z": 40}
    levels = tuple(replace(level, bits=bits) for level in machine.levels)
    space = MapSpace(scorer.space.problem, replace(machine, levels=levels), Constraints())
    own = Scorer(space, ExpectedShares(space.problem, space.machine, SparseOptimizations()))
    candidates = space.sample(300, np.random.default_rng(2))
    scores = own.score(candidates)
    valid = np.flatnonzero(scores.valid)
    assert len(valid) >= 40
    for which in valid[:80].tolist():
        cycles, energy = _of_engine(own, candidates, which)
        assert scores.cycles[which] == cycles
        assert scores.energy[which] == pytest.approx(energy, rel=1e-13)
    assert (scores.energy != scorer.score(candidates).energy)[valid].any()


def test_operations_that_take_time_are_whole() -> None:
    scorer = scorer_of(DESIGNS["gemm"])  # 1536 operations
    candidates = scorer.space.sample(300, np.random.default_rng(7))
    dense = scorer.score(candidates)
    scorer._shares.timed_compute = 0.3
    sparse = scorer.score(candidates)
    for instances, cycles in ((1, 461), (2, 231), (8, 58)):  # of 460.8
        which = np.flatnonzero(dense.cycles == 1536 / instances)
        assert len(which)
        assert set(sparse.cycles[which].tolist()) == {cycles}
