"""Integers are no values: zero points and scales applied, or refused where they are not known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.arrays.names import Arrays, beside
from hwsim.networks.arrays.packed import by_group
from hwsim.networks.arrays.small_floats import decoded, is_fp8

Array = NDArray[Any]
#: Names of scales and zero points beside ``weight``, and after its whole name.
_SCALES = ("weight_scale", "weight_scale_inv", "weight_scales", "scales", "SCB", "scale")
_ZEROS = ("weight_zero_point", "weight_zero_points", "weight_zp")
#: A module's own zero point may be that of its output (torch.ao.nn.quantized.Linear).
_AMBIGUOUS_ZERO = "zero_point"
#: The largest of numbers that fit into half a byte.
_HALF_BYTE = 7
#: The largest level that is taken for a value; beyond it words are packed.
_LARGEST = 2**15
#: bitsandbytes stores the largest magnitude of a filter, which is level 127.
_LLM_INT8 = 127
#: DeepSeek's blocks of weights that share a scale (weight_block_size in its config.json).
_BLOCK = 128


def may_be_levels(array: Array) -> bool:
    """Tell by its type an array whose numbers may not be the values that they stand for."""
    return array.dtype.kind in "iu" or is_fp8(array)


def values_of(
    path: Path, key: str, named: Arrays, are_levels: bool = False, may_be_alone: bool = False
) -> tuple[Array, set[str]]:
    """Give the values that a weight's array stands for, and the arrays beside it that were used.

    Integers are levels: times their scale, less their zero point. Signed ones of which nothing
    else is known stand for themselves, as do zeros and ones. ``are_levels`` says that the array's
    numbers have been unpacked, so that only their scale is missing; ``may_be_alone`` that a
    topology will check the shapes of integers that have no scale.

    Raises
    ------
    InputError
        If 0 may be stored as another number, or several weights may share a byte.
    """
    array = named[key]
    if are_levels or is_fp8(array):
        return _with_scale(path, key, named, decoded(array))
    if array.dtype.kind not in "iu":
        return array, set()
    zero, used = _zero_point(path, key, named)
    low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
    if zero is not None:
        shape = (-1, *[1] * (array.ndim - 1)) if zero.size > 1 else ()
        if zero.size not in (1, array.shape[0]):
            raise InputError(f"{path}: {key}: {zero.size} zero points for {array.shape[0]} filters")
        if zero.dtype.kind not in "fiu" or not (np.rint(zero) == zero).all():
            raise InputError(f"{path}: {key}: its zero point is no whole number")
        levels: Array = array.astype(np.int32) - zero.astype(np.int32).reshape(shape)
    elif f"{key}.absmax" in named:
        raise InputError(
            f"{path}: {key} is in blocks of bitsandbytes; save the model after model.dequantize()"
        )
    elif array.dtype.kind == "u" and high > 1:
        raise InputError(
            f"{path}: {key} holds {array.dtype} from {low} to {high} without a zero point: 0 may "
            f"be stored as {1 << 7}, or several weights in a byte; {_ADVICE.format(key=key)}"
        )
    elif max(-low, high) >= _LARGEST:
        raise InputError(
            f"{path}: {key} holds {array.dtype} from {low:,} to {high:,}, which look like several "
            f"weights in a word; {_ADVICE.format(key=key)}"
        )
    else:
        levels = array
        alone = array.ndim == 2 and array.dtype.kind == "i" and max(-low - 1, high) > _HALF_BYTE
        if alone and not may_be_alone and not _scale_name(key, named):
            raise InputError(
                f"{path}: {key} holds {array.dtype} from {low} to {high} and no scale: weights, or "
                f"several in a number? Please {_ADVICE.format(key=key)}"
            )
    scaled, scales = _with_scale(path, key, named, levels)
    return scaled, used | scales


_ADVICE = "say which with --unpack '{key}=FORMAT' (values, zero-point:128, ternary, int4, ...)"


def _zero_point(path: Path, key: str, named: Arrays) -> tuple[Array | None, set[str]]:
    names = [beside(key, name) for name in _ZEROS] + [f"{key}_zero_point", f"{key}.zero_point"]
    for name in names:
        if name in named:
            return named[name], {name}
    ambiguous = beside(key, _AMBIGUOUS_ZERO)
    zero = named.get(ambiguous)
    if zero is None or (named[key].dtype.kind == "i" and not zero.any()):
        return None, set()
    if named[key].dtype.kind == "i":
        raise InputError(
            f"{path}: {ambiguous} is not 0: is it of the weights {key}, or of the layer's output? "
            f"Say so with --unpack '{key}=zero-point:N', N being 0 if it is of the output"
        )
    return zero, {ambiguous}


def _with_scale(path: Path, key: str, named: Arrays, levels: Array) -> tuple[Array, set[str]]:
    name = _scale_name(key, named)
    if name is None:
        return levels, set()
    scale = named[name]
    try:
        spread = _spread(scale, levels.shape)
    except ValueError as error:
        raise InputError(
            f"{path}: {name}: {error}; if several weights share a number, {_ADVICE.format(key=key)}"
        ) from error
    grouped = spread.shape == levels.shape and scale.size > levels.shape[0]
    octets = named[key].dtype.itemsize == 1 and not is_fp8(named[key])
    if grouped and octets and max(-int(levels.min()), int(levels.max())) > 8:
        raise InputError(
            f"{path}: {key} holds 8-bit numbers with scales by groups of inputs, as files of "
            f"4-bit weights do; {_ADVICE.format(key=key)}"
        )
    if name.endswith("SCB"):
        spread = spread / np.float32(_LLM_INT8)
    return levels * spread, {name}


def _scale_name(key: str, named: Arrays) -> str | None:
    names = [beside(key, name) for name in _SCALES] + [f"{key}_scale", f"{key}.scale"]
    return next((each for each in (*names, f"{key}_scale_inv") if each in named), None)


def _spread(scale: Array, shape: tuple[int, ...]) -> Array:
    """Spread scales over a weight, blocks of 128 x 128 among them."""
    if scale.ndim == len(shape) == 2 and scale.shape == tuple(-(-n // _BLOCK) for n in shape):
        rows = np.repeat(scale.astype(np.float32), _BLOCK, axis=0)[: shape[0]]
        return np.repeat(rows, _BLOCK, axis=1)[:, : shape[1]]
    return by_group(scale, shape)
