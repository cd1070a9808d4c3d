"""Mappings as plain data: each comes back equal, and what the map space lacks is refused."""

from __future__ import annotations

import json
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.timeloop.mapper import MapSpace
from hwsim.engines.timeloop.mapper._candidate_mapping import loop_mapping
from hwsim.engines.timeloop.mapper._rest_moves import RestMoves
from hwsim.engines.timeloop.mapper.written_mapping import read_mapping, written_mapping
from hwsim.engines.timeloop.spec import read_inputs, read_machine, read_problem
from hwsim.engines.timeloop.spec.constraints import read_constraints
from tests.engines.timeloop.mapper.designs import gemm, inputs

CONSTRAINTS = [
    {"target": "GLB", "type": "spatial", "factors": "K=1", "permutation": "MKN", "split": 2},
    {"target": "Spad", "type": "temporal", "factors": "N=2", "permutation": "KM"},
    {"target": "GLB", "type": "bypass", "keep": ["B"], "bypass": ["Z"]},
]


def space_of(constraints=(), m=12, n=10, k=6, **design):
    merged = read_inputs(inputs(gemm(m, n, k), list(constraints), **design))
    problem = read_problem(merged)
    machine = read_machine(merged, [space.name for space in problem.data_spaces])
    return MapSpace(problem, machine, read_constraints(merged, problem, machine))


SPACES = {
    "free": space_of(),
    "constrained": space_of(CONSTRAINTS),
    "trivial": space_of(k=1, pes=1, columns=1),
    "two ways to split": space_of(n=1, k=1),
    "point": space_of(m=1, n=1, k=1),
}


@pytest.mark.parametrize("name", SPACES)
@given(seed=st.integers(0, 2**32 - 1), rests=st.booleans())
@settings(max_examples=30)
def test_every_mapping_comes_back(name, seed, rests):
    space, random = SPACES[name], np.random.default_rng(seed)
    candidates = space.sample(4, random)
    if rests:
        moves = RestMoves(space, random)
        for _ in range(3):
            moves.spread(candidates, np.arange(4))
    for which in range(4):
        mapping = loop_mapping(space, candidates, which)
        written = json.loads(json.dumps(written_mapping(space, mapping)))
        assert read_mapping(space, written) == mapping


def test_a_mapping_is_written_so():
    space = SPACES["free"]
    [mapping] = [loop_mapping(space, space.at([12345]), 0)]
    written = written_mapping(space, mapping)
    assert written["keep"] == [list(map(int, level.keep)) for level in mapping.levels]
    assert len(written["nests"]) == len(space.nests)
    loops = mapping.levels[-1].temporal
    assert written["nests"][-1] == [
        [next(loop.end for loop in loops if loop.dimension == number) for number in range(3)],
        [loop.dimension for loop in loops],
        0,
    ]


def changes():
    """What may be wrong with a mapping of the constrained space: each by itself."""

    def change(*path, value):
        def changed(written):
            part = written
            for key in path[:-1]:
                part = part[key]
            part[path[-1]] = value
            return written

        return changed

    spatial, register = 1, 0
    yield "another factor", change("nests", register, 0, 1, value=1)
    yield "a factor of nothing", change("nests", register, 0, 0, value=0)
    yield "a factor below nothing", change("nests", register, 0, 0, value=-12)
    yield "a factor that is fixed", lambda written: _moved(written, 2, register, spatial)
    yield "half a factor", change("nests", register, 0, 0, value=1.0)
    yield "yes for one", change("nests", register, 0, 0, value=True)
    yield "one factor too few", lambda written: written["nests"][0][0].pop() and written
    yield "an order of twice the same", change("nests", register, 1, 0, value=0)
    yield "another loop first", lambda written: written["nests"][0][1].reverse() or written
    yield "an order of text", change("nests", register, 1, 0, value="2")
    yield "too many along X", change("nests", spatial, 2, value=3)
    yield "too few along X", change("nests", spatial, 2, value=1)
    yield "loops in time along X", change("nests", register, 2, value=1)
    yield "a nest too few", lambda written: written["nests"].pop() and written
    yield "kept where it may not be", change("keep", 1, 2, value=1)
    yield "not kept where it has to be", change("keep", 1, 1, value=0)
    yield "not kept outside", change("keep", 2, 0, value=0)
    yield "a level too few", lambda written: written["keep"].pop() and written
    yield "a tensor too few", lambda written: written["keep"][0].pop() is None or written
    yield "keep is no list", change("keep", value=3)
    yield "nests are no list", change("nests", value=None)
    yield "a nest of two parts", lambda written: written["nests"][0].pop() is None or written
    yield "nothing", lambda written: {}
    yield "a list", lambda written: []
    yield "a text", lambda written: "mapping"


def _moved(written, place, giver, taker):
    nests = written["nests"]
    nests[taker][0][place] = nests[giver][0][place]
    nests[giver][0][place] = 1
    return written


@pytest.fixture(scope="module")
def written():
    space = SPACES["constrained"]
    for number in range(0, space.size, 97):
        found = written_mapping(space, loop_mapping(space, space.at([number]), 0))
        if found["nests"][0][0][2] > 1 and found["nests"][0][0][0] > 1:
            return found
    raise AssertionError("none")


CHANGES = dict(changes())


@pytest.mark.parametrize("name", CHANGES)
def test_what_the_map_space_lacks_is_refused(written, name):
    space = SPACES["constrained"]
    read_mapping(space, deepcopy(written))
    with pytest.raises(ValueError, match=r"no such mapping|written so"):
        read_mapping(space, CHANGES[name](deepcopy(written)))


def test_a_rest_of_a_loop_in_time_is_refused():
    space = space_of(m=13, n=1, k=1, pes=8, columns=8)
    (places, spatial) = len(space.nests), [nest.kind for nest in space.nests].index("spatial")
    keep = [[1, 1, 1]] * len(space.machine.levels)

    def nests(nest, factor):
        """13 in so many rounds of a factor, outermost."""
        factors = [1] * places
        factors[nest], factors[-1] = factor, -(-13 // factor)
        split = [1 if each.kind == "spatial" else 0 for each in space.nests]
        return {"nests": [[[f], [0], s] for f, s in zip(factors, split, strict=True)], "keep": keep}

    assert read_mapping(space, nests(spatial, 7)).counts_rests
    with pytest.raises(ValueError, match="no such mapping"):
        read_mapping(space, nests(0, 7))
    short = nests(spatial, 7)
    short["nests"][-1][0][0] = 1  # seven of thirteen
    with pytest.raises(ValueError, match="no such mapping"):
        read_mapping(space, short)
