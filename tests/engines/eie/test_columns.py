"""Columns as PEs store them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.engines.eie import columns
from hwsim.engines.eie.columns import column_entries, column_rows
from tests.engines.eie.literal import decode, encode

SHAPES = st.tuples(st.integers(1, 90), st.integers(1, 6))


@given(SHAPES, st.integers(1, 5), st.integers(0, 4), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_entries_are_those_of_a_literal_encoder(shape, pes, run_bits, density, seed):
    nonzeros = np.random.default_rng(seed).random(shape) < density
    entries = column_entries(nonzeros, pes, run_bits)
    assert entries.shape == (shape[1], pes)
    for column in range(shape[1]):
        for pe in range(pes):
            weights = list(nonzeros[pe::pes, column].astype(int))
            written = encode(weights, run_bits)
            assert decode(written, len(weights)) == weights
            assert entries[column, pe] == len(written)


@pytest.mark.parametrize(
    ("zeros", "entries"), [(0, 1), (15, 1), (16, 2), (31, 2), (32, 3), (47, 3), (48, 4)]
)
def test_runs_overflow_four_bits(zeros, entries):
    column = np.array([[False]] * zeros + [[True]])
    assert column_entries(column, 1, 4).tolist() == [[entries]]


def test_zeros_after_the_last_weight_take_nothing():
    column = np.array([[True]] + [[False]] * 100)
    assert column_entries(column, 1, 4).tolist() == [[1]]
    assert column_entries(np.zeros((100, 1), bool), 2, 4).tolist() == [[0, 0]]


def test_large_layers_are_looked_at_in_parts(monkeypatch):
    nonzeros = np.random.default_rng(3).random((40, 50)) < 0.1
    whole = column_entries(nonzeros, 4, 2)
    monkeypatch.setattr(columns, "_CHUNK", 90)
    np.testing.assert_array_equal(column_entries(nonzeros, 4, 2), whole)
    monkeypatch.setattr(columns, "_CHUNK", 1)
    np.testing.assert_array_equal(column_entries(nonzeros, 4, 2), whole)


def test_rows_are_the_mean_over_all_beginnings():
    def touched(start, entries, of_row):
        return (start + entries - 1) // of_row - start // of_row + 1

    for of_row in (1, 3, 8):
        for entries in range(1, 20):
            mean = np.mean([touched(start, entries, of_row) for start in range(of_row)])
            assert column_rows(np.array([[entries]]), of_row)[0, 0] == pytest.approx(mean)
    assert column_rows(np.array([[0]]), 8)[0, 0] == 0


@given(SHAPES, st.integers(1, 3), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_a_weight_that_becomes_zero_never_takes_more(shape, pes, run_bits, seed):
    generator = np.random.default_rng(seed)
    nonzeros = generator.random(shape) < 0.4
    before = column_entries(nonzeros, pes, run_bits)
    nonzeros[generator.integers(shape[0]), generator.integers(shape[1])] = False
    after = column_entries(nonzeros, pes, run_bits)
    assert (after <= before).all()
    assert (column_rows(after, 8) <= column_rows(before, 8)).all()


def test_a_pe_may_have_more_filters_than_two_bytes_count():
    assert column_entries(np.ones((65_536, 1), bool), 1, 16).tolist() == [[65_536]]
