"""The same convolutions as dense products, by libraries that are made for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.network import Layer

Floats = NDArray[Any]


def unfolded(given: Floats, layer: Layer) -> Floats:
    """Unfold images by im2col.

    Parameters
    ----------
    given : ndarray, of the layer's ``input_shape``
        The input of a convolution, or of a linear layer.
    layer : Layer
        Its geometry.

    Returns
    -------
    ndarray, shape (groups, reduction, positions)
        Positions of all images, one image after the other.
    """
    return np.ascontiguousarray(_windows(given, layer)).reshape(layer.groups, layer.reduction, -1)


def _windows(given: Floats, layer: Layer) -> Floats:
    """View images as (channels, window rows and columns, images, output rows and columns)."""
    if layer.kind != "conv":
        return given.T[:, None, None, None, None]
    images = given.reshape(-1, *given.shape[-3:])
    ends = zip(layer.padding, layer.padding_end or layer.padding, strict=True)
    padded = np.pad(images, [(0, 0), (0, 0), *ends])
    spans = [(n - 1) * step + 1 for n, step in zip(layer.kernel, layer.dilation, strict=True)]
    windows = np.lib.stride_tricks.sliding_window_view(padded, spans, axis=(2, 3))
    windows = windows[:, :, :: layer.stride[0], :: layer.stride[1]]
    windows = windows[..., :: layer.dilation[0], :: layer.dilation[1]]
    return windows.transpose(1, 4, 5, 0, 2, 3)


def by_filter(found: Floats, layer: Layer) -> Floats:
    """Put a layer's output in the order of :func:`product`: (K, positions of all images)."""
    if layer.kind != "conv":
        return found.T
    images = found.reshape(layer.images, layer.filters, -1)
    return images.transpose(1, 0, 2).reshape(layer.filters, -1)


def product(columns: Floats, weights: Floats, layer: Layer) -> Floats:
    """Multiply the filters with an unfolded image; (K, positions) in the type of both."""
    rows = weights.reshape(layer.groups, -1, layer.reduction)
    found: Floats = np.matmul(rows, columns)
    return found.reshape(layer.filters, -1)


def sgemm(layer: Layer, weights: Floats) -> Callable[[Floats], Floats]:
    """Make a convolution of numpy: im2col, then the product of its BLAS, into the same memory."""
    rows = weights.reshape(layer.groups, -1, layer.reduction)
    columns = np.empty((layer.groups, layer.reduction, layer.columns), weights.dtype)
    found = np.empty((*rows.shape[:2], layer.columns), weights.dtype)

    def convolve(given: Floats) -> Floats:
        windows = _windows(given, layer)
        np.copyto(columns.reshape(windows.shape), windows)
        np.matmul(rows, columns, out=found)
        return found.reshape(layer.filters, -1)

    return convolve


def onednn(layer: Layer, weights: Floats) -> Callable[[Floats], Any] | None:
    """Make a convolution of torch, which calls oneDNN; None without torch or for linear layers."""
    end = layer.padding_end or layer.padding
    if layer.kind != "conv" or end != layer.padding:
        return None
    try:
        import torch
    except ImportError:
        return None
    kept = torch.from_numpy(np.array(weights, dtype=np.float32))
    options: Any = (None, layer.stride, layer.padding, layer.dilation, layer.groups)

    def convolve(given: Floats) -> Any:
        with torch.inference_mode():
            images = torch.from_numpy(given.reshape(-1, *given.shape[-3:]))
            return torch.nn.functional.conv2d(images, kept, *options)

    return convolve
