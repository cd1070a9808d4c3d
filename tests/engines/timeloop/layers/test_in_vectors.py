"""Units that multiply vectors of non-zeros: by hand, and against all points one by one."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import numpy as np
import pytest

from hwsim.engines.timeloop.layers._in_vectors import in_vectors_over_even
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.errors import InputError
from tests.engines.timeloop.layers.test_in_step import Loops, row, shape
from tests.engines.timeloop.layers.test_load_balance import level, weights

G, M, C, R, S, P, Q, N = range(8)


def test_full_vectors_are_the_ideal() -> None:
    mapping = LoopMapping((level((M, 4, "x"), (P, 4, "y")), level((C, 2, "time"), (P, 2, "x"))))
    mask = weights([[1, 1]] * 4)
    assert in_vectors_over_even(mask, None, shape(M=4, C=2, P=8), mapping, 1) == 1
    assert in_vectors_over_even(mask, row(*[[1, 1]] * 8), shape(M=4, C=2, P=8), mapping, 1) == 1


def test_what_does_not_fill_a_vector_leaves_lanes_without_work() -> None:
    mapping = LoopMapping((level((M, 2, "x"), (P, 2, "y"), (M, 2, "time"), (P, 2, "time")),))
    mask, inputs = weights([[1], [0], [1], [1]]), row([1], [1], [0], [1])
    # 3 weights and 3 activations take 2 vectors each, 4 steps; 9 products on 4 lanes take 2.25
    assert in_vectors_over_even(mask, inputs, shape(M=4, P=4), mapping, 1) == 4 / 2.25
    assert in_vectors_over_even(mask, inputs, shape(M=4, P=4), mapping, 0) == 4 / 2.25  # one unit


def test_kernel_positions_of_a_channel_share_vectors() -> None:
    mask = np.array([[1, 0, 1, 1], [0, 1, 1, 1]], dtype=bool).reshape(1, 2, 2, 1, 2)
    inside, of = level((M, 2, "x")), shape(M=2, C=2, S=2)
    # channel 0 has 2 weights, channel 1 has 4: 1 vector and 2, as if shared out evenly
    queue = LoopMapping((inside, level((S, 2, "time")), level((C, 2, "time"))))
    assert in_vectors_over_even(mask, None, of, queue, 3) == 1
    # where a channel comes back for its other positions, each of them fills vectors of its own
    again = LoopMapping((inside, level((C, 2, "time"), (S, 2, "time"))))
    assert in_vectors_over_even(mask, None, of, again, 2) == 4 / 3


def test_units_wait_at_the_end_of_a_group_of_filters() -> None:
    inputs = row([1, 0], [0, 1])  # each unit has one of the channels
    of, mask = shape(M=2, C=2, P=2), weights([[1, 1], [1, 1]])
    stays = LoopMapping((level(), level((P, 2, "x"), (C, 2, "time"), (M, 2, "time"))))
    assert in_vectors_over_even(mask, inputs, of, stays, 1) == 1
    replaced = LoopMapping((level(), level((P, 2, "x"), (M, 2, "time"), (C, 2, "time"))))
    assert in_vectors_over_even(mask, inputs, of, replaced, 1) == 2  # now one, now the other


def test_units_of_other_filters_wait_too() -> None:
    mask = weights([[1, 1], [1, 0]])
    mapping = LoopMapping((level(), level((M, 2, "x"), (C, 2, "time"))))
    assert in_vectors_over_even(mask, None, shape(M=2, C=2), mapping, 1) == 2 / 1.5


def test_activations_lie_below_the_middle_of_their_windows() -> None:
    of = (1, 1, 1, 3, 1, 2, 1), (2, 1), (2, 1)  # 3 rows 2 apart, 2 windows 2 apart: rows 2 and 4
    mask, inputs = np.ones((1, 1, 1, 3, 1), dtype=bool), np.zeros((1, 1, 7, 1), dtype=bool)
    mapping = LoopMapping((level((P, 2, "x"), (R, 3, "time")),))
    inputs[0, 0, [0, 2, 4, 6]] = True  # windows meet rows 0, 2, 4 and 2, 4, 6: 6 products, 3 steps
    assert in_vectors_over_even(mask, inputs, of, mapping, 1) == 1
    inputs[0, 0, [0, 6]] = False  # 4 products on 2 lanes, in 3 steps
    assert in_vectors_over_even(mask, inputs, of, mapping, 1) == 3 / 2


def test_what_a_draw_has_more_of_is_in_the_time_alone() -> None:
    mapping = LoopMapping((level(), level((P, 2, "x"))))
    mask, of = weights([[1]]), shape(P=2)
    assert in_vectors_over_even(mask, row([1], [1]), of, mapping, 1) == 1
    assert in_vectors_over_even(mask, row([1], [1]), of, mapping, 1, 0.5) == 2
    assert in_vectors_over_even(mask, row([0], [0]), of, mapping, 1, 0.5) == 1
    assert in_vectors_over_even(mask, row([0], [0]), of, mapping, 1) == 1  # no product at all


@pytest.mark.parametrize("dimension", [G, C, R, S])
def test_vectors_are_of_filters_and_of_outputs(dimension: int) -> None:
    name = "GMCRSPQN"[dimension]
    mapping = LoopMapping((level((dimension, 2, "x")),))
    sizes = [2 if d == dimension else 1 for d in (G, M, C, R, S)]
    with pytest.raises(InputError, match=f"has 2 {name} side by side. Constrain .* {name} to 1"):
        in_vectors_over_even(np.ones(sizes, bool), None, shape(**{name: 2}), mapping, 1)


def literal(mask: np.ndarray, inputs: np.ndarray, of: tuple, mapping: LoopMapping) -> float:
    """Run through all points, sort them into vectors one by one, and wait for the slowest unit."""
    bounds, stride, dilation = of
    loops = [(number, loop) for number, nest in enumerate(mapping.levels) for loop in nest.loops]
    temporal = [(n, loop) for n, loop in loops if not loop.spatial and loop.end > 1]
    inner = list(itertools.takewhile(lambda at: at[0] == 0 or at[1].dimension in (R, S), temporal))
    after = temporal[len(inner) :]
    adds = list(itertools.takewhile(lambda at: at[1].dimension in (C, R, S), after))
    once = {id(loop) for _, loop in (*inner, *adds) if loop.dimension != G}
    stream = {id(loop) for _, loop in inner}
    found: dict[tuple, dict[tuple, dict[tuple, tuple[set, set]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(lambda: (set(), set())))
    )
    products = 0
    for at in itertools.product(*(range(loop.end) for _, loop in loops)):
        point, scale = [0] * 8, [1] * 8
        step, unit, part = [], [], []
        for (number, loop), index in zip(loops, at, strict=True):
            point[loop.dimension] += index * scale[loop.dimension]
            scale[loop.dimension] *= loop.end
            if loop.spatial and number > 0:
                unit.append(index)
            elif not loop.spatial and id(loop) not in once:
                step.append(index)
            elif not loop.spatial and loop.dimension in (R, S) and id(loop) not in stream:
                part.append(index)
        g, m, c, r, s, p, q, n = point
        y, x = p * stride[0], q * stride[1]
        own = inputs[g, c, y + mask.shape[3] // 2 * dilation[0], x + mask.shape[4] // 2]
        one, other = found[tuple(step)][tuple(unit)][c, *part]
        if mask[g, m, c, r, s]:
            one.add((m, r, s))
            products += bool(inputs[g, c, y + r * dilation[0], x + s])
        if own:
            other.add((p, q, n))
    lanes = {loop.dimension: loop.end for loop in mapping.levels[0].spatial}
    wide = math.prod(end for dimension, end in lanes.items() if dimension in (P, Q, N))
    total = sum(
        max(
            sum(-(-len(a) // lanes.get(M, 1)) * -(-len(b) // wide) for a, b in vectors.values())
            for vectors in units.values()
        )
        for units in found.values()
    )
    steps = math.prod(loop.end for _, loop in temporal)
    return max(1.0, total / (products * steps / math.prod(bounds))) if products else 1.0


def test_all_points_one_by_one() -> None:
    more = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        dimensions = list(range(8 if seed % 3 == 0 else 7))
        sizes = dict.fromkeys(dimensions, 1)

        def loops(kind: str, most: int, of: list[int], rng=rng, sizes=sizes) -> Loops:
            found = []
            for dimension in rng.permutation(of)[: rng.integers(0, most + 1)]:
                if dimension in sizes and sizes[int(dimension)] < 5:
                    found.append((int(dimension), int(rng.integers(2, 4)), kind))
                    sizes[int(dimension)] *= found[-1][1]
            return found

        inside = level(*loops("x", 2, [M, P, Q, N]), *loops("time", 2, dimensions[1:]))
        outer = level(*loops("x", 1, [M, P, Q]), *loops("time", 3, dimensions))
        mapping = LoopMapping((inside, level(*loops("time", 2, [R, S, C])), outer))
        of = (tuple(sizes.values()), (1 + seed % 2, 1), (1 + seed % 3, 1))
        if math.prod(of[0]) > 3000:
            continue
        mask = rng.random([sizes[d] for d in (G, M, C, R, S)]) < 0.5
        rows = (sizes[R] - 1) * of[2][0] + (sizes[P] - 1) * of[1][0] + 1
        inputs = rng.random((sizes[G], sizes[C], rows, sizes[S] + sizes[Q] - 1)) < 0.5
        wanted = literal(mask, inputs, of, mapping)
        assert in_vectors_over_even(mask, inputs, of, mapping, 1) == pytest.approx(wanted), seed
        more += wanted > 1
    assert more > 15
