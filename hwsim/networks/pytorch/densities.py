"""Shares of layers' inputs that are not zero, measured while they run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hwsim.networks.network import Layer


def measured(layer: Layer, vectors: Any) -> Layer:
    """Give a layer the shares of non-zeros of what it was called with.

    Parameters
    ----------
    layer : Layer
        A call of it.
    vectors : Tensor
        (positions, channels) of its input. Channels of a convolution over time stand for all
        frames of a window.
    """
    shares = (vectors != 0).double().mean(0)
    by_channel = shares.repeat_interleave(layer.channels // len(shares))
    return replace(
        layer,
        input_density=float(shares.mean()),
        input_density_by_channel=tuple(by_channel.tolist()),
    )


def of_maps(maps: Any, size: Sequence[int], before: Sequence[int]) -> Any:
    """Arrange feature maps (images, channels, ...), without the zeros around them."""
    for axis, (extent, first) in enumerate(zip(size, before, strict=True), 2):
        maps = maps.narrow(axis, first, extent)
    return maps.movedim(1, -1).reshape(-1, maps.shape[1])


def of_matrices(rows: Any, together: bool) -> Any:
    """Arrange vectors (batch, rows, features), of all of the batch or of each matrix apart."""
    if together:
        return rows.reshape(-1, rows.shape[-1])
    return rows.transpose(0, 1).reshape(rows.shape[1], -1)
