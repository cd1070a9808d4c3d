"""Loops followed outwards, and dense tiles as the sparse analysis takes them over."""

import numpy as np

from hwsim.engines.timeloop.nest.tile import Tile
from hwsim.engines.timeloop.sparse.sparse_tile import dense_compute, dense_tiles, loop_extents
from hwsim.engines.timeloop.terms.mapping import LevelMapping, Loop, LoopMapping
from tests.engines.timeloop.sparse.parts import UOP, compressed, extents, product, tile

M, N, K = range(3)


def mapping(*levels):
    no = (False,) * 3
    return LoopMapping(
        tuple(
            LevelMapping(
                tuple(Loop(d, end, end, kind) for d, end, kind in loops if kind != "time"),
                tuple(Loop(d, end, end, kind) for d, end, kind in loops if kind == "time"),
                (True,) * 3, no, no, no, no, no,
            )
            for loops in levels
        )
    )  # fmt: skip


def test_extents_grow_with_every_loop():
    made = mapping([(K, 4, "time"), (M, 1, "time")], [(M, 2, "x"), (K, 2, "time")])
    found = loop_extents(product(), made, np.ones(3, dtype=np.int64))
    assert [[loop.end for loop in loops] for loops in found.loops] == [[4, 1], [2, 2]]
    lengths = [[one.tolist() for one in inside] for inside in found.extents]
    assert lengths == [[[1, 1, 4], [1, 1, 4]], [[2, 1, 4], [2, 1, 8]]]


def test_tiles_start_with_all_dense_accesses():
    loops = extents(3, [(K, 4)], [(M, 2, "x"), (N, 3, "y")], [(K, 2, "y"), (M, 1, "x")])
    one = Tile(8, 8, 6, 10, 5, 3, 0.0)
    gone = Tile(0, 0, 1, 10, 5, 3, 0.0)
    form = compressed(UOP)
    spaces = dense_tiles(
        product(), [[one, one, gone]] * 3, loops, [[form, None, form], [None] * 3, [None] * 3]
    )
    inner, between, outer = spaces[0]
    assert (inner.columns, inner.rows) == (2, 6)
    assert (between.columns, between.rows) == (1, 2)
    assert (outer.columns, outer.rows) == (1, 1)
    assert inner.box == (1, 4)
    assert between.box == (2, 4)
    assert outer.box == (0,)
    assert (inner.representation, outer.representation) == (form, None)
    assert inner.instances == 6.0
    assert (inner.occupancy, inner.expected_density) == (8.0, 1.0)
    counts = {action: count for action, count in inner.counts.items() if count}
    assert counts == {"random_read": 10, "random_fill": 5, "random_update": 3}
    assert all("metadata" not in action for action in inner.counts)
    assert inner.formats["random_metadata_read"] == []
    assert (inner.kept, outer.kept) == (True, False)


def test_compressed_is_what_leaves_zeros_out():
    assert tile(representation=compressed()).compressed
    assert not tile(representation=compressed(UOP)).compressed
    assert not tile().compressed
    assert tile(representation=compressed(UOP, UOP)).rank_count == 2
    assert tile().rank_count == 0


class Nest:
    compute_instances = np.array([6.0])
    operations = np.array([32.0])
    iterations = np.array([33.0])


def test_compute_units_do_all_operations():
    loops = extents(3, [(K, 4)], [(M, 2, "x"), (N, 3, "y")])
    found = dense_compute(Nest, loops)
    assert (found.units, found.operations, found.temporal_iterations) == (6, 32.0, 33)
    assert (found.columns, found.rows, found.instances) == (2, 3, 6.0)
    assert found.counts == {"random_compute": 192, "gated_compute": 0, "skipped_compute": 0}
