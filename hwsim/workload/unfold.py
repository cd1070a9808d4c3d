"""A feature map as the vectors that stream past the weights, and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.network import Layer
from hwsim.workload.workload import ConvolutionWindow

Bools = NDArray[np.bool_]


def unfold(present: Bools, layer: Layer) -> Bools:
    """Unfold the input of a layer by im2col, as :func:`hwsim.workload.lower` describes it.

    Parameters
    ----------
    present : ndarray of bool, of the layer's ``input_shape``
        Where the input is not zero.
    layer : Layer
        The layer; what its padding adds is zero.

    Returns
    -------
    ndarray of bool, shape (groups, streams, reduction)
    """
    if layer.kind != "conv":
        return present.reshape(layer.vectors, layer.groups, -1).transpose(1, 0, 2)
    if layer.images > 1:
        one = replace(layer, images=1)
        return np.concatenate([unfold(image, one) for image in present], axis=1)
    ends = zip(layer.padding, layer.padding_end or layer.padding, strict=True)
    padded = np.pad(present, [(0, 0), *ends])
    spans = [(n - 1) * step + 1 for n, step in zip(layer.kernel, layer.dilation, strict=True)]
    windows = np.lib.stride_tricks.sliding_window_view(padded, spans, axis=(1, 2))
    windows = windows[:, :: layer.stride[0], :: layer.stride[1]]
    windows = windows[..., :: layer.dilation[0], :: layer.dilation[1]]
    grouped = windows.reshape(layer.groups, -1, *windows.shape[1:])
    vectors = grouped.transpose(0, 2, 3, 1, 4, 5)
    return np.ascontiguousarray(vectors).reshape(layer.groups, layer.columns, layer.reduction)


def fold(vectors: Bools, window: ConvolutionWindow) -> Bools:
    """Put the feature map together again that vectors were unfolded from, its padding included.

    Parameters
    ----------
    vectors : ndarray of bool, shape (groups, streams, reduction)
        Unfolded by a window.
    window : ConvolutionWindow
        The window.

    Returns
    -------
    ndarray of bool, shape (groups, channels, rows, columns)
        As far as the windows reach.
    """
    (R, S), (P, Q) = window.kernel, window.output
    down, across = window.stride
    rows = (R - 1) * window.dilation[0] + (P - 1) * down + 1
    columns = (S - 1) * window.dilation[1] + (Q - 1) * across + 1
    found = np.zeros((len(vectors), window.channels, rows, columns), dtype=bool)
    taps = vectors.reshape(-1, P, Q, window.channels, R, S).transpose(0, 3, 4, 5, 1, 2)
    for r in range(R):
        for s in range(S):
            top, left = r * window.dilation[0], s * window.dilation[1]
            bottom, right = top + (P - 1) * down + 1, left + (Q - 1) * across + 1
            found[:, :, top:bottom:down, left:right:across] |= taps[:, :, r, s]
    return found
