"""Queues of the PEs against the same stepped cycle by cycle."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hwsim.engines.eie.queues import finishing_cycles
from tests.engines.eie.literal import stepped


@given(
    st.integers(1, 12),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(1, 5),
    st.integers(0, 2**32 - 1),
)
def test_cycles_are_those_of_stepping(columns, pes, vectors, queue, seed):
    generator = np.random.default_rng(seed)
    entries = generator.integers(0, 6, (columns, pes))
    present = generator.random((vectors, columns)) < 0.6
    expected = [stepped(entries.tolist(), vector, queue) for vector in present]
    assert finishing_cycles(entries, present, queue).tolist() == expected


def test_equal_work_is_never_waited_for():
    entries = np.full((10, 4), 3)
    assert finishing_cycles(entries, np.ones((1, 10), bool), 1).tolist() == [30]


def test_a_longer_queue_evens_out():
    entries = np.array([[4, 1]] * 8 + [[1, 4]] * 8)
    all_present = np.ones((1, 16), bool)
    times = [int(finishing_cycles(entries, all_present, queue)[0]) for queue in (1, 2, 4, 8)]
    assert times == [64, 60, 52, 40]


def test_columns_without_entries_take_a_cycle():
    assert finishing_cycles(np.zeros((5, 3), int), np.ones((1, 5), bool), 8).tolist() == [5]
    assert finishing_cycles(np.zeros((5, 3), int), np.zeros((1, 5), bool), 8).tolist() == [0]
