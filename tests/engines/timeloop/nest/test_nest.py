"""The closed form equals a walk of the loops, for any mapping whose factors divide."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.timeloop.nest.nest import analyse
from hwsim.engines.timeloop.nest.walk import walk_nest
from hwsim.engines.timeloop.terms.machine import (
    ComputeLevel,
    Interconnect,
    Machine,
    Mesh,
    StorageLevel,
)
from hwsim.engines.timeloop.terms.mapping import LevelMapping, Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import make_problem

SPACES = {
    "conv": (
        "RPCM",
        {
            "W": [{"R": 1}, {"C": 1}, {"M": 1}],
            "I": [{"C": 1}, {"R": 2, "P": 1}],
            "O": [{"P": 1}, {"M": 1}],
        },
    ),
    "gemm": (
        "MNK",
        {"A": [{"M": 1}, {"K": 1}], "B": [{"K": 1}, {"N": 1}], "Z": [{"M": 1}, {"N": 1}]},
    ),
}


def machine(columns, rows):
    def level(name, mesh):
        network = Interconnect(name)
        return StorageLevel(
            name,
            False,
            mesh,
            None,
            16,
            1,
            1,
            0,
            0,
            0,
            0,
            None,
            None,
            None,
            {},
            1.0,
            0.0,
            True,
            False,
            False,
            network,
            network,
            name,
            {},
            "user",
            None,
            0.0,
        )

    inner, outer = Mesh(columns, rows), Mesh(1, 1)
    return Machine(
        ComputeLevel("MAC", inner, 16, {}, 0.0),
        (level("L0", inner), level("L1", outer), level("L2", outer)),
    )


@st.composite
def mappings(draw):
    names, spaces = SPACES[draw(st.sampled_from(sorted(SPACES)))]
    order = st.permutations(range(len(names)))
    bounds = dict.fromkeys(names, 1)
    flags = tuple(draw(st.booleans()) if draw(st.booleans()) else False for _ in spaces)
    no = (False,) * len(spaces)
    levels = []
    for level in range(3):
        parts = []
        for spatial in (True, False):
            loops = []
            for position, dimension in enumerate(draw(order)):
                small = 2 if level == 1 and spatial else 1
                end = draw(st.integers(1, 3 if not spatial else small))
                kind = ("x" if position % 2 else "y") if spatial else "time"
                loops.append(Loop(dimension, end, end, kind))
                bounds[names[dimension]] *= end
            parts.append(tuple(loops) if level == 1 or not spatial else ())
        levels.append(LevelMapping(parts[0], parts[1], (True,) * 3, no, flags, flags, no, no))
    return make_problem(bounds, spaces, list(spaces)[-1:]), LoopMapping(tuple(levels))


def ways(traffic):
    """{(multicast, sets): accesses, hops, unicast hops} of the only mapping."""
    rows = (
        traffic.multicast,
        traffic.sets,
        traffic.accesses,
        traffic.hops,
        traffic.unicast_hops,
    )
    found = np.stack(rows)[:, :, 0].T.tolist()
    return {(multicast, sets): figures for multicast, sets, *figures in found if sets}


@given(mappings(), st.sampled_from([(4, 4), (8, 2), (16, 16)]))
@settings(max_examples=60, deadline=None)
def test_closed_form_equals_walk(drawn, mesh):
    problem, mapping = drawn
    target = machine(*mesh)
    fast, slow = (how(problem, mapping, target) for how in (analyse, walk_nest))
    assert np.array_equal(fast.instances, slow.instances)
    assert np.array_equal(fast.fanout, slow.fanout)
    assert fast.operations == slow.operations
    for space in range(len(problem.data_spaces)):
        assert np.array_equal(fast.sizes[space], slow.sizes[space])
        for level, fanout in enumerate(fast.fanout):
            assert fanout == 1 or fast.spread[space][level] == slow.spread[space][level]
            here, there = fast.traffic[space][level], slow.traffic[space][level]
            assert here.links == there.links
            counted, walked = ways(here), ways(there)
            assert counted.keys() == walked.keys()
            for way, figures in counted.items():
                np.testing.assert_allclose(figures, walked[way], rtol=1e-12)


@given(mappings())
@settings(max_examples=40, deadline=None)
def test_tiles_never_fetch_less_than_they_hold_nor_more_than_once_a_step(drawn):
    problem, mapping = drawn
    found = analyse(problem, mapping, machine(4, 4))
    steps = found.iterations * found.compute_instances
    assert steps == problem.operations
    for traffic, spread in zip(found.traffic, found.spread, strict=True):
        for level in range(1, len(traffic)):
            assert traffic[level].total <= steps * np.maximum(spread[level], 1)
