"""Convolutions of a graph: of any rank, transposed, of integers, with weights or without."""

from __future__ import annotations

import math

from hwsim.errors import InputError
from hwsim.networks.graphs.lowering import (
    Sizes,
    Weight,
    convolution,
    same_padding,
    transposed_convolution,
)
from hwsim.networks.network import Layer
from hwsim.networks.onnx.call import Call, without_zero_point


def conv(call: Call) -> list[Layer]:
    """Take ``Conv``: input, weights, bias."""
    if not call.constant(1):
        return [_of_activations(call)]
    return [_convolution(call, 0, call.floats(1))]


def conv_integer(call: Call) -> list[Layer]:
    """Take ``ConvInteger``: input, weights and the zero points of both."""
    weight = without_zero_point(call.name, call.floats(1), call.value(3), None, 0)
    return [_convolution(call, 0, weight)]


def qlinear_conv(call: Call) -> list[Layer]:
    """Take ``QLinearConv``: input, weights and output, each with scale and zero point."""
    if call.attributes.get("channels_last"):
        raise InputError(f"layer {call.name!r}: QLinearConv with channels_last is not read")
    weight = without_zero_point(call.name, call.floats(3), call.value(5), call.value(4), 0)
    return [_convolution(call, 0, weight)]


def conv_transpose(call: Call) -> list[Layer]:
    """Take ``ConvTranspose``: input, weights (C, K/G, ...), bias."""
    images, _, *size = call.shape(0)
    groups = int(call.attributes.get("group", 1))
    return [transposed_convolution(call.name, call.floats(1), size, groups, images)]


def deform_conv(call: Call) -> list[Layer]:
    """Take ``DeformConv``: where it reads is computed, how much it multiplies is not."""
    weight = call.floats(1)
    images, _, *size = call.outputs[0].known_shape
    flat = weight.reshape(*weight.shape[:1], -1, *(1 for _ in size))
    none = [0] * len(size)
    ones = [1] * len(size)
    groups = int(call.attributes.get("group", 1))
    return [convolution(call.name, flat, size, ones, none, none, ones, groups, images)]


def _convolution(call: Call, index: int, weight: Weight) -> Layer:
    images, channels, *size = call.shape(index)
    groups = int(call.attributes.get("group", 1))
    if channels != weight.shape[1] * groups or len(size) != weight.ndim - 2:
        raise InputError(
            f"layer {call.name!r}: its input is {'x'.join(map(str, call.shape(index)))}, its "
            f"weights {'x'.join(map(str, weight.shape))} in {groups} groups"
        )
    ones = (1,) * len(size)
    stride = call.integers("strides", ones)
    dilation = call.integers("dilations", ones)
    before, after = _pads(call, size, weight.shape[2:], stride, dilation)
    return convolution(call.name, weight, size, stride, before, after, dilation, groups, images)


def _pads(
    call: Call, size: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Give the zeros before and after each dimension."""
    none = (0,) * len(size)
    auto = call.attributes.get("auto_pad", b"NOTSET")
    mode = auto.decode() if isinstance(auto, bytes) else auto
    if mode in ("NOTSET", ""):
        pads = call.integers("pads", none * 2)
        return pads[: len(size)], pads[len(size) :]
    if mode == "VALID":
        return none, none
    totals = [same_padding(*each) for each in zip(size, kernel, stride, dilation, strict=True)]
    less = tuple(total // 2 for total in totals)
    more = tuple(total - total // 2 for total in totals)
    return (less, more) if mode == "SAME_UPPER" else (more, less)


def _of_activations(call: Call) -> Layer:
    """Lower a convolution whose kernel the network computes to a product of activations."""
    filters, reduction, *kernel = call.shape(1)
    images, _, *positions = call.outputs[0].known_shape
    groups = int(call.attributes.get("group", 1))
    taps = reduction * math.prod(kernel)
    # The kernel is the same for all images: they stream past it one after the other.
    return Layer.product(call.name, filters // groups, taps, images * math.prod(positions), groups)
