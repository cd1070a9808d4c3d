"""Where the inputs of layers were not zero, as a file keeps it: a bit a value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.network import Layer

#: Before the name of a layer, the name of the array of its masks.
PREFIX: Final = "__hwsim__.input_masks."
_BITS: Final = 8


def packed(layers: tuple[Layer, ...]) -> dict[str, NDArray[np.uint8]]:
    """Pack the masks of layers that have some.

    Returns
    -------
    dict of str to ndarray of uint8, shape (samples, bytes)
        By the array's name; of each sample the bits in the order of the input's axes, the last
        byte filled with zeros.

    Raises
    ------
    InputError
        If masks are no booleans of the layer's input.
    """
    return {
        f"{PREFIX}{layer.name}": np.packbits(_flat(layer, layer.input_masks), axis=1)
        for layer in layers
        if layer.input_masks is not None
    }


def _flat(layer: Layer, masks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    if masks.dtype != np.bool_ or masks.shape[1:] != layer.input_shape or not masks.size:
        expected = " x ".join(map(str, layer.input_shape))
        raise InputError(
            f"layer {layer.name!r}: masks of its input should be booleans, samples x {expected}. "
            f"Got {masks.dtype} of {' x '.join(map(str, masks.shape))}"
        )
    return masks.reshape(len(masks), -1)


def take_masks(arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Take packed masks out of the arrays of a file, and give them by layer."""
    names = [name for name in arrays if name.startswith(PREFIX)]
    return {name.removeprefix(PREFIX): arrays.pop(name) for name in names}


def with_masks(
    path: Path, layers: tuple[Layer, ...], masks: Mapping[str, NDArray[Any]]
) -> tuple[Layer, ...]:
    """Give layers their masks.

    Raises
    ------
    InputError
        If there are masks of no layer, or of another input than the layer has.
    """
    if not masks:
        return layers
    names = {layer.name for layer in layers}
    for name in masks:
        if name not in names:
            raise InputError(f"{path}: {PREFIX}{name}: there is no layer {name!r}")
    return tuple(
        replace(layer, input_masks=_unpacked(path, layer, masks[layer.name]))
        if layer.name in masks
        else layer
        for layer in layers
    )


def _unpacked(path: Path, layer: Layer, bits: NDArray[Any]) -> NDArray[np.bool_]:
    values = math.prod(layer.input_shape)
    bytes_each = -(-values // _BITS)
    if bits.dtype != np.uint8 or bits.ndim != 2 or not len(bits) or bits.shape[1] != bytes_each:
        raise InputError(
            f"{path}: {PREFIX}{layer.name}: expected the bits of {values:,} values, samples x "
            f"{bytes_each} bytes. Got {bits.dtype} of {' x '.join(map(str, bits.shape))}"
        )
    there = np.unpackbits(bits, axis=1, count=values).view(np.bool_)
    return there.reshape(len(bits), *layer.input_shape)
