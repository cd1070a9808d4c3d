"""Whole counts of what savings leave, by hand."""

import pytest

from hwsim.engines.timeloop.sparse.conditional_saving import Savings
from hwsim.engines.timeloop.sparse.propagation import (
    apply_representation,
    count_compressions,
    propagate,
)
from hwsim.errors import InputError
from tests.engines.timeloop.sparse.parts import UOP, compressed, compute, product, tile


def left(found, *actions):
    return [found.counts[action] for action in actions]


def test_compressed_tiles_leave_out_zeros_rounded_down():
    a = tile(reads=10, fills=7, updates=9, representation=compressed())
    z = tile(reads=10, fills=7, updates=9, representation=compressed())
    plain = tile(reads=10, fills=7)
    bypassed = tile(0, reads=10, representation=compressed())
    outside = tile(reads=8, representation=compressed())
    for each in (a, z, plain, bypassed, outside):
        each.expected_density = 0.25
    apply_representation(product(), [[a, bypassed, outside], [plain], [z]])
    assert left(outside, "random_read") == [2]
    # 7.5 of 10 and 5.25 of 7 are zeros; updates of operands do not happen
    assert left(a, "random_read", "random_fill", "random_update") == [3, 2, 9]
    assert left(z, "random_read", "random_fill", "random_update") == [3, 2, 3]
    assert left(plain, "random_read", "random_fill") == [10, 7]
    assert left(bypassed, "random_read") == [10]


def savings(kind, *places):
    return Savings(kind={place: kind for place, _ in places}, probability=dict(places), spatial={})


def test_gating_moves_reads_and_updates_to_gated_ones():
    a = [tile(reads=10, child=None)]
    z = [tile(reads=10, updates=7, reductions=6.0)]
    units = compute(100)
    effect = propagate(
        product(), [a, [tile()], z], units, savings("gated", ((0, 0), 0.35), ((0, 2), 0.35))
    )
    assert left(a[0], "random_read", "gated_read", "skipped_read") == [7, 3, 0]
    # results round reads up, because the first writes have been taken off already
    assert left(z[0], "random_read", "gated_read") == [6, 4]
    assert left(z[0], "random_update", "gated_update") == [5, 2]
    assert z[0].dense.temporal_reductions == 5  # 6 x 5 / 7, rounded up
    # operands that are not read are not computed with
    assert units.counts["random_compute"] == 65
    assert effect.saved == [0.35, None, None]


def test_what_is_saved_outside_is_saved_inside():
    a = [tile(reads=100, fills=33), tile(reads=33, fills=9), tile(reads=9)]
    units = compute(100)
    effect = propagate(product(), [a, [tile()] * 3, [tile()] * 3], units,
                       savings("skipped", ((2, 0), 0.4)))  # fmt: skip
    assert left(a[2], "random_read", "skipped_read") == [6, 3]
    assert left(a[1], "random_read", "random_fill") == [20, 6]  # 13.2 and 3.6 are saved
    assert left(a[0], "random_read", "random_fill") == [60, 20]
    assert units.counts["random_compute"] == 60
    assert effect.saved[0] == 0.4


def test_savings_inside_others_count_what_those_left():
    a = [tile(reads=100), tile(reads=50)]
    units = compute(100)
    effect = propagate(
        product(), [a, [tile()] * 2, [tile()] * 2], units,
        savings("gated", ((1, 0), 0.5), ((0, 0), 0.75)),
    )  # fmt: skip
    assert left(a[1], "random_read", "gated_read") == [25, 25]
    # 50 are left, and of those half: 0.75 of all were to be saved, 0.5 are already
    assert left(a[0], "random_read", "gated_read") == [25, 25]
    # the units lose what the inner saving takes of all operations
    assert units.counts["random_compute"] == 25
    assert effect.saved[0] == 0.75


def test_an_inner_saving_of_less_than_was_saved_outside_saves_nothing_more():
    a = [tile(reads=100), tile(reads=50)]
    propagate(product(), [a, [tile()] * 2, [tile()] * 2], compute(100),
              savings("gated", ((1, 0), 0.4), ((0, 0), 0.2)))  # fmt: skip
    assert left(a[0], "random_read", "gated_read") == [60, 0]


def test_all_saved_outside_is_all_saved_inside():
    a = [tile(reads=100), tile(reads=50)]
    units = compute(100)
    propagate(product(), [a, [tile()] * 2, [tile()] * 2], units,
              savings("gated", ((1, 0), 1.0), ((0, 0), 0.2)))  # fmt: skip
    assert left(a[1], "random_read", "gated_read") == [0, 50]
    assert left(a[0], "random_read", "gated_read") == [0, 0]


def metadata(found, action):
    return found.formats[action]


def test_metadata_of_saved_reads_are_saved():
    ranks = compressed(UOP, UOP)
    a = tile(reads=10, representation=ranks)
    a.format_reads = [[10, 5], [3, 0]]
    a.format_fills = [[4, 1], [2, 2]]
    for name in a.formats:
        a.formats[name] = [[0, 0], [0, 0]]
    propagate(product(), [[a], [tile()], [tile()]], compute(10), savings("gated", ((0, 0), 0.5)))
    assert metadata(a, "random_metadata_read") == [[5, 3], [2, 0]]
    assert metadata(a, "gated_metadata_read") == [[5, 2], [1, 0]]
    assert metadata(a, "random_metadata_fill") == [[4, 1], [2, 2]]


def test_only_the_ranks_that_are_sent_are_saved():
    inner, outer = compressed(UOP), compressed(UOP, UOP)
    a = [
        tile(reads=10, representation=inner, parent=1),
        tile(reads=10, representation=outer, child=0),
    ]
    for each, ranks in ((a[0], 1), (a[1], 2)):
        each.format_reads = [[10, 10]] * ranks
        for name in each.formats:
            each.formats[name] = [[0, 0] for _ in range(ranks)]
    propagate(product(), [a, [tile()] * 2, [tile()] * 2], compute(10),
              savings("skipped", ((1, 0), 0.3)))  # fmt: skip
    assert metadata(a[1], "random_metadata_read") == [[7, 7], [10, 10]]
    assert metadata(a[1], "skipped_metadata_read") == [[3, 3], [0, 0]]


def test_metadata_of_one_rank_shrink_with_the_data_inside():
    a = [tile(reads=10, fills=10, representation=compressed(UOP), parent=1),
         tile(reads=10, representation=compressed(UOP), child=0)]  # fmt: skip
    for each in a:
        each.format_reads, each.format_fills = [[10, 6]], [[7, 3]]
        for name in each.formats:
            each.formats[name] = [[0, 0]]
    propagate(product(), [a, [tile()] * 2, [tile()] * 2], compute(10),
              savings("skipped", ((1, 0), 0.3)))  # fmt: skip
    assert metadata(a[0], "random_metadata_read") == [[7, 5]]
    assert metadata(a[0], "random_metadata_fill") == [[5, 3]]


def test_saving_in_space_counts_as_saving():
    a = [tile(reads=10), tile(reads=10)]
    units = compute(100)
    effect = propagate(product(), [a, [tile()] * 2, [tile()] * 2], units,
                       Savings(spatial={(1, 0): 0.3}))  # fmt: skip
    assert left(a[1], "random_read", "skipped_read") == [10, 0]
    assert left(a[0], "random_read") == [7]
    assert units.counts["random_compute"] == 70
    assert effect.saved[0] == 0.3


def test_saving_in_space_and_in_time_at_once_is_refused():
    both = savings("gated", ((0, 0), 0.5))
    both.spatial[0, 0] = 0.5
    with pytest.raises(InputError) as caught:
        propagate(product(), [[tile()], [tile()], [tile()]], compute(10), both)
    assert str(caught.value) == (
        "sparse_optimizations: skipping in space and gating or skipping in time of the same data "
        "space at the same level cannot be modelled together"
    )


def test_shares_are_rounded_to_millionths():
    units = compute(10)
    effect = propagate(product(), [[tile()], [tile()], [tile()]], units,
                       savings("gated", ((0, 1), 0.33333349)))  # fmt: skip
    assert effect.saved[1] == 0.333333


def test_words_change_between_compressed_and_plain():
    inner = tile(reads=9, fills=7, parent=1)
    outer = tile(updates=5, child=0, representation=compressed())
    z_inner, z_outer = (
        tile(fills=7, parent=1),
        tile(updates=5, child=0, representation=compressed()),
    )
    count_compressions(product(), [[inner, outer], [tile()] * 2, [z_inner, z_outer]])
    assert left(inner, "decompression_count", "compression_count") == [7, 0]
    assert left(z_inner, "decompression_count", "compression_count") == [7, 5]
    assert left(outer, "decompression_count", "compression_count") == [0, 0]


def test_plain_outside_compressed_is_refused():
    inner = tile(parent=1, representation=compressed())
    with pytest.raises(InputError) as caught:
        count_compressions(product(), [[inner, tile(child=0)], [tile()] * 2, [tile()] * 2])
    assert str(caught.value) == (
        "sparse_optimizations: A is compressed inside a level that keeps it plain; compression on "
        "the way inwards cannot be modelled"
    )


def test_a_level_inside_saves_though_the_one_outside_does_not():
    a = [tile(reads=10), tile(reads=10)]
    units = compute(101)
    propagate(product(), [a, [tile()] * 2, [tile()] * 2], units, savings("gated", ((0, 0), 0.35)))
    assert left(a[0], "random_read", "gated_read") == [7, 3]
    assert left(a[1], "random_read", "gated_read") == [10, 0]
    assert units.counts["random_compute"] == 101 - 35  # of 35.35


def test_metadata_do_not_shrink_inside_several_ranks():
    a = [tile(reads=10, representation=compressed(UOP), parent=1),
         tile(reads=10, representation=compressed(UOP, UOP), child=0)]  # fmt: skip
    for each, ranks in zip(a, (1, 2), strict=True):
        each.format_reads = [[10, 6]] * ranks
        for name in each.formats:
            each.formats[name] = [[0, 0] for _ in range(ranks)]
    propagate(product(), [a, [tile()] * 2, [tile()] * 2], compute(10),
              savings("skipped", ((1, 0), 0.3)))  # fmt: skip
    assert metadata(a[0], "random_metadata_read") == [[10, 6]]


def test_what_is_never_updated_is_never_added_up():
    z = tile(reads=10, reductions=6.0)
    propagate(product(), [[tile()], [tile()], [z]], compute(10), Savings())
    assert z.dense.temporal_reductions == 0


def test_compressed_words_stay_compressed():
    inner, outer = (tile(fills=7, updates=5, representation=compressed()) for _ in range(2))
    inner.dense.parent, outer.dense.child = 1, 0
    count_compressions(product(), [[tile()] * 2, [tile()] * 2, [inner, outer]])
    assert left(inner, "decompression_count", "compression_count") == [0, 0]
