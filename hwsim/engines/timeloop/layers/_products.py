"""The products of non-zeros of a layer, from the zeros of its weights and activations."""

from __future__ import annotations

import math

import numpy as np

from hwsim.engines.timeloop.layers._layer_problem import Shape
from hwsim.engines.timeloop.layers._loop_roles import Bools, M


def windows_of(inputs: Bools, shape: Shape) -> Bools:
    """Unfold activations to (G, C, R, S, P, Q), with N for images that have the same zeros."""
    bounds, stride, dilation = shape
    (_, _, _, R, S, P, Q), images = bounds[:7], bounds[7:]
    rows = np.arange(R)[:, None] * dilation[0] + np.arange(P) * stride[0]
    columns = np.arange(S)[:, None] * dilation[1] + np.arange(Q) * stride[1]
    found = inputs[:, :, rows[:, None, :, None], columns[None, :, None, :]]
    return np.repeat(found[..., None], images, axis=-1) if images else found


def effectual_products(
    weights: Bools, windows: Bools | None, shape: Shape, share: float | None
) -> float:
    """Count products of non-zeros; expect them where ``windows`` are a draw of a ``share``."""
    if windows is not None and share is None:
        met = windows.sum(axis=tuple(range(4, windows.ndim)))
        return float((met * weights.sum(axis=M)).sum())
    outputs = math.prod(shape[0][5:])
    return float(np.count_nonzero(weights)) * outputs * (1.0 if share is None else share)
