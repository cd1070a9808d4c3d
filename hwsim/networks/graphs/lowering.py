"""Operations of any rank as the layers that hwsim evaluates."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.network import Layer, window_positions

Weight = NDArray[np.floating]
Sizes = Sequence[int]


def convolution(
    name: str,
    weight: Weight,
    size: Sizes,
    stride: Sizes,
    padding: Sizes,
    padding_end: Sizes,
    dilation: Sizes,
    groups: int = 1,
    images: int = 1,
) -> Layer:
    """Lower a convolution over 1, 2 or 3 dimensions.

    One of one dimension has a single row. Of three the first is time: the frames of a window
    become channels, and the frames of the output images.

    Parameters
    ----------
    name : str
        Of the layer.
    weight : ndarray
        (K, C/G, T, R, S), without T and R where there are fewer dimensions.
    size, stride, padding, padding_end, dilation : sequence of int
        Input positions, steps, zeros before and after, steps between the taps, a dimension each.
    groups, images : int
        Groups, and feature maps of the input.

    Raises
    ------
    InputError
        If it has another rank, or no output.
    """
    rank = weight.ndim - 2
    if rank not in (1, 2, 3):
        raise InputError(f"layer {name!r}: convolutions have 1, 2 or 3 dimensions. Got {rank}")
    if rank == 3:
        frames = window_positions(
            size[0], weight.shape[2], stride[0], padding[0], dilation[0], padding_end[0]
        )
        images *= max(frames, 0)
        weight = weight.reshape(weight.shape[0], -1, *weight.shape[3:])
    elif rank == 1:
        weight = weight[:, :, None, :]
    before, after = _plane(padding, 0), _plane(padding_end, 0)
    layer = Layer(
        name=name,
        kind="conv",
        weight=weight,
        stride=_plane(stride, 1),
        padding=before,
        padding_end=None if after == before else after,
        dilation=_plane(dilation, 1),
        groups=groups,
        input_size=_plane(size, 1),
        images=images,
    )
    if images < 1 or min(layer.output_size) < 1:
        raise InputError(
            f"layer {name!r}: has no output: its input is {'x'.join(map(str, size))}, "
            f"its kernel {'x'.join(map(str, layer.kernel))}; give a larger input"
        )
    return layer


def transposed_convolution(
    name: str, weight: Weight, size: Sizes, groups: int = 1, images: int = 1
) -> Layer:
    """Lower a transposed convolution to the products that it takes.

    Each input position is multiplied with every tap of every filter: a convolution of one by one
    with K/G * R * S filters a group. That overlapping outputs are then added is not counted.

    Parameters
    ----------
    name : str
        Of the layer.
    weight : ndarray
        (C, K/G, T, R, S), without T and R where there are fewer dimensions.
    size : sequence of int
        Input positions.
    groups, images : int
        Groups, and feature maps of the input.
    """
    channels = weight.shape[0] // groups
    taps = weight.reshape(groups, channels, -1).transpose(0, 2, 1).reshape(-1, channels)
    rank = len(size)
    frames = size[0] if rank == 3 else 1
    return Layer(
        name=name,
        kind="conv",
        weight=np.ascontiguousarray(taps)[:, :, None, None],
        groups=groups,
        input_size=_plane(size, 1),
        images=images * frames,
    )


def linear(name: str, weight: Weight, vectors: int) -> Layer:
    """Lower a product with weights (K, C)."""
    return Layer(name=name, kind="linear", weight=weight, vectors=vectors)


def stacked_linear(name: str, weights: Weight, vectors: int) -> Layer:
    """Lower products with weights of their own for each matrix of a batch, (G, K, C).

    A convolution of one by one in G groups; one group is a linear layer.
    """
    groups, filters, features = weights.shape
    if groups == 1:
        return linear(name, weights[0], vectors)
    flat = weights.reshape(groups * filters, features, 1, 1)
    return Layer(name=name, kind="conv", weight=flat, groups=groups, input_size=(1, vectors))


def attention(
    name: str, heads: int, queries: int, keys: int, features: int, values: int
) -> tuple[Layer, Layer]:
    """Give both products of scaled dot-product attention.

    Parameters
    ----------
    name : str
        Of the operation; the products are ``NAME.qk`` and ``NAME.av``.
    heads : int
        Of all samples.
    queries, keys : int
        Their numbers for one head. A mask leaves out none of the products.
    features, values : int
        Features of a key and of a value.
    """
    return (
        Layer.product(f"{name}.qk", keys, features, queries, heads),
        Layer.product(f"{name}.av", values, keys, queries, heads),
    )


def same_padding(size: int, window: int, stride: int, dilation: int) -> int:
    """Give the zeros that keep an output of ``ceil(size / stride)`` positions."""
    positions = math.ceil(size / stride)
    return max(0, (positions - 1) * stride + dilation * (window - 1) + 1 - size)


def _plane(values: Sizes, missing: int) -> tuple[int, int]:
    rows, columns = [missing, *values][-2:]
    return (int(rows), int(columns))
