"""Zeros that run lengths of few bits need, by hand and against an encoder that walks fibers."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.density import FixedStructured, Hypergeometric
from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.sparse.run_lengths import (
    entries_of_nonzero,
    entries_per_nonzero,
    limit_run_lengths,
    pad_fibers,
    pad_run_lengths,
)
from hwsim.engines.timeloop.sparse.sparse_tile import Fibertree
from hwsim.engines.timeloop.spec import read_evaluation_inputs, read_inputs
from hwsim.engines.timeloop.terms.formats import RankFormat, Representation
from hwsim.engines.timeloop.terms.mapping import Loop
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError
from tests.engines.timeloop.designs import gemm, table, temporal, three_levels
from tests.engines.timeloop.sparse.parts import CP, UOP, compressed, product, tile


def run_length(bits, longest=None):
    return RankFormat("rle", bits, 0, longest_run=longest)


def literal(fiber, longest_run):
    """Places of the entries that are written, one by one."""
    entries, zeros, waiting = [], 0, []
    for place, full in enumerate(fiber):
        if full:
            entries += [*waiting, place]
            zeros, waiting = 0, []
            continue
        zeros += 1
        if zeros == longest_run + 1:  # as many as can be told, and the zero itself
            waiting.append(place)
            zeros = 0
    return entries


def test_runs_by_hand():
    fibers = np.zeros((4, 9), dtype=bool)
    fibers[0, 8] = fibers[1, 3] = fibers[2, [0, 4]] = True
    entries = pad_fibers(fibers, 3)
    # eight zeros and a value: after three zeros a zero, twice; three can be told; none at the end
    assert [np.flatnonzero(row).tolist() for row in entries] == [[3, 7, 8], [3], [0, 4], []]
    assert pad_fibers(fibers, 2)[2].nonzero()[0].tolist() == [0, 3, 4]
    assert fibers.sum() == 4  # not changed in place


@given(
    st.lists(st.lists(st.booleans(), min_size=23, max_size=23), min_size=1, max_size=4),
    st.integers(0, 7),
)
def test_runs_are_broken_as_by_an_encoder(rows, longest_run):
    entries = pad_fibers(np.array(rows, dtype=bool), longest_run)
    expected = [literal(row, longest_run) for row in rows]
    assert [np.flatnonzero(row).tolist() for row in entries] == expected


def test_many_fibers_are_padded_in_parts(monkeypatch):
    fibers = np.random.default_rng(0).random((50, 40)) < 0.1
    whole = pad_fibers(fibers, 3)
    monkeypatch.setattr("hwsim.engines.timeloop.sparse.run_lengths._AT_ONCE", 90)
    assert (pad_fibers(fibers, 3) == whole).all()


def test_expected_entries():
    # EIE: 64 of 4,096 outputs a PE, 4 % of the weights, 4 bits
    weights = Hypergeometric(0.04).of_tensor((4096, 4096))
    assert entries_of_nonzero(weights, 64, 15) == pytest.approx(
        1 + (48 * 0.96**16 + 32 * 0.96**32 + 16 * 0.96**48) / 64, abs=1e-4
    )
    # every tenth point of a fiber of 40: after three zeros a zero, after seven another
    assert entries_of_nonzero(FixedStructured(0.1), 40, 3) == pytest.approx(
        1 + ((40 - 4) * 0.1 + (40 - 8) * 0.1) / 4
    )
    assert entries_of_nonzero(FixedStructured(1.0), 40, 3) == 1.0
    assert entries_of_nonzero(FixedStructured(0.0), 40, 3) == 1.0
    assert entries_of_nonzero(weights, 16, 15) == 1.0


def test_expected_entries_are_the_mean_over_drawn_fibers():
    generator = np.random.default_rng(1)
    drawn = np.zeros((400, 64), dtype=bool)
    drawn.reshape(-1)[generator.permutation(drawn.size)[: drawn.size // 10]] = True
    counted = pad_fibers(drawn, 7).sum() / drawn.sum()
    expected = entries_of_nonzero(Hypergeometric(0.1).of_tensor(drawn.shape), 64, 7)
    assert counted == pytest.approx(expected, rel=0.02)


def laid_out(density, form, loops, box, size, **more):
    found = tile(size, box=box, density=density, representation=form, **more)
    ends = math.prod(loop.end for loop in loops)
    found.fibertree = Fibertree((tuple(loops),), ((1, 1), box), (ends,), ((1, 1), box))
    return found


M, N, K = range(3)


@pytest.mark.parametrize(
    ("loops", "order"),
    [
        (
            [Loop(K, 6, 6, "time"), Loop(M, 2, 2, "time")],
            lambda a: a.reshape(2, 2, 6).reshape(2, 12),
        ),
        (
            [Loop(M, 2, 2, "time"), Loop(K, 6, 6, "time")],
            lambda a: a.reshape(2, 2, 6).swapaxes(1, 2),
        ),
        (
            [Loop(K, 2, 2, "time"), Loop(M, 2, 2, "time"), Loop(K, 3, 3, "time")],
            lambda a: a.reshape(2, 2, 3, 2).transpose(0, 2, 1, 3),
        ),
    ],
)
def test_fibers_are_walked_as_their_loops_run(loops, order):
    mask = np.random.default_rng(4).random((4, 6)) < 0.2
    problem = product(4, 1, 6, A=ActualData(mask))
    form = compressed(run_length(2, 3))
    inner = laid_out(problem.densities[0], form, loops, (2, 6), 12)
    padded = pad_run_lengths(problem, [[inner], [tile()], [tile()]])
    seen = padded.densities[0].mask
    walked = order(mask).reshape(2, 12)
    expected = [literal(row, 3) for row in walked]
    assert [np.flatnonzero(row).tolist() for row in order(seen).reshape(2, 12)] == expected
    assert inner.density is padded.densities[0]
    assert entries_per_nonzero(problem.densities[0], [inner]) == seen.sum() / mask.sum()
    assert padded.densities[1:] == problem.densities[1:]


def test_fibers_at_the_far_edge_are_shorter():
    mask = np.zeros((1, 10), dtype=bool)
    mask[0, [5, 9]] = True
    problem = product(1, 1, 10, A=ActualData(mask))
    inner = laid_out(
        problem.densities[0], compressed(run_length(1, 1)), [Loop(K, 6, 4, "time")], (1, 6), 6
    )
    seen = pad_run_lengths(problem, [[inner], [tile()], [tile()]]).densities[0].mask
    assert np.flatnonzero(seen).tolist() == [1, 3, 5, 7, 9]


def test_zeros_go_along_inwards_until_another_format():
    mask = np.zeros((1, 8), dtype=bool)
    mask[0, 7] = True
    problem = product(1, 1, 8, A=ActualData(mask))
    known = problem.densities[0]

    def levels(*forms):
        made = [
            laid_out(known, form, [Loop(K, ends, ends, "time")], (1, ends), ends)
            for form, ends in zip(forms, (1, 8, 8), strict=True)
        ]
        seen = pad_run_lengths(problem, [made, [tile()], [tile()]]).densities[0]
        return [int(each.density.mask.sum()) for each in made], int(seen.mask.sum())

    padded, plain = compressed(run_length(2, 3)), compressed(run_length(2))
    assert levels(padded, padded, padded) == ([2, 2, 2], 2)
    assert levels(padded, padded, plain) == ([2, 2, 1], 2)
    assert levels(compressed(CP), padded, padded) == ([1, 2, 2], 1)
    assert levels(None, padded, padded) == ([1, 2, 2], 1)
    assert levels(None, plain, plain) == ([1, 1, 1], 1)


def test_bypassed_levels_change_nothing():
    problem = product(1, 1, 8, A=Hypergeometric(0.25))
    density = problem.densities[0]
    padded = compressed(run_length(1, 1))
    outer = laid_out(density, padded, [Loop(K, 8, 8, "time")], (1, 8), 8)
    spaces = [[tile(0), outer], [tile(), tile()], [tile(), tile()]]
    assert pad_run_lengths(problem, spaces).densities == problem.densities
    assert outer.entries == entries_of_nonzero(density, 8, 1) > 1.1
    assert spaces[0][0].entries == 1.0
    assert entries_per_nonzero(density, spaces[0]) == outer.entries
    assert entries_per_nonzero(density, [tile()]) is None


def test_limits_are_those_of_the_bits():
    before = SparseOptimizations(
        representations={(0, 0): compressed(run_length(4), UOP), (1, 1): compressed(CP)}, any=True
    )
    after = limit_run_lengths(before)
    assert after.representations[0, 0].ranks == (run_length(4, 15), UOP)
    assert after.representations[1, 1] == compressed(CP)
    assert replace(after, representations=before.representations) == before


@pytest.mark.parametrize("ranks", [(CP, run_length(4)), (run_length(0),)])
def test_run_lengths_that_cannot_be_limited_are_refused(ranks):
    with pytest.raises(InputError) as caught:
        limit_run_lengths(SparseOptimizations(representations={(0, 0): Representation(ranks)}))
    assert str(caught.value) == (
        "design.sparse_optimizations: run lengths (RLE) are limited to their bits in the innermost "
        "rank, with metadata_word_bits of 1 or more; change the format, or set "
        "design.run_lengths: unlimited"
    )


def run_length_machine(density, bits=2):
    """A is kept as run lengths along K; units skip what is zero in it."""
    form = {
        "data_spaces": [
            {"name": "A", "ranks": [
                {"format": "UOP", "payload_word_bits": 8},
                {"format": "RLE", "metadata_word_bits": bits},
            ]}
        ]
    }  # fmt: skip
    saving = [{"type": "skipping", "options": [{"target": "Z", "condition_on": ["A"]}]}]
    inputs = {
        "architecture": three_levels(),
        "ERT": table(),
        "problem": gemm(8, 3, 12, A=density),
        "mapping": [
            temporal("DRAM", "M=1 N=3 K=1"),
            temporal("GLB", "M=1 N=1 K=1"),
            temporal("Spad", "M=8 N=1 K=12", "KMN"),
        ],
        "sparse_optimizations": {
            "targets": [
                {"name": "DRAM", "representation_format": form},
                {"name": "GLB", "representation_format": form},
                {"name": "Spad", "representation_format": form, "action_optimization": saving},
                {"name": "MAC", "compute_optimization": [{"type": "skipping"}]},
            ]
        },
    }
    problem, machine, mapping, sparse = read_evaluation_inputs(read_inputs(inputs))
    return tuple(
        evaluate(problem, machine, mapping, each) for each in (sparse, limit_run_lengths(sparse))
    )


def test_zeros_are_stored_moved_and_computed_with():
    mask = np.random.default_rng(5).random((8, 12)) < 0.15
    entries = int(pad_fibers(mask, 3).sum())
    assert entries > mask.sum() + 3
    unlimited, limited = run_length_machine({"distribution": "actual", "data": mask})
    for evaluation, words in ((unlimited, int(mask.sum())), (limited, entries)):
        assert evaluation.compute.counts["random_compute"] == 3 * words
        assert evaluation.cycles == 3 * words
        for level in evaluation.levels:
            tile = level.spaces[0].tile
            assert tile.occupancy == words
            assert level.spaces[0].metadata[0].metadata == words
        spad = evaluation.levels[0].spaces
        assert spad[0].tile.counts["random_fill"] == words
        assert spad[0].tile.formats["random_metadata_fill"][0] == [words, 0]
        assert spad[2].tile.counts["random_update"] == 3 * words


def test_expected_zeros_are_stored_moved_and_computed_with():
    density = {"distribution": "hypergeometric", "density": 0.25}
    unlimited, limited = run_length_machine(density, bits=1)
    ratio = entries_of_nonzero(Hypergeometric(0.25).of_tensor((8, 12)), 12, 1)
    assert ratio > 1.3
    assert unlimited.compute.counts["random_compute"] == 72
    assert limited.compute.counts["random_compute"] == pytest.approx(72 * ratio, abs=1)
    for before, after in zip(unlimited.levels, limited.levels, strict=True):
        plain, padded = before.spaces[0].tile, after.spaces[0].tile
        assert padded.occupancy == pytest.approx(plain.occupancy * ratio)
        assert padded.ranks[0].metadata == pytest.approx(plain.ranks[0].metadata * ratio)
        assert padded.ranks[1] == plain.ranks[1]
        assert after.spaces[0].capacity == math.ceil(before.spaces[0].capacity * ratio)
    updates = [
        each.levels[0].spaces[2].tile.counts["random_update"] for each in (unlimited, limited)
    ]
    assert updates[1] == pytest.approx(updates[0] * ratio, abs=1)


def test_no_more_entries_than_points():
    density = {"distribution": "hypergeometric", "density": 0.9}
    unlimited, limited = run_length_machine(density, bits=1)
    assert limited.levels[0].spaces[0].capacity <= 96
    assert limited.compute.counts["random_compute"] <= 288
    assert limited.compute.counts["random_compute"] >= unlimited.compute.counts["random_compute"]
    assert limited.levels[0].spaces[0].metadata[0].metadata <= 96
