"""Operations of PyTorch that multiply and accumulate, as layers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch

from hwsim.errors import InputError
from hwsim.networks.graphs.lowering import (
    attention,
    convolution,
    linear,
    stacked_linear,
    transposed_convolution,
)
from hwsim.networks.network import Layer
from hwsim.networks.pytorch.densities import of_maps, of_matrices, of_states
from hwsim.networks.pytorch.recording import Recording

Taker = Callable[[Recording, tuple[Any, ...], Any], bool]


def conv(recorder: Recording, args: tuple[Any, ...], result: Any) -> bool:
    """Take ``aten.convolution``; zeros that were padded before it are its padding."""
    given, weight, _, stride, padding, dilation, transposed, _, groups = args
    rank = weight.dim() - 2
    size, before, after = recorder.unpadded(given, rank)
    images = given.shape[0]
    stride, padding, dilation = (_spread(each, rank) for each in (stride, padding, dilation))
    if recorder.origins.of(weight).kind == "activation":
        name = recorder.frames.of_operation("conv")
        filters, taps = weight.shape[0] // groups, math.prod(weight.shape[1:])
        positions = images * math.prod(result.shape[2:])
        recorder.take(Layer.product(name, filters, taps, positions, groups))
        return True
    if recorder.prepares(given):
        return False
    name = recorder.weight_name(weight, "conv")
    array = recorder.array(weight)
    if transposed:
        layer = transposed_convolution(name, array, given.shape[2:], groups, images)
        recorder.take(layer, lambda: of_maps(given, given.shape[2:], [0] * rank))
        return True
    padded = before
    before = [b + p for b, p in zip(before, padding, strict=True)]
    after = [a + p for a, p in zip(after, padding, strict=True)]
    layer = convolution(name, array, size, stride, before, after, dilation, groups, images)
    recorder.take(layer, lambda: of_maps(given, size, padded))
    return True


def mm(recorder: Recording, args: tuple[Any, ...], result: Any) -> bool:
    """Take ``mm``: A B."""
    return _matrices(recorder, args[0][None], args[1][None])


def addmm(recorder: Recording, args: tuple[Any, ...], result: Any) -> bool:
    """Take ``addmm``: C + A B."""
    return _matrices(recorder, args[1][None], args[2][None])


def bmm(recorder: Recording, args: tuple[Any, ...], result: Any) -> bool:
    """Take ``bmm``: A B for each of a batch."""
    return _matrices(recorder, args[0], args[1])


def baddbmm(recorder: Recording, args: tuple[Any, ...], result: Any) -> bool:
    """Take ``baddbmm`` and ``addbmm``: C + A B for each of a batch."""
    return _matrices(recorder, args[1], args[2])


def mv(recorder: Recording, args: tuple[Any, ...], result: Any) -> bool:
    """Take ``mv``: A b."""
    return _matrices(recorder, args[0][None], args[1][None, :, None])


def addmv(recorder: Recording, args: tuple[Any, ...], result: Any) -> bool:
    """Take ``addmv``: c + A b."""
    return _matrices(recorder, args[1][None], args[2][None, :, None])


def dot(recorder: Recording, args: tuple[Any, ...], result: Any) -> bool:
    """Take ``dot``: a b."""
    return _matrices(recorder, args[0][None, None], args[1][None, :, None])


def trilinear(recorder: Recording, args: tuple[Any, ...], result: Any) -> bool:
    """Take what ``Bilinear`` becomes: x' W y, a matrix W for each output.

    W y is a linear layer, and x times it a product of activations.
    """
    _, weight, right = args[:3]
    if recorder.origins.of(weight).kind != "weight" or weight.dim() != 3:
        return False
    filters, first, second = weight.shape
    vectors = right.numel() // second
    name = recorder.weight_name(weight, "bilinear")
    matrix = recorder.array(weight).reshape(filters * first, second)
    recorder.take(linear(name, matrix, vectors), lambda: right.reshape(-1, second))
    recorder.take(Layer.product(f"{name}.product", filters, first, 1, vectors))
    return True


def recurrent(recorder: Recording, args: tuple[Any, ...], result: Any) -> bool:
    """Take one direction of an LSTM as oneDNN runs it: (steps, batch, features), weights."""
    given, inputs, state = args[:3]
    first, reverse = args[5], args[7]
    steps = math.prod(given.shape[:2])
    into, again = (
        linear(recorder.weight_name(weight, "rnn"), recorder.array(weight), steps)
        for weight in (inputs, state)
    )
    recorder.take(into, lambda: given.reshape(steps, -1))
    recorder.take(again, lambda: of_states(first, result[0], reverse))
    return True


def scaled_dot_product(recorder: Recording, args: tuple[Any, ...], result: Any) -> bool:
    """Take fused attention: queries, keys, values (batch, heads, tokens, features)."""
    query, key, value = args[:3]
    name = recorder.frames.of_operation("attention")
    heads = math.prod(query.shape[:-2])
    sizes = (query.shape[-2], key.shape[-2], query.shape[-1], value.shape[-1])
    scores, mixed = attention(name, heads, *sizes)
    recorder.take(scores, lambda: of_matrices(query.flatten(0, -3), together=False))
    recorder.take(mixed)  # the shares of attention are not seen
    return True


def _matrices(recorder: Recording, left: Any, right: Any) -> bool:
    """Lower A B of (batch, rows, K) and (batch, K, columns); the weights are kept."""
    kinds = [recorder.origins.of(each).kind for each in (left, right)]
    batch, rows, shared = left.shape
    columns = right.shape[2]
    if kinds == ["activation", "activation"]:
        name = recorder.frames.of_operation("matmul")
        layer = Layer.product(name, columns, shared, rows, batch)
        recorder.take(layer, lambda: of_matrices(left, together=False))
        return True
    streams = right if kinds[1] == "activation" or kinds == ["weight", "made"] else left
    if recorder.prepares(streams):
        return False
    weight, vectors = (right.mT, rows) if streams is left else (left, columns)
    name = recorder.weight_name(weight, "matmul")
    each = batch > 1 and not _all_alike(weight)
    if each:
        layer = stacked_linear(name, recorder.array(weight), vectors)
    else:
        layer = linear(name, recorder.array(weight[0]), batch * vectors)
    given = left if streams is left else right.mT
    recorder.take(layer, lambda: of_matrices(given, together=not each))
    return True


def _all_alike(matrices: Any) -> bool:
    return matrices.stride(0) == 0 or bool((matrices == matrices[:1]).all())


def _spread(values: Any, rank: int) -> list[int]:
    numbers = [int(each) for each in values]
    return numbers * rank if len(numbers) == 1 else numbers


def as_floats(tensor: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Copy a tensor into read-only 32-bit floats."""
    if tensor.is_complex():
        raise InputError("weights that are complex numbers are not read")
    plain = tensor.detach()
    if plain.layout != torch.strided:
        plain = plain.to_dense()
    if plain.is_quantized:
        plain = plain.dequantize()
    array = np.array(plain.to("cpu", torch.float32).numpy(), np.float32)
    if not np.isfinite(array).all():
        raise InputError("weights are not all finite numbers")
    array.flags.writeable = False
    return array


#: By the name in ``torch.ops.aten``.
TAKERS: Final[dict[str, Taker]] = {
    "convolution": conv,
    "_convolution": conv,
    "mm": mm,
    "_int_mm": mm,
    "addmm": addmm,
    "_addmm_activation": addmm,
    "bmm": bmm,
    "baddbmm": baddbmm,
    "addbmm": baddbmm,
    "mv": mv,
    "addmv": addmv,
    "dot": dot,
    "vdot": dot,
    "_trilinear": trilinear,
    "mkldnn_rnn_layer": recurrent,
    "_scaled_dot_product_flash_attention_for_cpu": scaled_dot_product,
    "_scaled_dot_product_flash_attention": scaled_dot_product,
    "_scaled_dot_product_efficient_attention": scaled_dot_product,
    "_scaled_dot_product_cudnn_attention": scaled_dot_product,
    "_scaled_dot_product_fused_attention_overrideable": scaled_dot_product,
}
