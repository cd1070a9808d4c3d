"""Products of matrices in a graph: with weights on either side, of integers, of activations."""

from __future__ import annotations

import math

import numpy as np

from hwsim.errors import InputError
from hwsim.networks.graphs.lowering import Weight, linear, stacked_linear
from hwsim.networks.network import Layer
from hwsim.networks.onnx.call import Call, without_zero_point
from hwsim.networks.onnx.values import Shape


def gemm(call: Call) -> list[Layer]:
    """Take ``Gemm``: alpha * A B, either of them transposed."""
    flips = bool(call.attributes.get("transA", 0)), bool(call.attributes.get("transB", 0))
    return _matmul(call, flips, float(call.attributes.get("alpha", 1.0)))


def matmul(call: Call) -> list[Layer]:
    """Take ``MatMul``, of any rank."""
    return _matmul(call)


def fused_matmul(call: Call) -> list[Layer]:
    """Take ``FusedMatMul`` of onnxruntime: alpha * A B, either of them transposed."""
    if call.attributes.get("transBatchA") or call.attributes.get("transBatchB"):
        raise InputError(f"layer {call.name!r}: FusedMatMul with transBatch is not read")
    return gemm(call)


def matmul_integer(call: Call) -> list[Layer]:
    """Take ``MatMulInteger``: A, B and their zero points."""
    return _integers(call, (2, 3), (None, None))


def matmul_integer_to_float(call: Call) -> list[Layer]:
    """Take ``MatMulIntegerToFloat`` of onnxruntime: A, B, their scales, their zero points."""
    return _integers(call, (4, 5), (2, 3))


def dynamic_quantize_matmul(call: Call) -> list[Layer]:
    """Take ``DynamicQuantizeMatMul`` of onnxruntime: A, B, scale and zero point of B."""
    return _integers(call, (None, 3), (None, 2))


def qlinear_matmul(call: Call) -> list[Layer]:
    """Take ``QLinearMatMul``: A and B, each with scale and zero point."""
    return _integers(call, (2, 5), (1, 4), right=3)


def qgemm(call: Call) -> list[Layer]:
    """Take ``QGemm`` of onnxruntime: A and B, each with scale and zero point."""
    flips = bool(call.attributes.get("transA", 0)), bool(call.attributes.get("transB", 0))
    scale = float(call.attributes.get("alpha", 1.0))
    return _integers(call, (2, 5), (1, 4), 3, flips, scale)


def matmul_nbits(call: Call) -> list[Layer]:
    """Take ``MatMulNBits`` of onnxruntime: levels in blocks of a row, two or one to a byte."""
    bits, size = int(call.attributes.get("bits", 4)), int(call.attributes["block_size"])
    if bits not in (4, 8) or call.value(4) is not None:
        raise InputError(f"layer {call.name!r}: MatMulNBits is read with 4 or 8 bits and no g_idx")
    filters, features = int(call.attributes["N"]), int(call.attributes["K"])
    blocks = math.ceil(features / size)
    levels = _unpacked(call.floats(1).astype(np.uint8), bits).reshape(filters, blocks, size)
    scales = call.floats(2).reshape(filters, blocks, 1)
    zeros: Weight = np.full((filters, blocks, 1), 2 ** (bits - 1), np.float32)
    points = call.value(3)
    if points is not None and points.array is not None:
        given = np.asarray(points.array)
        packed = given.dtype == np.uint8
        flat = _unpacked(given, bits) if packed else given.astype(np.float32)
        zeros = flat.reshape(filters, -1)[:, :blocks, None]
    weight = ((levels - zeros) * scales).reshape(filters, -1)[:, :features]
    return [linear(call.name, weight.astype(np.float32), math.prod(call.shape(0)[:-1]))]


def _unpacked(levels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], bits: int) -> Weight:
    """Take numbers of 4 bits out of bytes, the lower half first."""
    if bits == 8:
        return levels.astype(np.float32)
    halves = np.stack([levels & 15, levels >> 4], axis=-1)
    return halves.reshape(*levels.shape[:-1], -1).astype(np.float32)


def _integers(
    call: Call,
    zeros: tuple[int | None, int | None],
    scales: tuple[int | None, int | None],
    right: int = 1,
    flips: tuple[bool, bool] = (False, False),
    alpha: float = 1.0,
) -> list[Layer]:
    """Take a product whose constant side are integers."""
    sides: list[Weight | None] = []
    for side, index in enumerate((0, right)):
        if not call.constant(index):
            sides.append(None)
            continue
        zero, scale = zeros[side], scales[side]
        axis = -1 if (side == 1) != flips[side] else -2
        sides.append(
            without_zero_point(
                call.name,
                call.floats(index),
                None if zero is None else call.value(zero),
                None if scale is None else call.value(scale),
                axis,
            )
        )
    return _product(call.name, (call.shape(0), call.shape(right)), sides, flips, alpha)


def _matmul(
    call: Call, flips: tuple[bool, bool] = (False, False), alpha: float = 1.0
) -> list[Layer]:
    sides = [call.floats(side) if call.constant(side) else None for side in (0, 1)]
    return _product(call.name, (call.shape(0), call.shape(1)), sides, flips, alpha)


def _product(
    name: str,
    shapes: tuple[Shape, Shape],
    sides: list[Weight | None],
    flips: tuple[bool, bool],
    alpha: float,
) -> list[Layer]:
    """Lower A B; the side with weights is kept, the other one streams."""
    left = _turned(shapes[0] if len(shapes[0]) > 1 else (1, *shapes[0]), flips[0])
    right = _turned(shapes[1] if len(shapes[1]) > 1 else (*shapes[1], 1), flips[1])
    batch = np.broadcast_shapes(left[:-2], right[:-2])
    rows, shared, columns = left[-2], left[-1], right[-1]
    if left[-1] != right[-2]:
        raise InputError(
            f"layer {name!r}: {rows}x{shared} times {right[-2]}x{columns} is no product"
        )
    if sides[1] is not None:
        weight = sides[1] if flips[1] else sides[1].reshape(right).swapaxes(-1, -2)
        return _with_weights(name, weight * np.float32(alpha), batch, rows)
    if sides[0] is not None:
        weight = sides[0].swapaxes(-1, -2) if flips[0] else sides[0].reshape(left)
        return _with_weights(name, weight * np.float32(alpha), batch, columns)
    return [Layer.product(name, columns, shared, rows, math.prod(batch))]


def _turned(shape: Shape, flip: bool) -> Shape:
    return (*shape[:-2], shape[-1], shape[-2]) if flip else shape


def _with_weights(name: str, kept: Weight, batch: tuple[int, ...], vectors: int) -> list[Layer]:
    """Lower products with weights (..., K, C), a matrix for each of a batch or one for all."""
    own = kept.shape[:-2]
    matrices = math.prod(own)
    if matrices == 1:
        return [linear(name, kept.reshape(kept.shape[-2:]), math.prod(batch) * vectors)]
    repeats = math.prod(batch) // matrices
    return [stacked_linear(name, kept.reshape(matrices, *kept.shape[-2:]), repeats * vectors)]
