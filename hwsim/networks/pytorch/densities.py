"""Shares of layers' inputs that are not zero, measured while they run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from hwsim.networks.graphs.masks import mask_of
from hwsim.networks.network import Layer


def measured(layer: Layer, vectors: Any, masks: bool = False) -> Layer:
    """Give a layer the shares of non-zeros of what it was called with.

    Parameters
    ----------
    layer : Layer
        A call of it.
    vectors : Tensor
        (positions, channels) of its input. Channels of a convolution over time stand for all
        frames of a window.
    masks : bool
        Whether to keep where they are, too.
    """
    there = vectors != 0
    shares = there.double().mean(0)
    by_channel = shares.repeat_interleave(layer.channels // len(shares))
    return replace(
        layer,
        input_density=float(shares.mean()),
        input_density_by_channel=tuple(by_channel.tolist()),
        input_masks=_one_sample(layer, there) if masks else None,
    )


def _one_sample(layer: Layer, there: Any) -> NDArray[np.bool_] | None:
    mask = mask_of(layer, there.cpu().numpy())
    return None if mask is None else mask[None]


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


def of_states(first: Any, after: Any, reverse: bool) -> Any:
    """Arrange the states that a recurrent layer goes through, as it sees them.

    Parameters
    ----------
    first : Tensor
        Before the first step, (1, batch, features).
    after : Tensor
        After each step, (steps, batch, features).
    reverse : bool
        Whether the last step comes first.
    """
    first = first.reshape(1, *after.shape[1:])
    seen = (after[1:], first) if reverse else (first, after[:-1])
    return torch.cat(seen).reshape(-1, after.shape[-1])
