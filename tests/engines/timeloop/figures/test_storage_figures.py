"""Capacity, vector accesses, energy, time and leakage of a storage level, by hand."""

import numpy as np
import pytest

from hwsim.engines.timeloop.density.density import FixedStructured, Hypergeometric
from hwsim.engines.timeloop.figures.storage_figures import LevelFigures, add_leakage, level_figures
from hwsim.engines.timeloop.sparse.sparse_tile import Fibertree
from hwsim.engines.timeloop.terms.formats import RankFormat, RankOccupancy
from hwsim.engines.timeloop.terms.machine import STORAGE_ACTIONS, Mesh
from hwsim.errors import InputError
from tests.engines.timeloop.sparse.parts import CP, compressed, level, product, tile


def figures(a, b=None, z=None, cycles=100, **changes):
    tiles = [a, b or tile(0), z or tile(0)]
    return level_figures(level(**changes), tiles, product(), cycles)


def prices(**energies):
    return dict.fromkeys(STORAGE_ACTIONS, 0.0) | energies


def test_accesses_are_of_whole_blocks():
    a = tile(8, reads=10, fills=9)
    found = figures(a, block_size=4, energy=prices(random_read=3.0, random_fill=5.0)).spaces[0]
    assert found.vector_accesses["random_read"] == 3
    assert found.vector_accesses["random_fill"] == 3
    assert found.vector_accesses["gated_read"] == 0
    assert found.energy == found.total_energy == 3 * 3.0 + 3 * 5.0
    assert found.actual_accesses == 19


def test_wide_words_take_several_accesses_and_narrow_ones_share_them():
    found = figures(tile(8, reads=10), tile(8, reads=10), bits={"A": 20, "B": 4})
    assert found.spaces[0].vector_accesses["random_read"] == 30  # three of 8 bits each
    assert found.spaces[1].vector_accesses["random_read"] == 5  # two words in one
    assert found.energy == 35


def test_conversions_are_counted_word_by_word():
    a = tile(8, reads=4)
    a.counts["decompression_count"] = 7
    found = figures(a, block_size=4, energy=prices(decompression_count=2.0))
    assert found.spaces[0].vector_accesses["decompression_count"] == 7
    assert found.energy == 14


def compact(density=0.25, size=8, block=4, reads=8, model=FixedStructured, **kwargs):
    """A compressed tile of one rank."""
    own = model(density) if model is FixedStructured else model(density, 64)
    found = tile(size, reads=reads, representation=compressed(CP), density=own, **kwargs)
    found.expected_density = density
    found.fibertree = Fibertree(((),), ((1,), (size,)), (size,))
    found.ranks = [RankOccupancy(size * density, 0.0, 4, 0)]
    return found


def test_blocks_of_small_compressed_tiles_are_partly_filled():
    # 2 of 8 points in one block of 4, where 2 / 4 would be: twice as many blocks
    found = figures(compact(), block_size=4)
    assert found.spaces[0].vector_accesses["random_read"] == 2 * 2.0
    # 1 or 2 of 6 points in a block of 2
    found = figures(compact(size=6, reads=6), block_size=2)
    assert found.spaces[0].vector_accesses["random_read"] == pytest.approx(3 * 1.0 / (1.5 / 2))
    # of 3 random points at most two blocks
    strewn = compact(0.5, 3, reads=3, model=Hypergeometric)
    found = figures(strewn, block_size=2).spaces[0]
    occupancies, chances = strewn.density.distribution((3,))
    touched = sum(-(-k // 2) * chance for k, chance in zip(occupancies, chances, strict=True))
    assert found.vector_accesses["random_read"] == pytest.approx(2 * touched / 0.75)


@pytest.mark.parametrize(
    ("density", "size", "block", "ratio"),
    [
        # a quarter: from 125 blocks of 2 on, and so on; below they are counted
        (0.25, 249, 2, None), (0.25, 250, 2, 1.0),
        (0.95, 55, 2, None), (0.95, 56, 2, 1.0),
        (0.15, 1499, 4, None), (0.15, 1500, 4, 1.0),
        (0.05, 3503, 8, None), (0.05, 3504, 8, 1.0),
        (0.1, 3504, 8, 1.0),
        (1.0, 7, 4, 1.0),
    ],
)  # fmt: skip
def test_large_tiles_fill_their_blocks(density, size, block, ratio):
    reads = block * 100
    found = figures(compact(density, size, block, reads), block_size=block, size=None).spaces[0]
    filled = size * density / block
    exact = size * density
    low, share = int(exact), exact - int(exact)
    touched = -(-low // block) * (1 - share) + -(-(low + 1) // block) * share
    expected = ratio or touched / filled
    assert found.vector_accesses["random_read"] == pytest.approx(100 * expected)
    assert ratio or expected > 1.0005 or density == 0.25


class Overfull(FixedStructured):
    """A density that fills ten times the blocks there are, so that counting shows."""

    def distribution(self, box):
        return np.array([10 * box[0]]), np.array([1.0])


#: Blocks from which on they are not counted one by one, as Timeloop has them.
AVERAGING = {
    2: (251, 125, 84, 63, 51, 42, 36, 32, 28),
    4: (375, 188, 125, 94, 75, 63, 54, 47, 42),
    8: (438, 219, 146, 110, 88, 73, 63, 55, 49),
    16: (469, 235, 157, 118, 94, 79, 67, 59, 52),
    32: (485, 243, 162, 122, 97, 81, 70, 61, 52),
}


@pytest.mark.parametrize("block", AVERAGING)
def test_how_many_blocks_average_out(block):
    for number, blocks in enumerate(AVERAGING[block]):
        density = (number + 1) / 10 + 0.05
        for size, counted in ((blocks * block, False), (blocks * block - 1, True)):
            a = compact(density, size, block, reads=block)
            a.density = Overfull(density)
            a.representation = compressed(RankFormat("u", 0, 0), CP)
            a.fibertree = Fibertree(((), ()), ((1,), (1,), (size,)), (1, size))
            wide = {"metadata_bits": 10**9, "metadata_width": 0, "size": None}
            found = figures(a, block_size=block, **wide).spaces[0]
            assert (found.vector_accesses["random_read"] > 1) is counted, (density, size)


def test_blocks_of_other_sizes_are_always_counted():
    found = figures(compact(0.5, 1000, 3, reads=300), block_size=3, size=None).spaces[0]
    assert found.vector_accesses["random_read"] == pytest.approx(100 * 167 / (500 / 3))


def test_plain_and_single_words_fill_their_blocks():
    plain = tile(8, reads=8, density=FixedStructured(0.25))
    plain.expected_density = 0.25
    assert figures(plain, block_size=4).spaces[0].vector_accesses["random_read"] == 2
    assert figures(compact(), block_size=1).spaces[0].vector_accesses["random_read"] == 8
    empty = compact(0.0)
    assert figures(empty, block_size=4).spaces[0].vector_accesses["random_read"] == 2


def test_metadata_are_read_in_whole_rows():
    a = compact(reads=8)
    a.ranks = [RankOccupancy(2.0, 1.0, 4, 3), RankOccupancy(1.0, 0.0, 5, 2)]
    a.formats["random_metadata_read"] = [[5, 3], [2, 1]]
    energy = prices(random_metadata_read=2.0)
    found = figures(a, energy=energy).spaces[0]
    assert found.format_bits["random_metadata_read"] == 5 * 4 + 3 * 3 + 2 * 5 + 1 * 2
    assert found.vector_accesses["random_metadata_read"] == 6  # 41 bits in rows of 8
    assert found.energy == 12
    found = figures(a, energy=energy, metadata_width=0).spaces[0]
    assert found.format_bits["random_metadata_read"] == 0
    assert found.vector_accesses["random_metadata_read"] == 0


def test_capacity_of_compressed_tiles_is_that_of_the_fullest():
    a = compact(0.3)
    found = figures(a).spaces[0]
    assert found.capacity == 3
    assert found.metadata == [RankOccupancy(3.0, 0.0, 4, 0)]
    assert found.metadata_bits == 12
    assert figures(tile(8)).spaces[0].capacity == 8
    for entries, words in ((1.5, 5), (5.0, 8)):  # of 3 non-zeros, in 8 points
        a.entries = entries
        assert figures(a).spaces[0].capacity == words


def test_address_generations_are_reads_and_fills_or_updates_and_fills():
    a, z = tile(8, reads=10, fills=4, updates=3), tile(8, reads=10, fills=4, updates=3)
    a.counts["gated_read"], z.counts["gated_fill"] = 5, 2
    a.counts["skipped_read"] = 99
    found = figures(a, z=z, addr_gen_energy=0.5)
    assert found.spaces[0].address_generations == 19
    assert found.spaces[2].address_generations == 9
    assert found.spaces[0].addr_gen_energy == 9.5
    assert found.address_energy == 14.0
    assert figures(tile(8, reads=1), addr_gen_energy=0.0).address_energy == 0
    assert figures(tile(8, reads=1), addr_gen_energy=-1.0).address_energy == 0


def test_what_streams_takes_no_room_and_no_addresses():
    a, b = compact(0.5, size=200, reads=100), tile(64, reads=7)
    found = level_figures(
        level(metadata_bits=0, addr_gen_energy=1.0), [a, b, tile(0)], product(), 100, [True, False]
    )
    streamed, stored, _ = found.spaces
    assert (streamed.capacity, streamed.metadata_bits, streamed.address_generations) == (0, 0, 0)
    assert (stored.capacity, stored.address_generations) == (64, 7)
    assert streamed.vector_accesses["random_read"] == 100
    assert found.address_energy == 7


def test_clusters_share_addresses_and_accesses():
    a = tile(8, reads=10, instances=8, columns=4, rows=2)
    found = figures(a, mesh=Mesh(4, 2), cluster_size=4, addr_gen_energy=1.0)
    (space, *_) = found.spaces
    assert space.clusters == 2
    assert space.most_instances == 8
    assert space.energy == 10 / 4  # four instances an access
    assert space.total_energy == 20
    assert found.address_energy == 20
    assert found.energy == 40


def test_instances_that_hold_nothing_cost_nothing():
    a = tile(8, reads=10, instances=0)
    found = figures(a, read_bandwidth=0.01)
    assert found.spaces[0].energy == 0
    assert found.slowdown == 1


def test_bandwidth_slows_the_level_down():
    a, z = tile(8, reads=60, fills=20), tile(8, reads=40, updates=30)
    free = figures(a, z=z, read_bandwidth=1.0, write_bandwidth=0.5, shared_bandwidth=1.5)
    assert (free.slowdown, free.cycles) == (1.0, 100)
    assert free.spaces[0].read_demand == 0.6
    assert free.spaces[2].write_demand == 0.3
    slow = figures(a, z=z, read_bandwidth=0.75)
    assert (slow.slowdown, slow.cycles) == (0.75, 134)
    assert slow.spaces[0].read_bandwidth == pytest.approx(0.45)
    assert slow.spaces[0].write_bandwidth == pytest.approx(0.15)
    assert slow.spaces[2].shared_bandwidth == pytest.approx(0.75 * 0.7)
    assert figures(a, z=z, write_bandwidth=0.4).slowdown == pytest.approx(0.8)
    assert figures(a, z=z, shared_bandwidth=1.2).slowdown == pytest.approx(0.8)
    least = figures(a, z=z, read_bandwidth=0.9, write_bandwidth=0.1, shared_bandwidth=1.4)
    assert least.slowdown == pytest.approx(0.2)


def test_ports_of_a_data_space_are_a_limit_besides_the_others():
    a, z = tile(8, reads=60, fills=20), tile(8, reads=40, updates=30)
    assert figures(a, z=z, ports={"A": (0.3, None)}).slowdown == pytest.approx(0.5)
    assert figures(a, z=z, ports={"A": (None, 0.05)}).slowdown == pytest.approx(0.25)
    wide = {"A": (0.6, 0.2), "Z": (0.4, 0.3)}
    assert figures(a, z=z, ports=wide).slowdown == 1
    assert figures(a, z=z, ports=wide, read_bandwidth=0.75).slowdown == 0.75


def test_gated_accesses_take_their_slot_and_skipped_ones_do_not():
    a = tile(8, reads=60, fills=10)
    a.counts |= {"gated_read": 20, "skipped_read": 20, "gated_fill": 5, "gated_update": 3}
    found = figures(a).spaces[0]
    assert found.read_demand == 0.8
    assert found.write_demand == 0.18


def test_demand_is_scaled_and_shared_by_what_works():
    a = tile(8, reads=60, fills=21, instances=2, columns=4)
    found = figures(a, mesh=Mesh(4, 1), bandwidth_scale={"A": 0.5}).spaces[0]
    assert found.read_demand == 0.5 * 0.3
    assert found.write_demand == 0.5 * 0.11  # 10.5, rounded up
    assert figures(tile(8, reads=60), bits={"A": 4}).spaces[0].read_demand == 0.3
    nothing = figures(tile(8, reads=60, fills=3), cycles=0).spaces[0]
    assert (nothing.read_demand, nothing.write_demand) == (0, 0)


def test_metadata_take_bandwidth_in_whole_words():
    a = compact(reads=10)
    a.counts |= {"random_fill": 6}
    a.ranks = [RankOccupancy(2.0, 1.0, 4, 3)]
    a.formats["random_metadata_read"] = [[5, 0]]
    a.formats["gated_metadata_read"] = [[1, 0]]
    a.formats["random_metadata_fill"] = [[4, 0]]
    a.formats["gated_metadata_update"] = [[4, 0]]
    found = figures(a).spaces[0]
    # 24 bits are three words, 32 four
    assert found.read_demand == 0.13
    assert found.write_demand == 0.1
    assert found.format_read_share == 3 / 13
    assert found.format_write_share == 4 / 10
    assert found.format_shared_share == 7 / 23


@pytest.mark.parametrize(
    ("bandwidth", "problem"),
    [
        (0.0, "a bandwidth of 0 cannot serve any access"),
        (5e-324, "a bandwidth this small serves the accesses in more than 2^53 cycles"),
    ],
)
def test_a_bandwidth_of_nothing_is_refused(bandwidth: float, problem: str):
    with pytest.raises(InputError) as caught:
        figures(tile(8, reads=1), read_bandwidth=bandwidth)
    assert str(caught.value) == f"Buf: {problem}"


@pytest.mark.parametrize(
    ("tiles", "changes", "message"),
    [
        ([tile(40), tile(25)], {},
         "the mapped tiles of 65 words exceed its capacity of 64 words; choose smaller factors "
         "inside or bypass a data space"),
        ([tile(33)], {"multiple_buffering": 2.0},
         "the mapped tiles of 33 words exceed its capacity of 32 words; choose smaller factors "
         "inside or bypass a data space"),
        ([tile(31)], {"min_utilization": 0.5},
         "the mapped tiles of 31 words are less than the least utilisation of 32 words "
         "(min_utilization)"),
        ([compact(0.5)], {"metadata_bits": 15},
         "the metadata of the mapped tiles, 16 bits, exceed its metadata storage of 15 bits "
         "(metadata_storage_depth x metadata_storage_width)"),
        ([tile(8, instances=3)], {"mesh": Mesh(2, 1)},
         "the mapping uses 3 instances, but there are 2; lower the spatial factors outside, or "
         "move the split between X and Y"),
        ([tile(8, columns=3)], {"mesh": Mesh(2, 2)},
         "the mapping uses 3 columns (meshX), but there are 2; lower the spatial factors outside, "
         "or move the split between X and Y"),
        ([tile(8, rows=3)], {"mesh": Mesh(2, 2)},
         "the mapping uses 3 rows (meshY), but there are 2; lower the spatial factors outside, or "
         "move the split between X and Y"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(tiles, changes, message):
    with pytest.raises(InputError) as caught:
        figures(*tiles, **changes)
    assert str(caught.value) == f"Buf: {message}"


@pytest.mark.parametrize(
    ("tiles", "changes"),
    [
        ([tile(40), tile(24)], {}),
        ([tile(32)], {"min_utilization": 0.5}),
        ([tile(80), tile(48)], {"bits": {"A": 4, "B": 4}}),
        ([tile(1000)], {"size": None, "min_utilization": 0.5}),
        ([compact(0.5)], {"metadata_bits": 16}),
        ([tile(8, instances=4, columns=2, rows=2)], {"mesh": Mesh(2, 2)}),
    ],
)
def test_what_just_fits(tiles, changes):
    figures(*tiles, **changes)


def leaking(*levels):
    found = [
        LevelFigures(made, figures(tile(8, instances=used, columns=used), mesh=made.mesh).spaces)
        for made, used in levels
    ]
    add_leakage(found, 10)
    return found


def test_unused_instances_leak_unless_they_are_switched_off():
    spad = level("Spad", Mesh(8, 1), energy=prices(leak=0.5))
    (alone,) = leaking((spad, 3))
    assert (alone.leakage, alone.powered_utilization, alone.sharing_power_gate) == (15.0, 1.0, 1.0)
    gated = level("Spad", Mesh(8, 1), energy=prices(leak=0.5), power_gated_at="GLB")
    glb = level("GLB", Mesh(2, 1), energy=prices(leak=2.0))
    inner, outer = leaking((gated, 3), (glb, 1))
    # one of two groups of four is on
    assert (inner.leakage, inner.sharing_power_gate) == (0.5 * 10 * 4, 4)
    assert inner.powered_utilization == 3 / 4
    assert (outer.leakage, outer.energy) == (20.0, 20.0)


def test_one_instance_is_always_on():
    (idle,) = leaking((level("Spad", Mesh(8, 1), energy=prices(leak=0.5)), 0))
    assert idle.leakage == 5.0
    gated = level("Spad", Mesh(8, 1), energy=prices(leak=0.5), power_gated_at="GLB")
    inner, _ = leaking((gated, 0), (level("GLB", Mesh(2, 1)), 0))
    assert (inner.leakage, inner.powered_utilization) == (20.0, 0.25)


def test_clusters_in_use_and_clusters_that_are_whole():
    a = tile(8, reads=10, instances=4, columns=2, rows=2)
    assert figures(a, mesh=Mesh(4, 2)).spaces[0].clusters == 4
    b = tile(8, reads=10, instances=5, columns=5)
    assert figures(b, mesh=Mesh(5, 1), cluster_size=2).spaces[0].clusters == 2
    # fewer instances than a cluster has: there is none to share accesses
    alone = figures(tile(8, reads=10), cluster_size=2, addr_gen_energy=1.0).spaces[0]
    assert (alone.clusters, alone.energy) == (0, 10)


def test_metadata_that_take_bandwidth_are_whole_words():
    def shares(reads, fills, metadata_reads, metadata_fills):
        a = compact(reads=reads)
        a.counts |= {"random_fill": fills}
        a.formats["random_metadata_read"] = [[metadata_reads, 0]]
        a.formats["random_metadata_fill"] = [[metadata_fills, 0]]
        found = figures(a).spaces[0]
        return found.format_read_share, found.format_write_share, found.format_shared_share

    # 20 and 24 bits: two words of 8 and three, and five of both together
    assert shares(8, 6, 5, 6) == (2 / 10, 3 / 9, 5 / 19)
    assert shares(8, 8, 5, 5) == (2 / 10, 2 / 10, 5 / 20)
    assert shares(0, 0, 0, 0) == (0, 0, 0)


def test_demand_of_an_instance_is_whole_and_of_both_axes():
    a = tile(8, reads=61, fills=21, instances=2, columns=2, rows=2)
    found = figures(a, mesh=Mesh(2, 2)).spaces[0]
    assert (found.read_demand, found.write_demand) == (0.31, 0.11)
    nothing = figures(tile(8, reads=60, fills=60, instances=0)).spaces[0]
    assert (nothing.read_demand, nothing.write_demand) == (0, 0)


def test_all_that_happens_is_an_access():
    assert figures(tile(8, reads=5, fills=3, updates=2)).spaces[0].actual_accesses == 10


def test_payloads_are_metadata_too():
    a = compact(0.3)  # at most 3 of 8
    a.representation = compressed(CP, RankFormat("uop", 0, 6))
    a.fibertree = Fibertree(((), ()), ((1,), (4,), (8,)), (4, 2))
    # two fibers of two coordinates (1.5, whole) of 4 bits, and three offsets of 6
    assert figures(a).spaces[0].metadata_bits == 4 * 4 + 3 * 6


def test_a_gate_over_two_and_a_gate_over_one():
    gated = level("Spad", Mesh(4, 1), energy=prices(leak=0.5), power_gated_at="GLB")
    inner, _ = leaking((gated, 3), (level("GLB", Mesh(2, 1)), 2))
    assert (inner.leakage, inner.powered_utilization) == (0.5 * 10 * 4, 3 / 4)
    # as many gates as instances: what works is on
    inner, _ = leaking((gated, 1), (level("GLB", Mesh(4, 1)), 2))
    assert (inner.leakage, inner.sharing_power_gate) == (0.5 * 10 * 1, 1)
