"""Weights that are denser, or sparser, where they meet activations that are not zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hwsim.validation._file import LinearSpec


def draw_met(
    generator: np.random.Generator, layer: LinearSpec
) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Draw a layer for one vector.

    Trained layers are so: an input that is hardly ever there keeps few weights when pruned.

    Parameters
    ----------
    generator : numpy.random.Generator
        Where both come from.
    layer : LinearSpec
        With ``met``.

    Returns
    -------
    levels : ndarray of int8, shape (filters, channels)
        1 where a weight is not zero.
    nonzeros : ndarray of bool, shape (1, 1, channels)
        Where an activation is not zero, as many as the nearest whole number to its share.
    """
    assert layer.met is not None  # asked by the caller
    there = np.zeros(layer.channels, np.bool_)
    columns = round(layer.activations * layer.channels)
    there[generator.permutation(layer.channels)[:columns]] = True
    shares = np.where(there, layer.met, layer.unmet).astype(np.float32)
    levels = np.empty((layer.filters, layer.channels), np.int8)
    for row in levels:  # one after the other, so that a large layer takes a byte a weight
        row[:] = generator.random(layer.channels, np.float32) < shares
    return levels, there[None, None]
