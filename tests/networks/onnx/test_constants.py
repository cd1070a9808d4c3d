"""Weights that other operators make, and constants that decide shapes."""

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from hwsim.errors import InputError
from hwsim.networks.mapped import mapping_of
from hwsim.networks.onnx.load import load_onnx
from hwsim.networks.onnx.model_file import ModelFile
from hwsim.networks.onnx.qonnx import quantised
from tests.networks.onnx.graphs import graph, node, only, read, weights, write

MATMUL = node("MatMul", ["x", "w"], ["y"], "m")
QONNX = {"qonnx__custom_op__general": 1}


def test_weights_on_a_long_way(tmp_path: Path) -> None:
    raw = weights(5, 2, 2, dtype=np.int8)
    nodes = [
        node("Constant", [], ["c"], value=numpy_helper.from_array(raw)),
        node("Constant", [], ["s"], value_ints=[5, 4]),
        node("Cast", ["c"], ["f"], to=TensorProto.FLOAT),
        node("Reshape", ["f", "s"], ["r"]),
        node("Identity", ["r"], ["i"]),
        node("Transpose", ["i"], ["w"], perm=[1, 0]),
        MATMUL,
    ]
    layer = only(read(tmp_path, nodes, {"x": [3, 4]}))
    assert np.array_equal(layer.weight, raw.reshape(5, 4))
    assert layer.weight.dtype == np.float32


def test_weights_between_quantisers(tmp_path: Path) -> None:
    levels, zero = weights(4, 5, dtype=np.int8), np.array([1, 2, 3, 4, 5], np.int8)
    scale = np.array([1, 2, 4, 8, 16], np.float32)
    nodes = [
        node("QuantizeLinear", ["x", "sx", "zx"], ["q"]),
        node("DequantizeLinear", ["q", "sx", "zx"], ["d"]),
        node("DequantizeLinear", ["v", "s", "z"], ["w"], axis=1),
        node("MatMul", ["d", "w"], ["y"], "m"),
    ]
    network = read(
        tmp_path,
        nodes,
        {"x": [3, 4]},
        {"v": levels, "s": scale, "z": zero, "sx": np.float32(1), "zx": np.int8(0)},
    )
    assert np.array_equal(only(network).weight, ((levels - zero) * scale).T)
    assert network.skipped == {"scale": 2}  # of the input; those of the weights are in them


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_other_floats_are_read(tmp_path: Path, dtype: type) -> None:
    w = weights(4, 5, dtype=dtype)
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    assert np.array_equal(only(read(tmp_path, [MATMUL], {"x": ([3, 4], kind)}, {"w": w})).weight,
                          w.T)  # fmt: skip


def test_shapes_that_are_computed(tmp_path: Path) -> None:
    nodes = [
        node("Shape", ["x"], ["s"], start=0, end=1),
        node("Concat", ["s", "n"], ["t"], axis=0),
        node("Reshape", ["x", "t"], ["r"]),
        node("MatMul", ["r", "w"], ["y"]),
    ]
    arrays = {"n": np.array([-1], np.int64), "w": weights(20, 3)}
    assert only(read(tmp_path, nodes, {"x": [2, 4, 5]}, arrays)).vectors == 2
    size = [node("Size", ["x"], ["n"]), node("Unsqueeze", ["n", "a"], ["t"])]
    nodes = [*size, node("Reshape", ["x", "t"], ["r"]), node("MatMul", ["r", "w"], ["y"])]
    arrays = {"a": np.array([0], np.int64), "w": weights(20, 3)}
    assert only(read(tmp_path, nodes, {"x": [4, 5]}, arrays)).vectors == 1


def test_single_numbers_are_single_numbers(tmp_path: Path) -> None:
    ends = {name: np.array(number, np.int64) for name, number in {"a": 0, "b": 6, "c": 2}.items()}
    nodes = [
        node("Size", ["x"], ["n"]),
        node("Mul", ["n", "c"], ["m"]),
        node("Range", ["a", "m", "c"], ["i"]),
        node("Gather", ["v", "i"], ["g"]),
        node("MatMul", ["x", "g"], ["y"]),
    ]
    layer = only(read(tmp_path, nodes, {"x": [1, 4]}, {**ends, "v": weights(9, 3)}))
    assert np.array_equal(layer.weight, weights(9, 3)[[0, 2, 4, 6]].T)


def test_constants_that_nobody_can_compute(tmp_path: Path) -> None:
    odd = node("Trunc", ["v", "s"], ["w"], domain="mine")
    with pytest.raises(InputError, match="layer 'm': its weights are made by an operator that"):
        read(tmp_path, [odd, MATMUL], {"x": [1, 3]}, {"v": weights(3, 2), "s": np.ones(1, "f4")},
             domains={"mine": 1}, skip=["w"])  # fmt: skip


def test_a_sequence_is_no_tensor(tmp_path: Path) -> None:
    nodes = [
        node("SequenceConstruct", ["x", "x"], ["s"]),
        node("SequenceAt", ["s", "i"], ["t"]),
        node("MatMul", ["x", "w"], ["y"]),
    ]
    arrays = {"i": np.array(0, np.int64), "w": weights(4, 5)}
    assert only(read(tmp_path, nodes, {"x": [3, 4]}, arrays)).vectors == 3


def test_quantisers_of_qonnx(tmp_path: Path) -> None:
    w = np.array([[-1.1, -0.3], [0.0, 0.26], [5, 0.74]], np.float32)
    domain = "qonnx.custom_op.general"
    quant = node("Quant", ["v", "s", "z", "b"], ["w"], domain=domain, signed=1, narrow=1)
    arrays = {"v": w, "s": np.float32(0.5), "z": np.float32(0), "b": np.float32(3)}
    layer = only(read(tmp_path, [quant, MATMUL], {"x": [1, 3]}, arrays, domains=QONNX))
    assert layer.weight.tolist() == [[-1.0, 0.0, 1.5], [-0.5, 0.5, 0.5]]
    signs = node("BipolarQuant", ["v", "s"], ["w"], domain=domain)
    layer = only(read(tmp_path, [signs, MATMUL], {"x": [1, 3]}, arrays, domains=QONNX))
    assert layer.weight.tolist() == [[-0.5, 0.5, 0.5], [-0.5, 0.5, 0.5]]


@pytest.mark.parametrize(
    ("bits", "signed", "narrow", "expected"),
    [
        (3, 1, 0, [-4, -1, 3]),
        (3, 1, 1, [-3, -1, 3]),
        (3, 0, 0, [0, 0, 7]),
        (3, 0, 1, [0, 0, 6]),
        (1, 1, 0, [-1, -1, 1]),
    ],
)
def test_bounds_of_quant(bits: int, signed: int, narrow: int, expected: list[float]) -> None:
    inputs = [np.array([-9.0, -0.6, 9.0]), np.array(1.0), np.array(0.0), np.array(bits)]
    assert quantised("Quant", inputs, {"signed": signed, "narrow": narrow}).tolist() == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("ROUND", [2, -2, 1]),
        ("CEIL", [3, -2, 2]),
        ("FLOOR", [2, -3, 1]),
        ("UP", [3, -3, 2]),
        ("down", [2, -2, 1]),
        ("HALF_UP", [3, -3, 1]),
        ("HALF_DOWN", [2, -2, 1]),
    ],
)
def test_rounding_of_quant(mode: str, expected: list[float]) -> None:
    inputs = [np.array([2.5, -2.5, 1.2]), np.array(1.0), np.array(0.0), np.array(8.0)]
    found = quantised("Quant", inputs, {"rounding_mode": mode.encode()})
    assert found.tolist() == expected


def test_zero_point_and_scale_of_quant() -> None:
    inputs = [np.array([1.0, -1.0]), np.array(0.5), np.array(3.0), np.array(2.0)]
    assert quantised("IntQuant", inputs, {"signed": 0, "narrow": 0}).tolist() == [0.0, -1.0]


def test_floats_of_few_bits() -> None:
    # One sign, two bits of exponent with bias 1, one of mantissa: 0, 0.5, 1, 1.5, 2, 3, 4, 6.
    form = [np.array(2.0), np.array(1.0), np.array(1.0)]
    values = np.array([0.2, 0.3, 1.3, 2.6, 4.9, 99.0, -5.1])
    found = quantised("FloatQuant", [values, np.array(1.0), *form], {})
    assert found.tolist() == [0.0, 0.5, 1.5, 3.0, 4.0, 6.0, -6.0]
    found = quantised("FloatQuant", [values, np.array(0.5), *form, np.array(4.0)], {})
    assert found.tolist() == [0.25, 0.25, 1.5, 2.0, 2.0, 2.0, -2.0]


def test_quantisers_that_nobody_knows() -> None:
    with pytest.raises(InputError, match="quantised by Trunc, which hwsim does not know"):
        quantised("Trunc", [np.array(1.0), np.array(1.0)], {})
    with pytest.raises(InputError, match="rounding_mode 'ODD' is not known; known: CEIL"):
        quantised("Quant", [np.array(1.0)] * 4, {"rounding_mode": "odd"})


@pytest.mark.parametrize("pairs", [False, True])
def test_weights_that_are_stored_sparse(tmp_path: Path, pairs: bool) -> None:
    dense = np.zeros((4, 5), np.float32)
    dense[1, 2], dense[3, 4] = 7, -2
    places = np.array([[1, 2], [3, 4]] if pairs else [7, 19], np.int64)
    whole = graph([MATMUL], {"x": [3, 4]}, ["y"])
    whole.sparse_initializer.append(
        helper.make_sparse_tensor(
            numpy_helper.from_array(np.array([7, -2], np.float32), "w"),
            numpy_helper.from_array(places, "w_places"),
            [4, 5],
        )
    )
    layer = only(load_onnx(write(tmp_path / "m.onnx", whole)))
    assert np.array_equal(layer.weight, dense.T)


def _external(folder: Path, location: str = "w.bin", **more: int) -> Path:
    path = write(folder / "m.onnx", graph([MATMUL], {"x": [3, 4]}, ["y"], {"w": weights(4, 5)}))
    import onnx

    model = onnx.load(str(path))
    (tensor,) = model.graph.initializer
    content = tensor.raw_data
    (folder / "w.bin").write_bytes(b"\0" * 16 + content)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entries = {"location": location, "offset": 16, "length": len(content), **more}
    for key, value in entries.items():
        tensor.external_data.add(key=key, value=str(value))
    path.write_bytes(model.SerializeToString())
    return path


def test_arrays_beside_the_model(tmp_path: Path) -> None:
    assert np.array_equal(only(load_onnx(_external(tmp_path))).weight, weights(4, 5).T)


def test_arrays_of_one_file_share_its_mapping(tmp_path: Path) -> None:
    import onnx

    path = tmp_path / "m.onnx"
    tensors = [
        onnx.numpy_helper.from_array(weights(4, 5) + each, name) for each, name in enumerate("ab")
    ]
    for tensor in tensors:
        onnx.external_data_helper.set_external_data(tensor, "w.bin")
    onnx.save(helper.make_model(helper.make_graph([], "g", [], [], tensors)), path)
    file = ModelFile(path, onnx.load(path, load_external_data=False))
    found = [file.array(tensor) for tensor in file.model.graph.initializer]
    for each, array in enumerate(found):
        np.testing.assert_array_equal(array, weights(4, 5) + each)
    assert mapping_of(found[0]) is mapping_of(found[1]) is not None


@pytest.mark.parametrize("kind", [TensorProto.BFLOAT16, TensorProto.FLOAT8E4M3FN, 22])
def test_narrow_types_beside_the_model(tmp_path: Path, kind: int) -> None:
    import onnx

    array = np.array([[1, 2], [3, -4]], helper.tensor_dtype_to_np_dtype(kind))
    cast = node("Cast", ["v"], ["w"], to=TensorProto.FLOAT)
    whole = graph([cast, MATMUL], {"x": [3, 2]}, ["y"], {"v": array})
    path = write(tmp_path / "m.onnx", whole, opset=21)
    onnx.save(
        onnx.load(str(path)), str(path), save_as_external_data=True, location="v.bin",
        size_threshold=0,
    )  # fmt: skip
    assert only(load_onnx(path)).weight.tolist() == [[1, 3], [2, -4]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"location": "../w.bin"}, "lies in '../w.bin', outside the model's folder"),
        ({"location": "/etc/passwd"}, "lies in '/etc/passwd', outside the model's folder"),
        ({"location": "v.bin"}, "lies in 'v.bin', which is not there; put it beside the model"),
        ({"offset": 17}, "80 bytes from 17 on of w.bin, which has 96; was it copied whole?"),
        ({"offset": -1}, "80 bytes from -1 on of w.bin, which has 96; was it copied whole?"),
        ({"length": 76}, "w.bin holds 76 bytes of it, its shape and type need 80"),
    ],
)
def test_arrays_that_are_not_there(tmp_path: Path, change: dict[str, str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_onnx(_external(tmp_path, **change))
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'm.onnx'}: array 'w'")
