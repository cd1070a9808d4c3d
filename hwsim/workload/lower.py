"""A layer as GEMMs: im2col for convolutions, the weights' zeros kept."""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.later import later
from hwsim.networks.filter_facts import pieces_of
from hwsim.networks.network import Layer
from hwsim.schemes.quantized import QuantizedLayer
from hwsim.workload.activations import Activations
from hwsim.workload.operands import Operands
from hwsim.workload.workload import ConvolutionWindow, Workload


def lower(
    quantized: QuantizedLayer,
    activations: Activations | None = None,
    compared_bits: tuple[int, ...] = (),
) -> Workload:
    """Lower a layer under a scheme to the GEMMs of its groups.

    A convolution of G groups becomes G GEMMs ``MK x KN`` with M = K_filters/G, K = C/G * R * S
    and N = P * Q: row f of ``MK`` is filter f unrolled as (channel, row, column), and column n of
    ``KN`` would be the window of output position n unrolled in the same order. Stride, padding
    and dilation only decide which input values those windows hold and how many there are; zeros
    of the padding are streamed like any other value. A depthwise layer is the case G = C. A
    linear layer is one GEMM that streams its input vectors past the weights, and a product of
    activations one for each head, with one of the two in the place of the weights. The unfolded
    input itself is never built: the engines need only the number of its columns.

    Parameters
    ----------
    quantized : QuantizedLayer
        A layer of a network and its weights under a scheme.
    activations : Activations, optional
        What is known of the streaming side; dense when not given.
    compared_bits : tuple of int
        See :class:`~hwsim.workload.workload.Workload`.

    Returns
    -------
    Workload
        The levels of the weights, (groups, filters of a group, reduction), the number of vectors
        that stream past them, the convolution's window, and the coding of the operands.

    Raises
    ------
    InputError
        If the filters do not divide into the groups, or the window is larger than the padded
        input, so that the GEMM would have no columns.

    Examples
    --------
    >>> import numpy as np
    >>> from hwsim.networks.network import Layer
    >>> conv = Layer("conv1", "conv", np.ones((64, 3, 7, 7)), stride=(2, 2), padding=(3, 3),
    ...              input_size=(224, 224))
    >>> workload = lower(QuantizedLayer(conv, "dense", conv.weight, bits=32))
    >>> workload.M, workload.K, workload.N
    (64, 147, 12544)
    """
    layer = quantized.layer
    _refuse_misfits(layer)
    workload = Workload(
        levels=promised_levels(quantized, _shape(layer)),
        coding=quantized.coding,
        activations=activations or Activations(),
        operands=Operands.of(quantized),
        compared_bits=compared_bits,
        **_problem(layer),
    )
    return knowing_zeros(workload, quantized)


def outline(layer: Layer, weight_bits: int, compared_bits: tuple[int, ...] = ()) -> Workload:
    """Lower a layer before anybody looks at its weights: none is taken to be zero.

    Parameters
    ----------
    layer : Layer
        Of a network.
    weight_bits : int
        Bits that code one weight.
    compared_bits : tuple of int
        As for :func:`lower`, which raises the same errors.
    """
    _refuse_misfits(layer)
    shape = _shape(layer)
    workload = Workload(
        levels=later(shape, np.int8, lambda: levels_of(layer.weight).reshape(shape)),
        operands=Operands.outlined(layer, weight_bits),
        compared_bits=compared_bits,
        **_problem(layer),
    )
    return workload.knowing(workload.size)


def _refuse_misfits(layer: Layer) -> None:
    if layer.groups < 1 or layer.filters % layer.groups:
        raise InputError(
            f"layer {layer.name!r}: {layer.filters} filters do not divide into "
            f"{layer.groups} groups"
        )
    if layer.kind == "conv" and min(layer.output_size) < 1:
        raise InputError(
            f"layer {layer.name!r}: a {_by(layer.kernel)} window with dilation "
            f"{_by(layer.dilation)} and padding {_by(layer.padding)} does not fit its "
            f"{_by(layer.input_size)} input, the GEMM would have 0 columns; "
            "give the network a larger input size"
        )
    if layer.images < 1:
        raise InputError(f"layer {layer.name!r}: images should be 1 or more. Got {layer.images}")


def _shape(layer: Layer) -> tuple[int, int, int]:
    return layer.groups, layer.filters // layer.groups, layer.reduction


class _Problem(TypedDict):
    layer: str
    streams: int
    kind: str
    window: ConvolutionWindow | None
    images: int


def _problem(layer: Layer) -> _Problem:
    """Give what of a workload is the layer's geometry."""
    return {
        "layer": layer.name,
        "streams": layer.columns,
        "kind": "conv" if layer.kind == "conv" else "linear",
        "window": window_of(layer) if layer.kind == "conv" else None,
        "images": layer.images,
    }


def promised_levels(quantized: QuantizedLayer, shape: tuple[int, int, int]) -> NDArray[np.int8]:
    """Give the levels of a layer, (groups, filters of a group, reduction), or promise them."""
    levels = quantized.promised("levels")
    if isinstance(levels, np.ndarray) and levels.dtype == np.int8:
        return levels.reshape(shape)
    return later(shape, np.int8, lambda: levels_of(quantized.levels).reshape(shape))


def knowing_zeros(workload: Workload, quantized: QuantizedLayer) -> Workload:
    """Hand on what a scheme knows of levels that are not made yet."""
    effectual, known = quantized.effectual, vars(quantized).get("nonzeros")
    if known is None and effectual == workload.size:
        return workload.knowing(effectual)
    groups, filters, _ = workload.shape
    if known is not None:
        return workload.knowing(effectual, known.reshape(groups, filters))
    return workload.knowing(effectual, lambda: quantized.nonzeros.reshape(groups, filters))


def window_of(layer: Layer) -> ConvolutionWindow:
    """Give the window of a convolution."""
    return ConvolutionWindow(
        channels=layer.channels // layer.groups,
        kernel=layer.kernel,
        output=layer.output_size,
        stride=layer.stride,
        dilation=layer.dilation,
    )


def expected_of(
    layer: Layer, share: float, by_channel: tuple[float, ...] | None = None
) -> Activations:
    """Expect what streams past a layer of whose own input shares are known.

    Parameters
    ----------
    layer : Layer
        The layer. What its padding adds is zero, and streams as well.
    share : float
        Of its input's values that are not zero, above 0 to 1.
    by_channel : tuple of float, optional
        The same of each channel.
    """
    if layer.kind != "conv" or not any((*layer.padding, *(layer.padding_end or ()))):
        return Activations(share, by_channel=by_channel)
    (top, left), (rows, columns) = layer.padding, layer.input_size
    own = (top, rows), (left, columns)
    inside = float(window_of(layer).share_inside(own).mean())
    least = 1 / (layer.groups * layer.reduction * layer.columns)  # no engine streams none
    scaled = None if by_channel is None else tuple(inside * each for each in by_channel)
    return Activations(max(inside * share, least), by_channel=scaled, own=own if inside else None)


def levels_of(weights: NDArray[Any]) -> NDArray[np.int8]:
    """Take int8 and booleans as levels; of other numbers the sign.

    Parameters
    ----------
    weights : ndarray of any number or bool, any shape
        Weights over the scale of their filter, or numbers of their own.

    Returns
    -------
    ndarray of int8, same shape
    """
    if weights.dtype in (np.int8, np.bool_):
        return weights.view(np.int8)
    # Two comparisons take a third of the time of np.sign and no array of floats.
    levels = np.empty(weights.shape, dtype=np.int8)
    rows, found = (each.reshape(-1, weights.shape[-1]) for each in (weights, levels))
    for piece, block in pieces_of(rows):
        signs = found[piece]
        np.greater(block, 0, out=signs.view(np.bool_))
        signs -= (block < 0).view(np.int8)
    return levels


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"
