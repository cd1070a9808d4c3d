"""The same convolutions as dense products, by libraries that are made for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.network import Layer

Floats = NDArray[Any]


def unfolded(given: Floats, layer: Layer) -> Floats:
    """Unfold an image by im2col.

    Parameters
    ----------
    given : ndarray, shape (channels, rows, columns)
        The input of a convolution; (vectors, features) of a linear layer.
    layer : Layer
        Its geometry.

    Returns
    -------
    ndarray, shape (groups, reduction, positions)
    """
    if layer.kind != "conv":
        return np.ascontiguousarray(given.T.reshape(layer.groups, -1, layer.vectors))
    ends = zip(layer.padding, layer.padding_end or layer.padding, strict=True)
    padded = np.pad(given, [(0, 0), *ends])
    spans = [(n - 1) * step + 1 for n, step in zip(layer.kernel, layer.dilation, strict=True)]
    windows = np.lib.stride_tricks.sliding_window_view(padded, spans, axis=(1, 2))
    windows = windows[:, :: layer.stride[0], :: layer.stride[1]]
    windows = windows[..., :: layer.dilation[0], :: layer.dilation[1]].transpose(0, 3, 4, 1, 2)
    return np.ascontiguousarray(windows).reshape(layer.groups, layer.reduction, -1)


def product(columns: Floats, weights: Floats, layer: Layer) -> Floats:
    """Multiply the filters with an unfolded image; (K, positions) in the type of both."""
    rows = weights.reshape(layer.groups, -1, layer.reduction)
    found: Floats = np.matmul(rows, columns)
    return found.reshape(layer.filters, -1)


def sgemm(layer: Layer, weights: Floats) -> Callable[[Floats], Floats]:
    """Make a convolution of numpy: im2col, then the product of its BLAS."""
    return lambda given: product(unfolded(given, layer), weights, layer)


def onednn(layer: Layer, weights: Floats) -> Callable[[Floats], Any] | None:
    """Make a convolution of torch, which calls oneDNN; None without torch or for linear layers."""
    end = layer.padding_end or layer.padding
    if layer.kind != "conv" or end != layer.padding:
        return None
    try:
        import torch
    except ImportError:
        return None
    kept = torch.from_numpy(np.ascontiguousarray(weights, dtype=np.float32))
    options: Any = (None, layer.stride, layer.padding, layer.dilation, layer.groups)

    def convolve(given: Floats) -> Any:
        with torch.inference_mode():
            return torch.nn.functional.conv2d(torch.from_numpy(given)[None], kept, *options)

    return convolve
