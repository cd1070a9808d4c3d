"""Units that wait for each other: by hand, and against all loops run one by one."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.engines.timeloop.layers import _in_step
from hwsim.engines.timeloop.layers._in_step import in_step_over_even, levels_of_a_unit
from hwsim.engines.timeloop.layers._layer_problem import activation_tensor, layer_shape
from hwsim.engines.timeloop.layers.layer_machine import OperandBits, layer_machine
from hwsim.engines.timeloop.terms.mapping import Kind, LevelMapping, Loop, LoopMapping
from hwsim.workload import Activations, Workload
from tests.engines.timeloop.layers.small_layers import convolution
from tests.engines.timeloop.layers.test_load_balance import level, weights

G, M, C, R, S, P, Q, N = range(8)
ONE = ((1, 1), (1, 1))
Loops = list[tuple[int, int, Kind]]


def shape(**bounds: int) -> tuple[tuple[int, ...], tuple[int, int], tuple[int, int]]:
    return tuple(bounds.get(name, 1) for name in "GMCRSPQ"), *ONE


def row(*positions: list[int]) -> np.ndarray:
    """Activations of channels at positions along P: (G, C, rows, columns)."""
    return np.array(positions, dtype=bool).T.reshape(1, len(positions[0]), len(positions), 1)


def test_a_column_takes_whole_rows_of_the_lanes() -> None:
    mask = weights([[1, 1], [1, 0], [1, 1], [0, 0]])  # columns of 3 and 2 weights
    mapping = LoopMapping((level((M, 2, "x"), (M, 2, "time"), (C, 2, "time")), level((P, 2, "x"))))
    # two rows and one take 3 steps, where 5 weights on two lanes take 2.5
    found = in_step_over_even(mask, None, shape(M=4, C=2, P=2), mapping, 1)
    assert found == pytest.approx(3 / 2.5)


def test_a_column_ends_with_its_tile() -> None:
    mask = weights([[1], [0], [1], [0]])  # two pairs of filters, each half empty
    mapping = LoopMapping((level((M, 2, "x")), level((P, 2, "x"), (M, 2, "time"))))
    assert in_step_over_even(mask, None, shape(M=4, P=2), mapping, 1) == 2


def test_lanes_of_channels_share_out_evenly() -> None:
    mask = weights([[1, 1, 1]])
    mapping = LoopMapping((level((C, 3, "x")), level((P, 2, "x"))))
    assert in_step_over_even(mask, None, shape(C=3, P=2), mapping, 1) == 1


def test_units_of_other_filters_wait_after_every_window() -> None:
    mask = weights([[1, 0], [0, 1]])  # each filter takes one of the channels
    mapping = LoopMapping((level((C, 2, "time")), level((M, 2, "x"), (P, 4, "time"))))
    inputs = row([1, 0], [0, 1], [1, 1], [0, 0])
    # now one, now the other works: 3 windows that take a step, in place of 4 products on 2 units
    assert in_step_over_even(mask, inputs, shape(M=2, C=2, P=4), mapping, 1) == 3 / 2


def test_units_of_other_channels_wait_after_every_window() -> None:
    mask = weights([[1, 1]])
    mapping = LoopMapping((level(), level((C, 2, "x"), (P, 4, "time"))))
    inputs = row([1, 0], [0, 1], [1, 1], [0, 0])
    assert in_step_over_even(mask, inputs, shape(C=2, P=4), mapping, 1) == 3 / 2


def test_units_of_other_windows_wait_when_weights_are_replaced() -> None:
    mask = weights([[1, 1]])
    inputs = row([1, 0], [0, 1], [0, 1], [1, 0])  # one unit has windows 0 and 2, one 1 and 3
    within = level((P, 2, "x"), (P, 2, "time"), (C, 2, "time"))
    found = in_step_over_even(mask, inputs, shape(C=2, P=4), LoopMapping((level(), within)), 1)
    assert found == 1  # of each channel both have one product in two windows
    replaced = level((P, 2, "x"), (C, 2, "time"), (P, 2, "time"))
    # now the channels take turns, and in each turn one of the units has no product
    found = in_step_over_even(mask, inputs, shape(C=2, P=4), LoopMapping((level(), replaced)), 1)
    assert found == 4 / 2


def test_groups_do_not_share_windows() -> None:
    mask = np.ones((2, 1, 1, 1, 1), dtype=bool)
    inputs = np.array([[1, 0], [0, 1]], dtype=bool).reshape(2, 1, 2, 1)
    mapping = LoopMapping((level(), level((G, 2, "x"), (P, 2, "time"))))
    assert in_step_over_even(mask, inputs, shape(G=2, P=2), mapping, 1) == 1


def test_never_faster_than_sharing_out_evenly() -> None:
    fields = ((True, True, True), *[(False, False, False)] * 5)
    outer = LevelMapping((Loop(M, 2, 1, "x"),), (Loop(M, 2, 2, "time"),), *fields)
    mapping = LoopMapping((level(), outer), "counted")

    def found(*filters: int) -> float:
        return in_step_over_even(
            weights([[each] for each in filters]), None, shape(M=3), mapping, 1
        )

    # filter 2 runs alone: without it there is one step, and two thirds of two steps on average
    assert found(1, 1, 0) == 1
    assert found(0, 1, 1) == 2 / (4 / 3)
    assert found(0, 0, 0) == 1


def literal(mask: np.ndarray, inputs: np.ndarray | None, of: tuple, mapping: LoopMapping) -> float:
    """Run through all units and steps outside of level 0, and through all points of each tile."""
    bounds, stride, dilation = of
    outer = [loop for nest in mapping.levels[1:] for loop in nest.loops]
    times: dict[tuple, dict[tuple, dict[tuple, dict[tuple, float]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(dict))
    )
    temporal = [loop for loop in outer if not loop.spatial and loop.end > 1]
    stay = list(itertools.takewhile(lambda loop: loop.dimension >= P, temporal))
    inner_sizes = [1] * len(bounds)
    for loop in mapping.levels[0].loops:
        inner_sizes[loop.dimension] *= loop.end
    lanes = {loop.dimension: loop.end for loop in mapping.levels[0].spatial}
    products = 0
    for at in itertools.product(*(range(loop.end) for loop in outer)):
        first, scale = [0] * len(bounds), list(inner_sizes)
        for loop, index in zip(outer, at, strict=True):
            first[loop.dimension] += index * scale[loop.dimension]
            scale[loop.dimension] *= loop.end
        time = 0.0
        points = [range(f, f + size) for f, size in zip(first, inner_sizes, strict=True)]
        filters = points.pop(M)
        for g, c, r, s, *outputs in itertools.product(*points):
            p, q = outputs[:2]
            meets = (
                inputs is None
                or inputs[g, c, r * dilation[0] + p * stride[0], s * dilation[1] + q * stride[1]]
            )
            column = sum(int(mask[g, m, c, r, s]) for m in filters) if meets else 0
            products += column
            time += -(-column // lanes.get(M, 1))
        time /= math.prod(end for dimension, end in lanes.items() if dimension != M)
        unit = [(loop, index) for loop, index in zip(outer, at, strict=True) if loop.spatial]
        apart = tuple(index for loop, index in unit if loop.dimension in (G, P, Q, N))
        bound = tuple(index for loop, index in unit if loop.dimension in (M, C, R, S))
        window = tuple(i for loop, i in zip(outer, at, strict=True) if any(loop is x for x in stay))
        step = tuple(
            i
            for loop, i in zip(outer, at, strict=True)
            if not loop.spatial and not any(loop is x for x in stay)
        )
        times[step][apart][window][bound] = time
    total = sum(
        max(sum(max(tiles.values()) for tiles in windows.values()) for windows in units.values())
        for units in times.values()
    )
    steps = math.prod(loop.end for nest in mapping.levels for loop in nest.temporal)
    return max(1.0, total / (products * steps / math.prod(bounds))) if products else 1.0


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray | None, tuple, LoopMapping]:
    """A layer and a mapping of it, of every kind of loop."""
    rng = np.random.default_rng(seed)
    images = bool(seed % 3 == 0)
    dimensions = list(range(8 if images else 7))
    sizes = dict.fromkeys(dimensions, 1)

    def loops(kind: str, most: int, of: list[int]) -> Loops:
        found = []
        for dimension in rng.permutation(of)[: rng.integers(0, most + 1)]:
            end = int(rng.integers(2, 4))
            found.append((int(dimension), end, kind))
            sizes[int(dimension)] *= end
        return found

    inside = level(*loops("x", 1, [M, C]), *loops("time", 2, dimensions))
    outside = [level(*loops("x", 2, dimensions), *loops("time", 2, dimensions)) for _ in range(2)]
    mapping = LoopMapping((inside, *outside))
    stride = (int(rng.integers(1, 3)), int(rng.integers(1, 3)))
    of = (tuple(sizes.values()), stride, (int(rng.integers(1, 3)), 1))
    mask = rng.random([sizes[d] for d in (G, M, C, R, S)]) < 0.5
    rows = (sizes[R] - 1) * of[2][0] + (sizes[P] - 1) * stride[0] + 1
    columns = sizes[S] - 1 + (sizes[Q] - 1) * stride[1] + 1
    inputs = rng.random((sizes[G], sizes[C], rows, columns)) < 0.5
    return mask, None if seed % 4 == 0 else inputs, of, mapping


def test_all_loops_run_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    more = 0
    for seed in range(60):
        case = drawn(seed)
        if math.prod(case[2][0]) > 3000:
            continue
        wanted = literal(*case)
        assert in_step_over_even(*case, 1) == pytest.approx(wanted, rel=1e-6), seed
        with monkeypatch.context() as patch:
            patch.setattr(_in_step, "_BLOCK", int(seed % 7) + 1)  # in many pieces
            assert in_step_over_even(*case, 1) == pytest.approx(wanted, rel=1e-6), seed
        more += wanted > 1
    assert more > 20


def test_a_unit_is_what_is_below_the_innermost_memory_of_which_there_are_several() -> None:
    def levels(name: str) -> int:
        arch = load_arch(name)
        assert arch.technology is not None
        return levels_of_a_unit(layer_machine(arch, OperandBits.of(None, arch.technology)))

    assert levels("eyeriss_v2") == 4  # register, partial sums, weights, activations
    assert levels("eyeriss_v2_pe") == 0


def test_activations_are_those_known_or_a_draw_of_as_many() -> None:
    mask = np.ones((1, 2, 8, 3, 3), dtype=bool)
    plain = convolution(mask, (9, 9), stride=(2, 1), dilation=(1, 2))
    of = layer_shape(plain)
    assert activation_tensor(plain, of, False) is None

    def with_activations(found: Activations) -> Workload:
        return Workload(
            layer=plain.layer,
            levels=plain.levels,
            streams=plain.streams,
            window=plain.window,
            operands=plain.operands,
            activations=found,
        )

    drawn_ones = activation_tensor(with_activations(Activations(0.3)), of, True)
    assert drawn_ones is not None
    assert drawn_ones.shape == (1, 8, 19, 13)  # 3 rows at 9 steps of 2; 3 columns 2 apart, 9 steps
    assert drawn_ones.mean() == pytest.approx(0.3, abs=0.03)
    again = activation_tensor(with_activations(Activations(0.3)), of, True)
    assert again is not None
    assert (again == drawn_ones).all()
    shares = Activations(0.5, by_channel=(0.0, 1.0, 0.75, 0.25, 0.0, 1.0, 1.0, 0.0))
    by_channel = activation_tensor(with_activations(shares), of, True)
    assert by_channel is not None
    found_shares = by_channel.mean(axis=(0, 2, 3))
    assert shares.by_channel is not None
    assert found_shares.tolist() == pytest.approx(list(shares.by_channel), abs=0.08)
    assert found_shares[[0, 1]].tolist() == [0, 1]
    half = Activations(0.3, own=((2, 12), (0, 10)))
    beside = activation_tensor(with_activations(half), of, True)
    assert beside is not None
    assert plain.window is not None
    assert not beside[:, :, :2].any()
    assert not beside[:, :, 14:].any()
    assert not beside[..., 10:].any()
    share = 0.3 / plain.window.share_inside(((2, 12), (0, 10))).mean()
    assert beside[:, :, 2:14, :10].mean() == pytest.approx(share, abs=0.04)
    nonzeros = np.zeros((1, 81, 72), dtype=bool)
    nonzeros[0, 0, 0] = True
    known = with_activations(Activations(nonzeros=nonzeros))
    found = activation_tensor(known, of, False)
    assert found is not None
    assert found.sum() == 1
    assert found[0, 0, 0, 0]
    as_many = activation_tensor(known, of, True)
    assert as_many is not None
    assert as_many.sum() == 0  # of 1976 about 0.3


def test_one_unit_waits_for_nobody() -> None:
    mapping = LoopMapping((level((P, 2, "x")),))
    assert in_step_over_even(weights([[1]]), row([1], [0]), shape(P=2), mapping, 0) == 1


def test_what_a_draw_has_more_of_is_in_the_time_alone() -> None:
    mapping = LoopMapping((level(), level((P, 2, "x"))))
    mask, of = weights([[1]]), shape(P=2)
    inputs = row([1], [1])
    assert in_step_over_even(mask, inputs, of, mapping, 1) == 1
    assert in_step_over_even(mask, inputs, of, mapping, 1, 0.5) == 2  # one product was expected
    assert in_step_over_even(mask, row([0], [0]), of, mapping, 1, 0.5) == 1
