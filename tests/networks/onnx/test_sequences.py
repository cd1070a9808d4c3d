"""Recurrent layers and attention."""

from pathlib import Path

import numpy as np
import pytest

from tests.networks.onnx.graphs import facts, node, only, read, weights

MS = {"com__microsoft": 1}


@pytest.mark.parametrize(("kind", "gates"), [("LSTM", 4), ("GRU", 3), ("RNN", 1)])
def test_recurrent_layers_see_a_vector_a_step(tmp_path: Path, kind: str, gates: int) -> None:
    w, r = weights(2, gates * 5, 3), weights(2, gates * 5, 5)
    layer = node(kind, ["x", "w", "r"], ["y"], "rec", hidden_size=5, direction="bidirectional")
    network = read(tmp_path, [layer], {"x": [7, 2, 3]}, {"w": w, "r": r})
    names = [each.name for each in network.layers]
    assert names == [f"rec.weight_{part}_l0{way}" for way in ("", "_reverse") for part in
                     ("ih", "hh")]  # fmt: skip
    assert [each.vectors for each in network.layers] == [14] * 4
    assert network.layers[0].macs == 14 * gates * 5 * 3
    assert np.array_equal(network.layers[3].weight, r[1])
    assert not network.uncounted


def test_a_quantised_lstm_of_onnxruntime(tmp_path: Path) -> None:
    w, r = weights(1, 3, 20, dtype=np.uint8), weights(1, 5, 20, dtype=np.uint8)
    scale, zero = np.array([2], np.float32), np.array([1], np.uint8)
    names = ["x", "w", "r", "", "", "", "", "", "s", "z", "s", "z"]
    layer = node("DynamicQuantizeLSTM", names, ["y"], "q", hidden_size=5, domain="com.microsoft")
    network = read(
        tmp_path, [layer], {"x": [7, 1, 3]}, {"w": w, "r": r, "s": scale, "z": zero}, domains=MS
    )
    assert np.array_equal(network.layers[0].weight, 2 * (w[0].T.astype(np.float32) - 1))
    assert network.layers[1].macs == 7 * 20 * 5
    assert network.skipped == {"scale": 2}


def test_attention_is_two_products(tmp_path: Path) -> None:
    flat = node("Attention", ["q", "k", "v"], ["y"], "a", q_num_heads=6, kv_num_heads=3)
    shapes = {"q": [2, 5, 24], "k": [2, 7, 12], "v": [2, 7, 9]}
    network = read(tmp_path, [flat], shapes, opset=23)
    assert facts(network) == [
        ("a.qk", "product", 2 * 6 * 5 * 7 * 4),
        ("a.av", "product", 2 * 6 * 5 * 7 * 3),
    ]
    assert [layer.groups for layer in network.layers] == [12, 12]
    assert [layer.vectors for layer in network.layers] == [5, 5]


def test_attention_operators_of_onnxruntime(tmp_path: Path) -> None:
    heads = {"domain": "com.microsoft", "num_heads": 2}
    multi = node("MultiHeadAttention", ["q", "k", "v"], ["y"], "a", **heads)
    network = read(tmp_path, [multi], {"q": [1, 5, 8], "k": [1, 7, 8], "v": [1, 7, 6]}, domains=MS)
    assert [macs for *_, macs in facts(network)] == [2 * 5 * 7 * 4, 2 * 5 * 7 * 3]
    group = node("GroupQueryAttention", ["q", "k", "v"], ["y"], "g", kv_num_heads=1, **heads)
    network = read(tmp_path, [group], {"q": [1, 5, 8], "k": [1, 7, 4], "v": [1, 7, 4]}, domains=MS)
    assert [macs for *_, macs in facts(network)] == [2 * 5 * 7 * 4] * 2
    packed = node("GroupQueryAttention", ["q"], ["y"], "g", kv_num_heads=1, **heads)
    network = read(tmp_path, [packed], {"q": [3, 5, 16]}, domains=MS)
    assert [macs for *_, macs in facts(network)] == [3 * 2 * 5 * 5 * 4] * 2
    stacked = node("MultiHeadAttention", ["q"], ["y"], "g", **heads)
    network = read(tmp_path, [stacked], {"q": [3, 5, 2, 3, 4]}, domains=MS)
    assert [macs for *_, macs in facts(network)] == [3 * 2 * 5 * 5 * 4] * 2
    sizes = node("Attention", ["x", "w"], ["y"], "f", qkv_hidden_sizes=[4, 4, 10], **heads)
    network = read(tmp_path, [sizes], {"x": [1, 5, 6]}, {"w": weights(6, 18)}, domains=MS)
    assert [macs for *_, macs in facts(network)] == [5 * 6 * 18, 2 * 25 * 2, 2 * 25 * 5]
    w = weights(6, 24)
    fused = node("Attention", ["x", "w", "b"], ["y"], "f", **heads)
    network = read(tmp_path, [fused], {"x": [1, 5, 6]}, {"w": w, "b": weights(24)}, domains=MS)
    assert facts(network) == [
        ("f.in_proj", "linear", 5 * 6 * 24),
        ("f.qk", "product", 2 * 5 * 5 * 4),
        ("f.av", "product", 2 * 5 * 5 * 4),
    ]
    assert np.array_equal(network.layers[0].weight, w.T)


def test_a_cache_makes_more_keys(tmp_path: Path) -> None:
    heads = {"domain": "com.microsoft", "num_heads": 2}
    names = ["q", "k", "v", "", "", "", "p", "p"]
    multi = node("MultiHeadAttention", names, ["y"], "a", **heads)
    shapes = {"q": [1, 1, 8], "k": [1, 1, 8], "v": [1, 1, 8], "p": [1, 2, 9, 4]}
    network = read(tmp_path, [multi], shapes, domains=MS)
    assert [macs for *_, macs in facts(network)] == [2 * 10 * 4] * 2
    names = ["q", "k", "v", "p"]
    group = node("GroupQueryAttention", names, ["y"], "g", kv_num_heads=2, **heads)
    network = read(tmp_path, [group], shapes, domains=MS)
    assert [macs for *_, macs in facts(network)] == [2 * 10 * 4] * 2
    names = ["q", "k", "v", "", "p", "p"]
    standard = node("Attention", names, ["y"], "s")
    four = {"q": [1, 2, 1, 4], "k": [1, 2, 1, 4], "v": [1, 2, 1, 4], "p": [1, 2, 9, 4]}
    network = read(tmp_path, [standard], four, opset=23)
    assert [macs for *_, macs in facts(network)] == [2 * 10 * 4] * 2
    assert only(read(tmp_path, [node("MatMul", ["q", "k"], ["y"])], {"q": [1, 8], "k": [8, 1]}))
