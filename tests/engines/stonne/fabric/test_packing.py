"""Packing against the rules read one row at a time."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from hwsim.engines.stonne.fabric.packing import pack


def configurations_row_by_row(rows, num_ms):
    """List (VN sizes, is a later piece of a row) of every configuration in order."""
    rows = list(rows)
    while rows:
        if rows[0] <= num_ms:
            sizes = []
            while rows and sum(sizes) + rows[0] <= num_ms:
                sizes.append(rows.pop(0))
            yield sizes, False
        else:
            left = rows.pop(0) - num_ms
            yield [num_ms], False
            while left > 0:
                piece = min(left, num_ms - 1)
                yield [piece + 1], True
                left -= piece


@given(
    groups=st.integers(1, 3).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(1, 70), min_size=width, max_size=width), min_size=1, max_size=4
        )
    ),
    num_ms=st.sampled_from([4, 8, 16, 32]),
)
@example([[9, 70, 9], [5, 7, 40]], 4)
@example([[9, 4, 9], [5, 7, 40]], 4)
def test_same_configurations_as_row_by_row(groups, num_ms):
    packing = pack([np.array(groups)], num_ms).packing
    got = []
    for number, (repeats, folded) in enumerate(
        zip(packing.repeats.tolist(), packing.folded.tolist(), strict=True)
    ):
        sizes = packing.size[packing.configuration == number].tolist()
        got += [(sizes, folded)] * repeats
    expected = [c for group in groups for c in configurations_row_by_row(group, num_ms)]
    assert sorted(got) == sorted(expected)
    assert packing.weights @ packing.repeats == np.sum(groups)
    assert len(packing.first_rows) == len([1 for _, later_piece in expected if not later_piece])
    last = [list(configurations_row_by_row(group, num_ms))[-1] for group in groups]
    assert packing.resident_weights == sum(sum(sizes) - folded for sizes, folded in last)


def test_virtual_neurons_lie_side_by_side_from_multiplier_0():
    packing = pack([np.array([[5, 4, 7, 3]])], 16).packing
    assert packing.size.tolist() == [3, 5, 4, 7]  # single VNs first
    assert packing.start.tolist() == [0, 0, 5, 9]
    assert packing.row.tolist() == [-1, 0, 1, 2]


def parts_of(packed, number):
    """Give the configurations of one of several matrices: repeats, folded, VNs and rows."""
    packing = packed.packing
    ends = [*packed.first_configuration[1:].tolist(), len(packing.repeats)]
    found = []
    for configuration in range(packed.first_configuration[number], ends[number]):
        mine = packing.configuration == configuration
        vns = zip(packing.size[mine], packing.start[mine], packing.row[mine], strict=True)
        found.append((packing.repeats[configuration], packing.folded[configuration], [*vns]))
    return found


@given(
    matrices=st.lists(
        st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(0, 2**32 - 1)),
        min_size=1,
        max_size=4,
    ),
    num_ms=st.sampled_from([4, 16, 64]),
)
def test_matrices_side_by_side_are_packed_as_each_alone(matrices, num_ms):
    sizes = [
        np.random.default_rng(seed).integers(1, 3 * num_ms, (groups, rows))
        for groups, rows, seed in matrices
    ]
    together = pack(sizes, num_ms)
    before = passes = 0
    for number, nonzeros in enumerate(sizes):
        alone = pack([nonzeros], num_ms)
        expected = [
            (
                repeats,
                folded,
                [(size, start, row + before * (row >= 0)) for size, start, row in vns],
            )
            for repeats, folded, vns in parts_of(alone, 0)
        ]
        assert parts_of(together, number) == expected
        assert together.first_vn[number] == np.searchsorted(
            together.packing.configuration, together.first_configuration[number]
        )
        own = alone.packing.first_rows + before
        assert together.first_pass[number] == passes
        assert together.packing.first_rows[passes : passes + len(own)].tolist() == own.tolist()
        assert together.resident_weights[number] == alone.packing.resident_weights
        before, passes = before + nonzeros.size, passes + len(own)
