"""Where the input of a layer is not zero, from the vectors that it was called with."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.network import Layer

Bools = NDArray[np.bool_]


def mask_of(layer: Layer, vectors: Bools) -> Bools | None:
    """Give a mask the shape of the layer's input.

    Parameters
    ----------
    layer : Layer
        A call of it.
    vectors : ndarray of bool, shape (positions, channels)
        True where a value is not zero, image by image of a convolution.

    Returns
    -------
    ndarray of bool or None
        Of the layer's ``input_shape``; None where the layer is given something else than it was
        called with: windows over frames, one matrix for several products.
    """
    if layer.kind != "conv":
        return vectors if vectors.shape == layer.input_shape else None
    maps = (layer.images, *layer.input_size)
    if vectors.shape != (math.prod(maps), layer.channels):
        return None
    there = vectors.reshape(*maps, layer.channels)
    return np.moveaxis(there, -1, 1).reshape(layer.input_shape)


def joined(layer: Layer, calls: list[Bools]) -> Bools:
    """Join the masks of calls of one layer; ``layer`` has the kind, size and channels of each.

    Returns
    -------
    ndarray of bool, shape (samples, ...)
        Images and vectors one after the other; of products, groups.
    """
    if len(calls) == 1:
        return calls[0]
    if layer.kind == "product":
        return np.concatenate(calls, axis=2)
    if layer.kind == "linear":
        return np.concatenate(calls, axis=1)
    maps = (-1, layer.channels, *layer.input_size)
    return np.concatenate([each.reshape(len(each), *maps) for each in calls], axis=1)
