"""``--unpack GLOB=FORMAT``: what an array's integers stand for, where its name does not say."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError, did_you_mean
from hwsim.networks.arrays import bits
from hwsim.networks.arrays.small_floats import BFLOAT16, E4M3, E5M2, decoded
from hwsim.networks.geometry import shape_text

Array = NDArray[Any]
_BLOCK: Final = 32
_FLOATS: Final = {"bfloat16": BFLOAT16, "e4m3": E4M3, "e5m2": E5M2}


def parse_unpack(text: str) -> tuple[str, str, str]:
    """Take ``GLOB=FORMAT[:ARGUMENT]`` apart.

    Raises
    ------
    InputError
        If it is not that, or the format is not known.
    """
    pattern, equals, spec = text.rpartition("=")
    name, _, argument = spec.partition(":")
    if not (pattern and equals):
        raise InputError(f"unpack {text!r}: expected GLOB=FORMAT, e.g. 'fc*.weight=zero-point:128'")
    if name not in FORMATS:
        raise InputError(f"unpack {text!r}: no format {name!r}{did_you_mean(name, FORMATS)}")
    return pattern, name, argument


def unpack(path: Path, key: str, array: Array, name: str, argument: str) -> Array:
    """Give the levels of an array in one of ``FORMATS``.

    Raises
    ------
    InputError
        If the array cannot be in that format.
    """
    try:
        if array.dtype.kind not in "iub" and not (name in _FLOATS and array.dtype.kind == "V"):
            raise ValueError(f"holds {array.dtype}; expected integers")
        if array.size == 0:
            raise ValueError("has no elements")
        return FORMATS[name](array, argument)
    except ValueError as error:
        raise InputError(f"{path}: {key}, unpacked as {name}: {error}") from error


def _values(array: Array, argument: str) -> Array:
    _nothing(argument)
    return array.astype(np.int64).astype(np.float32)


def _zero_point(array: Array, argument: str) -> Array:
    if not re.fullmatch(r"-?\d{1,6}", argument):
        raise ValueError(f"expected zero-point:N. Got {argument!r}")
    return (array.astype(np.int64) - int(argument)).astype(np.float32)


def _ternary(array: Array, argument: str) -> Array:
    _nothing(argument)
    if array.dtype != np.uint8 or array.ndim < 1:
        raise ValueError(f"holds {array.dtype}; expected uint8")
    return bits.ternary(array).astype(np.float32)


def _signs(array: Array, argument: str) -> Array:
    """Bits of np.packbits, 1 for +1 and 0 for -1."""
    return _bits(array, argument).astype(np.float32) * 2 - 1


def _zeros_and_ones(array: Array, argument: str) -> Array:
    """Bits of np.packbits, as they are."""
    return _bits(array, argument).astype(np.float32)


def _bits(array: Array, argument: str) -> Array:
    """Read bits, the highest of a byte first; a shape says how many of them count.

    np.packbits fills up the last byte: of every row where the packed array has as many rows, of
    all where it has one dimension.
    """
    if array.dtype != np.uint8:
        raise ValueError(f"holds {array.dtype}; expected the uint8 of np.packbits")
    found = np.unpackbits(array, axis=-1)
    if not argument:
        if array.ndim < 2:
            raise ValueError("has one dimension; give the shape of the weights, e.g. bits:64x27")
        return found
    shape = _shape(argument)
    if array.ndim == 1 and -(-math.prod(shape) // 8) == array.size:
        return found[: math.prod(shape)].reshape(shape)
    rows, columns = shape[0], math.prod(shape[1:])
    if array.ndim == 2 and array.shape == (rows, -(-columns // 8)):
        return found[:, :columns].reshape(shape)
    last = array.ndim == len(shape) and array.shape == (*shape[:-1], -(-shape[-1] // 8))
    if not last:
        raise ValueError(f"{shape_text(array.shape)} bytes are no {shape_text(shape)} bits")
    return found[..., : shape[-1]]


def _int4(array: Array, argument: str) -> Array:
    """Two's complement of 4 bits, the lower half of a byte first."""
    _nothing(argument)
    levels = bits.fields(array, 4).astype(np.int8)
    return np.where(levels > 7, levels - 16, levels).astype(np.float32)


def _uint4(array: Array, argument: str) -> Array:
    """Levels of 4 bits less a zero point, the lower half of a byte first."""
    if not re.fullmatch(r"\d{1,2}", argument) or int(argument) > 15:
        raise ValueError(f"expected uint4:ZERO with ZERO from 0 to 15. Got {argument!r}")
    return bits.fields(array, 4).astype(np.float32) - int(argument)


def _blocks(array: Array, size: int) -> tuple[Array, Array]:
    """Split rows of bytes into blocks: their scales (a half float each), and what follows."""
    if array.dtype != np.uint8 or array.ndim != 2 or array.shape[1] % size:
        raise ValueError(
            f"{array.dtype} {shape_text(array.shape)}: expected uint8, rows of blocks of {size} "
            "bytes"
        )
    blocks = np.ascontiguousarray(array).reshape(array.shape[0], -1, size)
    scale = np.ascontiguousarray(blocks[..., :2]).view("<f2").astype(np.float32)
    return scale, blocks[..., 2:]


def _q8_0(array: Array, argument: str) -> Array:
    _nothing(argument)
    scale, rest = _blocks(array, 2 + _BLOCK)
    return (scale * rest.view(np.int8)).reshape(array.shape[0], -1)


def _q4_0(array: Array, argument: str) -> Array:
    _nothing(argument)
    scale, rest = _blocks(array, 2 + _BLOCK // 2)
    levels = np.concatenate([rest & 15, rest >> 4], axis=-1).astype(np.float32) - 8
    return (scale * levels).reshape(array.shape[0], -1)


def _small_float(array: Array, argument: str, dtype: np.dtype[Any]) -> Array:
    """Floats that numpy does not have, saved as integers or as bytes without a type."""
    _nothing(argument)
    if array.dtype.itemsize != dtype.itemsize or array.dtype.names:
        raise ValueError(f"holds {array.dtype}; expected numbers of {dtype.itemsize} bytes")
    return decoded(np.ascontiguousarray(array).view(dtype))


def _nothing(argument: str) -> None:
    if argument:
        raise ValueError(f"takes no argument. Got {argument!r}")


def _shape(argument: str) -> tuple[int, ...]:
    if not re.fullmatch(r"[1-9]\d{0,6}(x[1-9]\d{0,6}){1,3}", argument):
        raise ValueError(f"expected a shape, e.g. 64x27. Got {argument!r}")
    return tuple(map(int, argument.split("x")))


#: What ``--unpack`` knows. ``q8_0`` and ``q4_0`` are blocks of 32 weights of GGML
#: (ggml/src/ggml-quants.c, ``dequantize_row_q4_0`` and ``..._q8_0``).
FORMATS: Final[dict[str, Callable[[Array, str], Array]]] = {
    "values": _values,
    "zero-point": _zero_point,
    "ternary": _ternary,
    "signs": _signs,
    "bits": _zeros_and_ones,
    "int4": _int4,
    "uint4": _uint4,
    "q4_0": _q4_0,
    "q8_0": _q8_0,
    **{name: partial(_small_float, dtype=dtype) for name, dtype in _FLOATS.items()},
}
