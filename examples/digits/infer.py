"""The trained networks of this folder in numpy: what each layer sees, and the scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.networks import load_network

Floats = NDArray[np.floating[Any]]
#: PyTorch's default, which train.py used.
_EPSILON = 1e-5


def layer_inputs(path: Path, images: Floats) -> tuple[dict[str, Floats], Floats]:
    """Run a network on images.

    Parameters
    ----------
    path : Path
        One of the ``.npz`` files beside this one.
    images : ndarray, shape (images, 1, 8, 8)
        Gray values from 0 to 1.

    Returns
    -------
    inputs : dict of str to ndarray
        What each layer sees, (images, channels, rows, columns) or (images, features).
    scores : ndarray, shape (images, 10)
    """
    network = load_network(path)
    with np.load(path, allow_pickle=False) as file:
        arrays = dict(file)
    seen: dict[str, Floats] = {}
    maps = images
    for number, layer in enumerate(network.layers[:-1], start=1):
        seen[layer.name] = maps
        maps = _convolve(maps, layer.weight, layer.stride[0])
        maps = np.maximum(_normalise(maps, arrays, f"bn{number}"), 0)
    last = network.layers[-1]
    seen[last.name] = maps.mean(axis=(2, 3))
    return seen, seen[last.name] @ last.weight.T + arrays["fc.bias"]


def _convolve(images: Floats, weight: Floats, stride: int) -> Floats:
    """3 x 3 convolution with padding 1: (N, C, H, W) with (K, C, 3, 3) -> (N, K, P, Q)."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    return np.tensordot(windows, weight, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)


def _normalise(maps: Floats, arrays: dict[str, Any], norm: str) -> Floats:
    """Batch-norm as in inference."""
    gain = arrays[f"{norm}.weight"] / np.sqrt(arrays[f"{norm}.running_var"] + _EPSILON)
    offset = arrays[f"{norm}.bias"] - arrays[f"{norm}.running_mean"] * gain
    normal: Floats = maps * gain[:, None, None] + offset[:, None, None]
    return normal
