from pathlib import Path

import numpy as np
import pytest

from hwsim.errors import InputError
from tests.networks.onnx.graphs import facts, node, only, read, weights

MS = {"com__microsoft": 1}


def test_weights_on_the_right(tmp_path: Path) -> None:
    w = weights(4, 5)
    layer = only(
        read(tmp_path, [node("MatMul", ["x", "w"], ["y"], "m")], {"x": [2, 3, 4]}, {"w": w})
    )
    assert (layer.kind, layer.vectors, layer.macs) == ("linear", 6, 120)
    assert np.array_equal(layer.weight, w.T)


def test_weights_on_the_left(tmp_path: Path) -> None:
    w = weights(5, 4)
    network = read(tmp_path, [node("MatMul", ["w", "x"], ["y"])], {"x": [2, 4, 3]}, {"w": w})
    assert np.array_equal(only(network).weight, w)
    assert only(network).vectors == 6


def test_a_vector_is_a_matrix_of_one(tmp_path: Path) -> None:
    right = read(tmp_path, [node("MatMul", ["x", "w"], ["y"])], {"x": [3, 4]}, {"w": weights(4)})
    assert (only(right).weight.shape, only(right).vectors) == ((1, 4), 3)
    left = read(tmp_path, [node("MatMul", ["x", "w"], ["y"])], {"x": [4]}, {"w": weights(4, 5)})
    assert (only(left).weight.shape, only(left).vectors) == ((5, 4), 1)


def test_a_matrix_for_each_of_a_batch_is_a_group(tmp_path: Path) -> None:
    w = weights(2, 4, 5)
    layer = only(read(tmp_path, [node("MatMul", ["x", "w"], ["y"])], {"x": [3, 2, 7, 4]}, {"w": w}))
    assert (layer.kind, layer.groups, layer.weight.shape) == ("conv", 2, (10, 4, 1, 1))
    assert layer.macs == 3 * 2 * 7 * 4 * 5
    assert np.array_equal(layer.weight[5:, :, 0, 0], w[1].T)


def test_two_activations(tmp_path: Path) -> None:
    mul = node("MatMul", ["q", "k"], ["y"], "a/qk")
    layer = only(read(tmp_path, [mul], {"q": [2, 3, 5, 4], "k": [2, 3, 4, 7]}))
    assert (layer.name, layer.kind, layer.groups, layer.vectors) == ("a/qk", "product", 6, 5)
    assert (layer.filters, layer.reduction) == (42, 4)


@pytest.mark.parametrize(("a", "b"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_gemm_with_either_side_transposed(tmp_path: Path, a: int, b: int) -> None:
    w = weights(5, 4) if b else weights(4, 5)
    gemm = node("Gemm", ["x", "w", "c"], ["y"], transA=a, transB=b, alpha=0.5)
    shape = [4, 3] if a else [3, 4]
    layer = only(read(tmp_path, [gemm], {"x": shape}, {"w": w, "c": weights(5)}))
    assert (layer.vectors, layer.macs) == (3, 60)
    assert np.array_equal(layer.weight, 0.5 * (w if b else w.T))
    v = weights(4, 5) if a else weights(5, 4)
    other = node("Gemm", ["v", "x"], ["y"], transA=a, transB=b)
    left = only(read(tmp_path, [other], {"x": [3, 4] if b else [4, 3]}, {"v": v}))
    assert np.array_equal(left.weight, v.T if a else v)
    assert left.vectors == 3


def test_integers(tmp_path: Path) -> None:
    w, z = weights(4, 3, dtype=np.int8), np.array([1, 2, 3], np.int8)
    plain = read(
        tmp_path,
        [node("MatMulInteger", ["x", "w", "", "z"], ["y"])],
        {"x": ([2, 4], 3)},
        {"w": w, "z": z},
    )
    assert np.array_equal(only(plain).weight, (w - z).T)
    scale = np.array([1, 2, 4], np.float32)
    names = ["x", "s", "a", "w", "ws", "z", "s", "a"]
    linear = read(
        tmp_path,
        [node("QLinearMatMul", names, ["y"])],
        {"x": ([2, 4], 3)},
        {"w": w, "z": z, "ws": scale, "s": np.float32(1), "a": np.int8(0)},
    )
    assert np.array_equal(only(linear).weight, ((w - z) * scale).T)
    assert only(linear).macs == 24


def test_quantised_products_of_onnxruntime(tmp_path: Path) -> None:
    w, z, s = weights(4, 3, dtype=np.uint8), np.uint8(2), np.float32(0.5)
    arrays = {"w": w, "z": z, "s": s, "a": np.uint8(1)}
    expected = ((w.astype(np.float32) - 2) * 0.5).T
    for kind, names in {
        "DynamicQuantizeMatMul": ["x", "w", "s", "z"],
        "MatMulIntegerToFloat": ["x", "w", "s", "s", "a", "z"],
        "QGemm": ["x", "s", "a", "w", "s", "z"],
    }.items():
        mul = node(kind, names, ["y"], "m", domain="com.microsoft")
        element = 1 if kind == "DynamicQuantizeMatMul" else 2
        network = read(tmp_path, [mul], {"x": ([2, 4], element)}, arrays, domains=MS)
        assert facts(network) == [("m", "linear", 24)]
        assert np.array_equal(only(network).weight, expected), kind


def test_fused_products_of_onnxruntime(tmp_path: Path) -> None:
    mul = node("FusedMatMul", ["x", "w"], ["y"], domain="com.microsoft", transB=1, alpha=2.0)
    w = weights(5, 4)
    layer = only(read(tmp_path, [mul], {"x": [3, 4]}, {"w": w}, domains=MS))
    assert np.array_equal(layer.weight, 2 * w)
    batch = node("FusedMatMul", ["x", "w"], ["y"], "m", domain="com.microsoft", transBatchA=1)
    with pytest.raises(InputError, match="'m': FusedMatMul with transBatch is not read"):
        read(tmp_path, [batch], {"x": [3, 4]}, {"w": w}, domains=MS)


def test_blocks_of_four_bits(tmp_path: Path) -> None:
    levels = np.arange(2 * 20, dtype=np.uint8).reshape(2, 20) % 16
    padded = np.zeros((2, 32), np.uint8)
    padded[:, :20] = levels
    packed = (padded[:, ::2] | (padded[:, 1::2] << 4)).reshape(2, 2, 8)
    scales = np.array([[1, 2], [4, 8]], np.float32)
    arrays = {"w": packed, "s": scales.reshape(-1), "z": np.array([0x53, 0x21], np.uint8)}
    attributes = {"K": 20, "N": 2, "bits": 4, "block_size": 16, "domain": "com.microsoft"}
    by_block = np.repeat(scales, 16, axis=1)[:, :20]
    mul = node("MatMulNBits", ["x", "w", "s"], ["y"], **attributes)
    layer = only(read(tmp_path, [mul], {"x": [3, 20]}, arrays, domains=MS))
    assert np.array_equal(layer.weight, (levels.astype(np.float32) - 8) * by_block)
    assert layer.vectors == 3
    zeros = np.repeat([[3, 5], [1, 2]], 16, axis=1)[:, :20]
    mul = node("MatMulNBits", ["x", "w", "s", "z"], ["y"], **attributes)
    layer = only(read(tmp_path, [mul], {"x": [3, 20]}, arrays, domains=MS))
    assert np.array_equal(layer.weight, (levels.astype(np.float32) - zeros) * by_block)


def test_blocks_in_another_order_are_refused(tmp_path: Path) -> None:
    attributes = {"K": 16, "N": 2, "block_size": 16, "domain": "com.microsoft"}
    arrays = {"w": np.zeros((2, 1, 8), np.uint8), "s": np.ones(2, "f4"), "g": np.zeros(16, "i4")}
    order = node("MatMulNBits", ["x", "w", "s", "", "g"], ["y"], "m", bits=4, **attributes)
    two = node("MatMulNBits", ["x", "w", "s"], ["y"], "m", bits=2, **attributes)
    for mul in (order, two):
        with pytest.raises(InputError, match="'m': MatMulNBits is read with 4 or 8 bits and no g"):
            read(tmp_path, [mul], {"x": [3, 16]}, arrays, domains=MS)
    eight = node("MatMulNBits", ["x", "w", "s"], ["y"], bits=8, **attributes)
    arrays["w"] = np.full((2, 1, 16), 130, np.uint8)
    assert (only(read(tmp_path, [eight], {"x": [3, 16]}, arrays, domains=MS)).weight == 2).all()


def test_einsum_of_weights_and_of_activations(tmp_path: Path) -> None:
    w = weights(2, 4, 3)
    mul = node("Einsum", ["x", "w"], ["y"], "e", equation="bti, hik -> bhtk")
    layer = only(read(tmp_path, [mul], {"x": [5, 6, 4]}, {"w": w}))
    assert (layer.kind, layer.vectors, layer.macs) == ("linear", 30, 5 * 6 * 4 * 2 * 3)
    assert np.array_equal(layer.weight, w.transpose(0, 2, 1).reshape(6, 4))
    batched = node("Einsum", ["w", "x"], ["y"], equation="hik,hit->hkt")
    layer = only(read(tmp_path, [batched], {"x": [2, 4, 7]}, {"w": w}))
    assert (layer.kind, layer.groups, layer.macs) == ("conv", 2, 2 * 4 * 3 * 7)
    implied = node("Einsum", ["v", "x"], ["y"], equation="ij,bj")
    layer = only(read(tmp_path, [implied], {"x": [7, 4]}, {"v": weights(3, 4)}))
    assert (layer.vectors, layer.macs) == (7, 84)
    both = node("Einsum", ["q", "k"], ["y"], "a", equation="bqd,bkd->bqk")
    assert facts(read(tmp_path, [both], {"q": [2, 3, 4], "k": [2, 5, 4]})) == [
        ("a", "product", 2 * 3 * 5 * 4)
    ]


def test_einsum_that_is_no_product_is_refused(tmp_path: Path) -> None:
    mul = node("Einsum", ["x", "x", "x"], ["y"], "e", equation="ab,bc,cd->ad")
    with pytest.raises(InputError, match=r"'e': Einsum 'ab,bc,cd->ad' is no product of two"):
        read(tmp_path, [mul], {"x": [3, 3]})


def test_shapes_that_do_not_meet_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"m\.onnx: operator MatMul of 'y': .*Incompatible dimens"):
        read(tmp_path, [node("MatMul", ["x", "w"], ["y"])], {"x": [2, 3]}, {"w": weights(4, 5)})
