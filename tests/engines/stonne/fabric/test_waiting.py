"""Reads that some multiplier waits for, against the controller stepped value by value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hwsim
from hwsim.activity import ActionKey
from hwsim.bit_rows import BitRows
from hwsim.engines.stonne.fabric.fibers import fill_short_fibers
from hwsim.engines.stonne.fabric.packing import pack
from hwsim.engines.stonne.fabric.waiting import (
    passes_of_groups,
    passes_that_wait,
    values_waited_for,
)
from hwsim.engines.stonne.sigma.gemms import simulate
from hwsim.engines.stonne.sigma.stream import Stream

READ = ActionKey("GlobalBuffer", "GLOBALBUFFER", "READ", "activations")
UNUSED = READ._replace(operand="unused activations")
PACKETS = ActionKey("DSNetwork", "DN_WIRE", "WRITE", "activations")


def stepped(rows, vectors, num_ms, dn_bw):
    """Read, and send to ports, value by value: (needed reads, unneeded reads, sent, packets)."""
    needed = unneeded = sent = packets = 0
    first = 0
    while first < len(rows):
        past = first + 1
        while past < len(rows) and rows[first : past + 1].sum() <= num_ms:
            past += 1
        pieces = [(first, past, 0, rows.shape[1])]
        if rows[first].sum() > num_ms:
            (places,) = np.nonzero(rows[first])
            ends = [num_ms, *range(2 * num_ms - 1, len(places) + num_ms - 1, num_ms - 1)]
            edges = [0, *(int(places[end - 1]) + 1 for end in ends if end < len(places))]
            pieces = [
                (first, past, low, high)
                for low, high in zip(edges, [*edges[1:], rows.shape[1]], strict=True)
            ]
        for begin, end, low, high in pieces:
            multiplier = int(low > 0)  # a later piece brings its partial sum back by multiplier 0
            holder = {}
            for row in range(begin, end):
                for k in range(low, high):
                    if rows[row, k]:
                        holder.setdefault(k, []).append(multiplier)
                        multiplier += 1
            for vector in vectors:
                for k in range(low, high):
                    ports = {m // (num_ms // dn_bw) for m in holder.get(k, [])}
                    sent += bool(ports)
                    packets += len(ports)
                    needed += bool(ports) and bool(vector[k])
                    unneeded += not ports and bool(vector[k])
        first = past
    return needed, unneeded, sent, packets


def waiting(packing, rows, groups=1):
    """Passes that wait, of which the values that are waited for are the sum."""
    first = packing.first_rows
    found = passes_that_wait(first, rows, passes_of_groups(first, len(rows.packed), groups))
    assert found.sum() == values_waited_for(first, rows).sum()
    return found


@given(
    st.integers(1, 9),
    st.integers(3, 40),
    st.integers(1, 4),
    st.floats(0, 1),
    st.floats(0, 1),
    st.sampled_from([(4, 4), (8, 2), (16, 16), (32, 8)]),
    st.integers(0, 2**32 - 1),
)
def test_every_read_is_told_needed_or_not(M, K, N, density, present, sizes, seed):
    num_ms, dn_bw = sizes
    draw = np.random.default_rng(seed)
    rows, vectors = draw.random((M, K)) < density, draw.random((N, K)) < present
    arch = hwsim.load_arch("sigma", {"num_ms": num_ms, "dn_bw": dn_bw})
    activity = simulate(rows[None], Stream.of_bits(vectors), arch, "MK_STA_KN_STR")
    needed, unneeded, sent, packets = stepped(
        fill_short_fibers(rows), fill_short_fibers(vectors), num_ms, dn_bw
    )
    assert (activity.counts[READ], activity.counts[UNUSED]) == (needed, unneeded)
    assert activity.activation_reads == (needed + unneeded, unneeded)
    assert activity.levels[PACKETS][-2:] == (packets, sent)
    assert activity.by_action()[READ[:3]] == (
        needed
        + unneeded
        + activity.statistics["N_SRAM_weight_reads"]
        + activity.statistics["N_SRAM_psum_reads"]
    )


def test_rows_that_share_a_pass_wait_together():
    rows = np.array([[1, 1, 0, 1, 0], [0, 1, 1, 1, 0], [1, 1, 1, 0, 1]], dtype=bool)
    packing = pack([rows.sum(axis=1)[None]], 8).packing  # two rows of three, then one of four
    assert packing.first_rows.tolist() == [0, 2]
    assert waiting(packing, BitRows.of(rows)).tolist() == [[2, 2, 2, 1, 1]]
    alone = pack([rows.sum(axis=1)[None]], 4).packing
    assert alone.first_rows.tolist() == [0, 1, 2]
    assert waiting(alone, BitRows.of(rows)).tolist() == [[2, 3, 2, 2, 1]]


@pytest.mark.parametrize("density", [0.07, 0.5, 1.0])
def test_expected_reads_are_needed_in_proportion(density):
    rows = np.random.default_rng(3).random((2, 5, 40)) < 0.3
    arch = hwsim.load_arch("sigma", {"num_ms": 16})
    stream = Stream.of_density(6, 40, density)
    activity = simulate(rows, stream, arch, "MK_STA_KN_STR")
    reads, unused = activity.activation_reads
    sent = activity.levels[PACKETS][-1]
    assert sent <= activity.levels[PACKETS][0] == activity.counts[PACKETS]
    assert reads - unused == pytest.approx(sent * stream.present / 240)


def test_every_read_of_dense_weights_is_needed():
    for density in (0.3, 1.0):
        stream = Stream.of_density(7, 50, density)
        arch = hwsim.load_arch("sigma", {"num_ms": 16})
        activity = simulate(np.ones((1, 6, 50), bool), stream, arch, "MK_STA_KN_STR")
        assert activity.counts[UNUSED] == 0


def test_groups_wait_for_themselves():
    rows = np.array([[1, 1, 1, 0], [1, 0, 1, 1], [0, 1, 1, 1], [1, 1, 1, 1]], dtype=bool)
    # One pass of two rows, then two of one each.
    packing = pack([np.array([[3, 3], [3, 4]])], 6).packing
    assert passes_of_groups(packing.first_rows, 4, 2).tolist() == [1, 2]
    assert waiting(packing, BitRows.of(rows), 2).tolist() == [[1, 1, 1, 1], [1, 2, 2, 2]]


def test_one_bit_for_all_waits_like_as_many_bits():
    counts = np.full((2, 3), 5)
    for num_ms in (4, 5, 16):
        packing = pack([counts], num_ms).packing
        every = waiting(packing, BitRows.of(np.ones((6, 5), dtype=bool)), 2).tolist()
        assert waiting(packing, BitRows.full((6, 5)), 2).tolist() == every


def test_more_rows_wait_than_a_byte_counts():
    rows = np.random.default_rng(0).random((600, 9)) < 0.9
    packing = pack([np.full((1, 600), 9)], 9).packing
    assert waiting(packing, BitRows.of(rows)).tolist() == [rows.sum(axis=0).tolist()]
