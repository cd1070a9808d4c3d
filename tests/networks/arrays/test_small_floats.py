"""bfloat16 and the 8-bit floats, decoded."""

from __future__ import annotations

import numpy as np
import pytest

from hwsim.networks.arrays.small_floats import (
    BFLOAT16,
    E4M3,
    E5M2,
    decoded,
    is_fp8,
    is_small_float,
)


def _codes(dtype: np.dtype, *codes: int) -> np.ndarray:
    width = f"<u{dtype.itemsize}"
    return decoded(np.array(codes, width).view(dtype))


def test_e4m3_by_the_papers_table() -> None:
    # 0 1111 110 is 448, 0 0001 000 is 2^-6, 0 0000 001 is 2^-9; table 1
    found = _codes(E4M3, 0x7E, 0x08, 0x01, 0x07, 0x38, 0xB8, 0x00, 0xFE)
    expected = [448, 2**-6, 2**-9, 0.875 * 2**-6, 1, -1, 0, -448]
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.float32
    assert np.isnan(_codes(E4M3, 0x7F, 0xFF)).all()
    assert np.isfinite(_codes(E4M3, *range(0x7F), *range(0x80, 0xFF))).all()


def test_e5m2_by_the_papers_table() -> None:
    # 0 11110 11 is 57344, 0 00001 00 is 2^-14, 0 00000 01 is 2^-16; table 1
    found = _codes(E5M2, 0x7B, 0x04, 0x01, 0x03, 0x3C, 0xBC, 0x7C, 0xFC)
    expected = [57344, 2**-14, 2**-16, 0.75 * 2**-14, 1, -1, np.inf, -np.inf]
    np.testing.assert_array_equal(found, expected)
    assert np.isnan(_codes(E5M2, 0x7D, 0x7E, 0x7F, 0xFD, 0xFE, 0xFF)).all()
    assert np.isfinite(_codes(E5M2, *range(0x7C), *range(0x80, 0xFC))).all()


def test_bfloat16_is_the_upper_half() -> None:
    np.testing.assert_array_equal(_codes(BFLOAT16, 0x3F80, 0xC020, 0x8000), [1, -2.5, -0.0])


def test_others_are_given_back() -> None:
    array = np.ones(3)
    assert decoded(array) is array
    assert not is_small_float(array)
    assert [is_fp8(np.zeros(1, dtype)) for dtype in (E4M3, E5M2, BFLOAT16)] == [True, True, False]
    assert all(is_small_float(np.zeros(1, dtype)) for dtype in (E4M3, E5M2, BFLOAT16))


def test_numpy_does_not_take_them_for_numbers() -> None:
    for dtype in (E4M3, E5M2, BFLOAT16):
        with pytest.raises((TypeError, ValueError)):
            np.zeros(2, dtype).astype(np.float32)


def test_slices_and_transposed_arrays_are_decoded_too() -> None:
    codes = np.array([[0x3F80, 0], [0xC020, 0]], "<u2").view(BFLOAT16)
    np.testing.assert_array_equal(decoded(codes[:, 0]), [1, -2.5])
    np.testing.assert_array_equal(decoded(codes.T), [[1, -2.5], [0, 0]])
