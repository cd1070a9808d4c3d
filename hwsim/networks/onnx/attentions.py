"""Attention operators of a graph: their products of activations, and the weights inside."""

from __future__ import annotations

from hwsim.networks.graphs.lowering import attention, linear
from hwsim.networks.network import Layer
from hwsim.networks.onnx.call import Call


def standard_attention(call: Call) -> list[Layer]:
    """Take ``Attention`` of ai.onnx: Q, K, V (and past K and V), of rank 3 or 4."""
    heads = int(call.attributes.get("q_num_heads", 0))
    kept = int(call.attributes.get("kv_num_heads", 0))
    batch, heads, queries, features = _split(call, 0, heads)
    _, _, keys, _ = _split(call, 1, kept)
    _, _, _, values = _split(call, 2, kept)
    if call.value(4) is not None:
        keys += call.shape(4)[2]
    return list(attention(call.name, batch * heads, queries, keys, features, values))


def multi_head_attention(call: Call) -> list[Layer]:
    """Take ``MultiHeadAttention`` of onnxruntime: query, key, value, projected before."""
    heads = int(call.attributes["num_heads"])
    if call.value(1) is None or call.value(2) is None:
        packed = call.shape(0)  # (batch, tokens, heads, 3, features)
        batch, tokens, heads, _, features = packed
        return list(attention(call.name, batch * heads, tokens, tokens, features, features))
    batch, _, queries, features = _split(call, 0, heads)
    _, _, keys, _ = _split(call, 1, heads)
    _, _, _, values = _split(call, 2, heads)
    if call.value(6) is not None:
        keys += call.shape(6)[2]
    return list(attention(call.name, batch * heads, queries, keys, features, values))


def group_query_attention(call: Call) -> list[Layer]:
    """Take ``GroupQueryAttention`` of onnxruntime: few heads of keys serve many of queries."""
    heads, kept = int(call.attributes["num_heads"]), int(call.attributes["kv_num_heads"])
    if call.value(1) is None:
        batch, queries, width = call.shape(0)
        features, keys = width // (heads + 2 * kept), queries
    else:
        batch, _, queries, features = _split(call, 0, heads)
        _, _, keys, _ = _split(call, 1, kept)
    if call.value(3) is not None:
        keys += call.shape(3)[2]
    return list(attention(call.name, batch * heads, queries, keys, features, features))


def fused_attention(call: Call) -> list[Layer]:
    """Take ``Attention`` of onnxruntime: input, weights (features, 3 H), then the products."""
    batch, tokens, _ = call.shape(0)
    weight = call.floats(1).T
    heads = int(call.attributes["num_heads"])
    sizes = call.integers("qkv_hidden_sizes", (weight.shape[0] // 3,) * 3)
    keys = tokens + (call.shape(4)[3] if call.value(4) is not None else 0)
    features, values = sizes[0] // heads, sizes[2] // heads
    return [
        linear(f"{call.name}.in_proj", weight, batch * tokens),
        *attention(call.name, batch * heads, tokens, keys, features, values),
    ]


def _split(call: Call, index: int, heads: int) -> tuple[int, int, int, int]:
    """Give batch, heads, tokens and features of one head."""
    shape = call.shape(index)
    if len(shape) == 4:
        return (shape[0], shape[1], shape[2], shape[3])
    batch, tokens, width = shape
    return batch, heads, tokens, width // heads
