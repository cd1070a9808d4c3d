"""Frames: a header and arrays as bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hwsim.bit_rows import BitRows
from hwsim.errors import InputError
from hwsim.framing import frame, frame_digest, read_frame

DTYPES = st.sampled_from(["bool", "int8", ">i4", "<f4", "float64"])
SHAPES = hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5)


@given(st.dictionaries(st.text(max_size=3), hnp.arrays(DTYPES, SHAPES), max_size=3))
def test_what_is_framed_is_read_back(arrays) -> None:
    header = {"name": "a", "pair": [1, 2], "none": None}
    found_header, found = read_frame("thing 1", frame("thing 1", header, arrays))
    assert found_header == header
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].shape == array.shape


def test_the_digest_is_of_the_content_and_not_of_its_layout_in_memory() -> None:
    array = np.arange(6, dtype=np.int16).reshape(2, 3)
    whole = frame_digest("thing 1", {}, {"a": array})
    assert len(whole) == 32
    assert frame_digest("thing 1", {}, {"a": array.astype(">i2")}) == whole
    assert frame_digest("thing 1", {}, {"a": np.asfortranarray(array)}) == whole
    assert frame_digest("thing 1", {}, {"a": array.reshape(3, 2)}) != whole
    assert frame_digest("thing 1", {}, {"b": array}) != whole
    assert frame_digest("thing 2", {}, {"a": array}) != whole
    assert frame_digest("thing 1", {"x": 1}, {"a": array}) != whole


@pytest.mark.parametrize("width", [8, 13])
def test_packed_bits_are_written_as_the_bits(width: int) -> None:
    bits = np.random.default_rng(0).random((3, 5, width)) < 0.5
    assert frame("thing 1", {}, {"a": BitRows.of(bits)}) == frame("thing 1", {}, {"a": bits})


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"PK\x03\x04", "expected the bytes of a hwsim thing 1. Got 'PK\\x03\\x04'; use the hwsim"),
        (b"hwsim thing 2\n{}\n", "expected the bytes of a hwsim thing 1. Got 'hwsim thing 2'; use"),
        (b"hwsim thing 1\n{\n", "the bytes of a hwsim thing 1 are damaged: JSONDecodeError: "),
        (
            frame("thing 1", {}, {"a": np.ones(9, dtype=bool)})[:-1],
            "the bytes of a hwsim thing 1 are cut off in 'a'",
        ),
        (
            frame("thing 1", {}, {"a": np.ones(9, dtype=bool)}) + b"more",
            "the bytes of a hwsim thing 1 are damaged: 4 too many",
        ),
        (b"hwsim thing 1\n[]\n", "the bytes of a hwsim thing 1 are damaged: TypeError: list "),
        ("hwsim thing 1", "expected the bytes of a hwsim thing 1. Got 'hwsim thing 1'"),
        (None, "expected the bytes of a hwsim thing 1. Got None"),
    ],
)
def test_other_bytes_are_refused(content: object, problem: str) -> None:
    with pytest.raises(InputError) as refusal:
        read_frame("thing 1", content)  # type: ignore[arg-type]
    assert str(refusal.value).startswith(problem)
