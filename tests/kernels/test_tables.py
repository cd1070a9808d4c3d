import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.kernels.group_sums import Tile
from hwsim.kernels.tables import tables_of


def test_one_set_by_hand():
    # Tuples (first filter the lowest digit): row 0 is 1, rows 1 and 3 are 3, row 2 is 0.
    digits = np.array([[1, 1, 0, 1], [0, 1, 0, 1]], np.int8)
    found = tables_of(digits, Tile(2, 2, 1), most_rows=8, vector_bytes=64)
    assert found.rows.tolist() == [4]
    assert found.batches.tolist() == [1]
    assert found.steps.tolist() == [2]
    # Eight lists a step: that of tuple 3 is the longest; what is over adds the row of zeros.
    assert found.indices.tolist() == [2 * 64, 1 * 64, *[0] * 6, 4 * 64, *[0] * 7]
    assert found.targets.tolist() == [3 * 64, 1 * 64, *[0] * 6]
    assert (found.sets, found.entries) == (1, 3)


def test_chunks_are_as_large_as_each_other():
    digits = np.ones((3, 10), np.int8)
    found = tables_of(digits, Tile(2, 2, 2), most_rows=4, vector_bytes=32)
    assert found.rows.tolist() == [3, 3, 4]
    assert found.sets == 2
    assert found.batches.tolist() == [1, 1, 1]
    assert found.targets.tolist() == [3 * 64, (4 + 1) * 64, 0, 0] * 3


def sums_of(tables, tile, rows, vector_bytes):
    """Go through the tables literally; rows has one number a row of the reduction."""
    width = tile.vectors * vector_bytes
    sums = np.zeros(tables.sets * tile.tuples)
    at = batch = start = 0
    for count, batches in zip(tables.rows, tables.batches, strict=True):
        panel = np.concatenate([[0], rows[start : start + count]])
        for _ in range(batches):
            steps = tables.steps[batch]
            lists = tables.indices[at : at + steps * tile.lists].reshape(steps, tile.lists)
            places = tables.targets[batch * tile.lists : (batch + 1) * tile.lists] // width
            np.add.at(sums, places, panel[lists // width].sum(axis=0))
            at, batch = at + steps * tile.lists, batch + 1
        start += count
    assert (at, batch) == (len(tables.indices), len(tables.steps))
    return sums.reshape(tables.sets, tile.tuples)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([Tile(1, 2, 1), Tile(3, 2, 2), Tile(2, 3, 1), Tile(3, 3, 3)]),
    st.integers(1, 7),
    st.integers(1, 40),
    st.integers(1, 50),
)
def test_lists_sum_the_rows_of_each_tuple(seed, tile, filters, reduction, most_rows):
    draw = np.random.default_rng(seed)
    digits = draw.integers(0, tile.digits, (filters, reduction)).astype(np.int8)
    rows = draw.integers(1, 100, reduction)
    tables = tables_of(digits, tile, most_rows, 16)
    expected = np.zeros((tables.sets, tile.tuples))
    entries = 0
    for k in range(0, filters, tile.filters):
        for row in range(reduction):
            own = digits[k : k + tile.filters, row]
            code = sum(int(digit) * tile.digits**g for g, digit in enumerate(own))
            if code:
                expected[k // tile.filters, code] += rows[row]
                entries += 1
    np.testing.assert_array_equal(sums_of(tables, tile, rows, 16), expected)
    assert tables.entries == entries
    assert tables.rows.max() <= most_rows
