"""Loops of a batch: places where none iterates are left out, equal ones are told once."""

import numpy as np

from hwsim.engines.timeloop.nest.loops import LoopNests, LoopStack, different_rows, lay_out


def test_rows_are_told_once_in_the_order_in_which_they_come():
    different, of_each = different_rows(np.array([[3, 1], [0, 2], [3, 1], [0, 2], [1, 3]]))
    assert different.tolist() == [[3, 1], [0, 2], [1, 3]]
    assert of_each.tolist() == [0, 1, 0, 1, 2]
    alike, of_each = different_rows(np.zeros((3, 0), dtype=np.int64))
    assert (alike.shape, of_each.tolist()) == ((1, 0), [0, 0, 0])


def test_loops_that_iterate_alike_are_of_one_kind():
    # 4 of dimension 0, inside or outside of a loop that does not iterate; then 2 of dimension 1
    stack = LoopStack(
        dimension=np.array([[0, 1, 1], [1, 0, 0]]),
        end=np.array([[4.0, 1.0, 2.0], [1.0, 4.0, 1.0]]),
        step=np.array([[3.0, 0.0, 5.0], [0.0, 3.0, 0.0]]),
    )
    kinds = stack.kinds
    assert kinds.of_each.tolist() == [0, 0, 1]
    assert kinds.dimension.tolist() == [[0], [1]]
    assert kinds.end.tolist() == [[4], [2]]
    assert kinds.step.tolist() == [[3], [5]]


def test_places_and_what_lies_outside_of_them():
    order = np.array([[[0], [1]]] * 4)
    factors = np.array([[[2], [1]], [[1], [3]], [[1], [1]], [[5], [7]]])
    nests = LoopNests(
        [0, 0, 1, 2], [True, False, False, False], order, factors, np.ones((4, 2, 1), dtype=bool)
    )
    loops = lay_out(3, nests)
    assert loops.temporal.end[:, 0].tolist() == [3, 5, 7]
    assert loops.temporal.dimension[:, 0].tolist() == [1, 0, 1]
    assert loops.temporal.step[:, 0].tolist() == [1, 2, 3]
    assert loops.outside[:, 0].tolist() == [35, 7, 1]
    assert (loops.level.tolist(), loops.start) == ([0, 2, 2], [0, 1, 1])
    assert [loops.runs_from(level)[0] for level in range(3)] == [105, 35, 35]
    assert loops.below[:, :, 0].tolist() == [[1, 1], [2, 3], [2, 3]]
    assert loops.spread[:, :, 0].tolist() == [[2, 1], [2, 3], [2, 3]]
    assert loops.above[:, :, 0].tolist() == [[2, 3], [2, 3], [10, 21]]
    assert loops.columns[:, 0].tolist() == [2, 1, 1]
    assert (loops.compute_instances[0], loops.instances[:, 0].tolist()) == (2, [1, 1, 1])
