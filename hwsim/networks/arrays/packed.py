"""Packed weights of formats that are known by the names of their arrays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.arrays import bits
from hwsim.networks.arrays.names import Arrays, beside, place
from hwsim.networks.arrays.scratch import stored
from hwsim.networks.geometry import shape_text
from hwsim.networks.mapped import let_go

Array = NDArray[Any]
#: Where AWQ puts eight columns into a word: field i holds column ``_AWQ[i]`` of eight.
_AWQ = (0, 2, 4, 6, 1, 3, 5, 7)


def unpacked(path: Path, named: Arrays) -> tuple[dict[str, Array], list[str]]:
    """Unpack the weights whose format their names tell.

    GPTQ and AWQ [1]_ (``qweight``, ``qzeros``, ``scales``), compressed-tensors [2]_
    (``weight_packed``, ``weight_shape``, ``weight_scale``) and BitNet [3]_ (a ``weight`` of uint8
    with one ``weight_scale``).

    Returns
    -------
    named : dict of str to ndarray
        The arrays, with ``LAYER.weight`` in place of the packed ones.
    notes : list of str
        What was unpacked, a line a format.

    Raises
    ------
    InputError
        If such arrays do not fit each other.

    References
    ----------
    .. [1] AutoGPTQ, auto_gptq/nn_modules/qlinear/qlinear_cuda_old.py, ``pack``; AutoAWQ,
       awq/modules/linear/gemm.py, ``from_linear``.
    .. [2] compressed-tensors, compressors/quantized_compressors/pack_quantized.py.
    .. [3] transformers, integrations/bitnet.py, ``pack_weights``.
    """
    whole: dict[str, Array] = {}
    used: set[str] = set()
    layers: dict[str, list[str]] = {}
    for key, array in named.items():
        found = _format_of(key, named)
        if found is None:
            place(path, whole, key, array)
            continue
        label, unpack, parts = found
        try:
            weight = unpack(key, named)
        except (ValueError, IndexError, TypeError, ZeroDivisionError) as error:
            shape = shape_text(array.shape)
            raise InputError(f"{path}: {key} ({shape}), read as {label}: {error}") from error
        place(path, whole, beside(key, "weight"), stored(weight))
        let_go(array)
        used.update(beside(key, part) for part in parts)
        layers.setdefault(label, []).append(key)
    kept = {key: array for key, array in whole.items() if key not in used}
    return kept, [f"{len(keys)} layers unpacked: {label}" for label, keys in layers.items()]


_Unpack = Callable[[str, Arrays], Array]
_GPTQ_PARTS = ("qzeros", "scales", "g_idx")
_COMPRESSED_PARTS = ("weight_shape", "weight_scale", "weight_zero_point", "weight_g_idx")


def _format_of(key: str, named: Arrays) -> tuple[str, _Unpack, tuple[str, ...]] | None:
    parameter = key.rpartition(".")[2]
    if parameter == "qweight" and all(beside(key, part) in named for part in ("qzeros", "scales")):
        words, scales = named[key], named[beside(key, "scales")]
        if words.ndim == scales.ndim == 2 and words.shape[1] == scales.shape[1]:
            return "GPTQ", _gptq, _GPTQ_PARTS
        return "AWQ", _awq, _GPTQ_PARTS
    if parameter == "weight_packed" and beside(key, "weight_shape") in named:
        return "compressed-tensors", _compressed, _COMPRESSED_PARTS
    if parameter != "weight" or named[key].dtype != np.uint8:
        return None
    scale = named.get(beside(key, "weight_scale"))
    if scale is None or scale.size != 1 or beside(key, "weight_zero_point") in named:
        return None
    return "BitNet, four ternary weights a byte", _bitnet, ("weight_scale",)


def _gptq(key: str, named: Arrays) -> Array:
    """Weights (inputs, filters) along words of the first dimension, zero points one less."""
    words, zeros, scales = (named[beside(key, part)] for part in ("qweight", "qzeros", "scales"))
    width = _width(zeros.shape[1] * _word_bits(zeros), scales.shape[1])
    levels = bits.fields(words.T, width).T
    zero = bits.fields(zeros, width).astype(np.int16)
    # AutoGPTQ stores one less; a symmetric file of its second format the very middle.
    if not (zero == 1 << (width - 1)).all():
        zero += 1
    groups = named.get(beside(key, "g_idx"))
    return _scaled_by_group(levels, zero, scales, groups).T


def _awq(key: str, named: Arrays) -> Array:
    """Weights (inputs, filters) of 4 bits along words of the second dimension, interleaved."""
    words, zeros, scales = (named[beside(key, part)] for part in ("qweight", "qzeros", "scales"))
    width = _width(words.shape[1] * _word_bits(words), scales.shape[1])
    if width != 4:
        raise ValueError(f"its fields have {width} bits, expected 4")
    levels, zero = (_deinterleaved(bits.fields(each, 4)) for each in (words, zeros))
    return _scaled_by_group(levels, zero.astype(np.int16), scales, None).T


def _deinterleaved(columns: Array) -> Array:
    eights = columns.reshape(columns.shape[0], -1, 8)
    ordered = np.empty_like(eights)
    ordered[..., list(_AWQ)] = eights
    return ordered.reshape(columns.shape)


def _scaled_by_group(levels: Array, zero: Array, scales: Array, groups: Array | None) -> Array:
    inputs, count = levels.shape[0], scales.shape[0]
    if levels.shape[1] != scales.shape[1] or zero.shape != scales.shape:
        shapes = ", ".join(shape_text(each.shape) for each in (levels, zero, scales))
        raise ValueError(f"levels, zero points and scales do not fit each other ({shapes})")
    if groups is None:
        if inputs % count:
            raise ValueError(f"{count} groups do not divide {inputs} inputs")
        groups = np.arange(inputs) // (inputs // count)
    elif groups.shape != (inputs,) or groups.min() < 0 or groups.max() >= count:
        raise ValueError(f"g_idx does not name one of {count} groups for each of {inputs} inputs")
    return (levels - zero[groups]) * scales.astype(np.float32)[groups]


def _compressed(key: str, named: Arrays) -> Array:
    """Weights (filters, inputs) along words of the second dimension, 0 in the middle."""
    words, shape = named[key], tuple(map(int, named[beside(key, "weight_shape")].ravel()))
    scale = named.get(beside(key, "weight_scale"))
    if len(shape) != 2 or scale is None:
        raise ValueError("weight_shape of two numbers and weight_scale are expected beside it")
    if beside(key, "weight_zero_point") in named:
        raise ValueError("it has zero points; save it with symmetric weights, or decompressed")
    width = _word_bits(words) * words.shape[1] // shape[1]
    if not 1 <= width <= 8:
        raise ValueError(f"fields of {width} bits")
    levels = bits.fields(words, width)[:, : shape[1]]
    if levels.shape != shape:
        raise ValueError(f"unpacked {shape_text(levels.shape)}, weight_shape {shape_text(shape)}")
    weight: Array = (levels.astype(np.int16) - (1 << (width - 1))) * by_group(scale, shape)
    return weight


def _bitnet(key: str, named: Arrays) -> Array:
    scale = named[beside(key, "weight_scale")].astype(np.float32).reshape(())
    if named[key].ndim != 2:
        raise ValueError("expected two dimensions")
    return bits.ternary(named[key]) * scale


def by_group(scale: Array, shape: tuple[int, ...]) -> Array:
    """Spread scales over a weight of filters and inputs.

    Parameters
    ----------
    scale : ndarray
        One, one a filter, or (filters, groups of inputs).
    shape : tuple of int
        Of the weight.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    if scale.dtype.kind not in "fiu":
        raise ValueError(f"holds {scale.dtype}; expected real numbers")
    values = scale.astype(np.float32)
    if values.size == 1:
        return values.reshape(())
    if values.size == shape[0] and values.shape[0] == shape[0]:
        return values.reshape(shape[0], *[1] * (len(shape) - 1))
    grouped = values.ndim == len(shape) == 2 and values.shape[0] == shape[0]
    if grouped and shape[1] % values.shape[1] == 0:
        return np.repeat(values, shape[1] // values.shape[1], axis=1)
    raise ValueError(f"scales {shape_text(scale.shape)} do not fit weights {shape_text(shape)}")


def _word_bits(words: Array) -> int:
    if words.dtype.kind not in "iu" or words.ndim != 2:
        raise ValueError(f"expected integers of two dimensions. Got {words.dtype}")
    return words.dtype.itemsize * 8


def _width(all_bits: int, count: int) -> int:
    width, left = divmod(all_bits, count)
    if left or not 1 <= width <= 8:
        raise ValueError(f"{all_bits} bits are no {count} fields of 1 to 8 bits")
    return width
