"""Names, inputs, what is not counted, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.networks import load_network, save_network
from hwsim.networks.onnx import observed
from hwsim.networks.onnx.inputs import parse_shapes, parse_values
from hwsim.networks.onnx.load import load_onnx
from tests.networks.onnx.graphs import facts, graph, node, only, read, weights, write

MATMUL = node("MatMul", ["x", "w"], ["y"], "/m/MatMul")
W = {"w": weights(4, 5)}


def test_a_layer_is_called_as_its_weights_or_its_operator(tmp_path: Path) -> None:
    nodes = [
        node("MatMul", ["x", "block.fc.weight"], ["a"], "/block/MatMul"),
        node("MatMul", ["a", "onnx::MatMul_7"], ["b"], "/block/fc2/MatMul"),
        node("MatMul", ["b", "onnx::MatMul_7"], ["c"], "/block/fc2_1/MatMul"),
        node("MatMul", ["c", "v"], ["y"]),
    ]
    arrays = {name: weights(4, 4, seed=n) for n, name in
              enumerate(["block.fc.weight", "onnx::MatMul_7", "v"])}  # fmt: skip
    network = read(tmp_path, nodes, {"x": [1, 4]}, arrays)
    assert facts(network) == [
        ("block.fc", "linear", 16),
        ("block/fc2/MatMul", "linear", 32),
        ("y", "linear", 16),
    ]
    assert network.ordered
    assert network.provenance == "ONNX by tests"


def test_every_array_has_its_reason(tmp_path: Path) -> None:
    nodes = [
        node("Gather", ["table", "ids"], ["e"]),
        node("Add", ["e", "pos"], ["p"]),
        node("LayerNormalization", ["p", "g", "b"], ["n"]),
        node("MatMul", ["n", "w"], ["m"], "m"),
        node("Add", ["m", "bias"], ["a"]),
        node("Mul", ["a", "gain"], ["b2"]),
        node("Add", ["b2", "row"], ["b3"]),
        node("Mul", ["b3", "mask"], ["y"]),
    ]
    arrays = {
        "table": weights(9, 4),
        "pos": weights(1, 3, 4),
        "g": weights(4),
        "b": weights(4),
        "w": weights(4, 5),
        "bias": weights(5),
        "gain": np.float32(2),
        "row": weights(1, 1, 5),
        "mask": weights(1, 3, 5),
        "spare": weights(2, 2),
    }
    network = read(tmp_path, nodes, {"ids": ([1, 3], 7)}, arrays)
    assert only(network).vectors == 3
    assert {each.name: each.reason for each in network.uncounted} == {
        "table": "look-up",
        "pos": "positional table",
        "g": "norm",
        "b": "norm",
        "bias": "bias",
        "gain": "scale",
        "row": "bias",
        "mask": "buffer",
        "spare": "not reached",
    }
    assert network.uncounted[0].shape == (9, 4)


def test_the_normal_form_is_the_same_network(tmp_path: Path) -> None:
    conv = node("Conv", ["x", "k"], ["c"], "conv", pads=[0, 1, 1, 1])
    mul = node("MatMul", ["c", "t"], ["y"], "product")
    nodes = [conv, node("Transpose", ["c"], ["t"], perm=[0, 1, 3, 2]), mul]
    network = read(tmp_path, nodes, {"x": [1, 2, 5, 6]}, {"k": weights(3, 2, 2, 3)})
    save_network(network, tmp_path / "n.npz")
    again = load_network(tmp_path / "n.npz")
    assert facts(again) == facts(network) == [("conv", "conv", 3 * 12 * 30),
                                              ("product", "product", 3 * 5 * 5 * 6)]  # fmt: skip
    assert again.uncounted == network.uncounted
    assert again.layers[0].padding_end == (1, 1)


def test_open_inputs_are_stated(tmp_path: Path) -> None:
    path = write(tmp_path / "m.onnx", graph([MATMUL], {"x": ["n", "t", 4]}, ["y"], W))
    with pytest.raises(InputError) as caught:
        load_onnx(path)
    assert str(caught.value) == (
        f"{path}: input 'x' is ?x?x4: state its sizes, e.g. --input x=1x64x4"
    )
    network = load_onnx(path, inputs=["x=2x7x4"])
    assert only(network).vectors == 14
    assert network.notes == ("shapes are for input x 2x7x4",)
    with pytest.raises(InputError, match=r"input 'x' is \?x\?x4, not 2x7x5"):
        load_onnx(path, inputs=["x=2x7x5"])
    with pytest.raises(InputError, match=r"has no input 'z'; known: x"):
        load_onnx(path, inputs=["z=2x7x5"])


def test_an_open_batch_is_one_and_images_have_a_size(tmp_path: Path) -> None:
    conv = node("Conv", ["x", "k"], ["y"], "c")
    whole = graph([conv], {"x": ["n", 1, "h", "w"]}, ["y"], {"k": weights(1, 1, 1, 1)})
    path = write(tmp_path / "m.onnx", whole)
    network = load_onnx(path, input_size=(6, 7))
    assert only(network).macs == 42
    assert network.notes == (
        "shapes are for input x 1x1x6x7",
        "input 'x': a batch of 1 is assumed; --input states another",
    )
    last = node("Transpose", ["i"], ["x"], perm=[0, 3, 1, 2])
    whole = graph([last, conv], {"i": ["n", "h", "w", 1]}, ["y"], {"k": weights(1, 1, 1, 1)})
    turned = load_onnx(write(tmp_path / "t.onnx", whole), input_size=(6, 7))
    assert only(turned).input_size == (6, 7)
    several = load_onnx(path, inputs=["x=2x1x6x7"])
    assert only(several).images == 2
    assert "input 'x' holds 2 images; counts are for all of them" in several.notes
    assert load_network(path, input_size=(6, 7)) == network


@pytest.mark.parametrize("text", ["x", "x=", "x=3x", "x=0x3", "=3", "x=1000001", "x=3X4"])
def test_shapes_that_are_none(text: str) -> None:
    with pytest.raises(InputError, match=r"^input '.*': expected NAME=SIZExSIZE\.\.\., e\.g\. "):
        parse_shapes([text])


def test_shapes_and_values_are_parsed() -> None:
    assert parse_shapes(["a:0=1x3x1000000", "b=7"]) == {"a:0": (1, 3, 1_000_000), "b": (7,)}
    assert parse_values(["sr=16000", "b=-1,2.5e1"]) == {"sr": [16000.0], "b": [-1.0, 25.0]}
    for text in ("x", "x=", "x=1,,2", "x=a", "x=1-2"):
        with pytest.raises(InputError, match=r"expected NAME=NUMBER or NAME=NUMBER,NUMBER"):
            parse_values([text])


def test_operators_that_nobody_knows_are_refused_or_skipped(tmp_path: Path) -> None:
    nodes = [
        node("Odd", ["x", "w"], ["o"], "odd", domain="mine"),
        node("MatMul", ["x", "w"], ["y"]),
    ]
    path = write(tmp_path / "m.onnx", graph(nodes, {"x": [3, 4]}, ["y"], W), mine=1)
    with pytest.raises(InputError) as caught:
        load_onnx(path)
    assert str(caught.value) == (
        f"{path}: operator 'odd': mine.Odd has weights and is not known; export the network "
        "without it, or leave it out with --skip 'odd'"
    )
    network = load_onnx(path, skip=["o*"])
    assert [(each.name, each.reason) for each in network.uncounted] == [
        ("odd", "skipped by the user")
    ]
    with pytest.raises(InputError, match="no operator with weights or MACs matches --skip 'z'"):
        load_onnx(path, skip=["odd", "z"])


def test_what_is_skipped_says_its_macs(tmp_path: Path) -> None:
    nodes = [MATMUL, node("MatMul", ["x", "v"], ["z"], "n")]
    network = read(
        tmp_path, nodes, {"x": [3, 4]}, {**W, "v": weights(4, 2)}, outputs=["z"], skip=["m/*"]
    )
    assert facts(network) == [("n", "linear", 24)]
    assert [(each.name, each.macs) for each in network.uncounted] == [("m/MatMul", 60), ("w", 0)]
    assert network.uncounted[1].reason == "skipped by the user"


def test_a_graph_without_products_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no operator of it multiplies with weights"):
        read(tmp_path, [node("Relu", ["x"], ["y"])], {"x": [3]})


@pytest.mark.parametrize(
    ("text", "damaged"), [(b"tests", b"te\xcbts"), (b"weights", b"weigh\xf3s")]
)
def test_a_name_that_is_no_text_is_refused_in_one_line(
    tmp_path: Path, text: bytes, damaged: bytes
) -> None:
    whole = graph(
        [node("MatMul", ["x", "weights"], ["y"])], {"x": [3, 4]}, ["y"], {"weights": weights(4, 2)}
    )
    path = write(tmp_path / "m.onnx", whole)
    path.write_bytes(path.read_bytes().replace(text, damaged))
    with pytest.raises(InputError) as caught:
        load_onnx(path)
    assert str(caught.value) == (
        f"{path}: not an ONNX model, or damaged or truncated: a name that is not in UTF-8: "
        f"{damaged!r}"
    )


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(b"not a model at all")
    with pytest.raises(InputError, match=r"m\.onnx: not an ONNX model"):
        load_onnx(path)
    path.write_bytes(b"\x08\x08")
    with pytest.raises(InputError, match=r"m\.onnx: not an ONNX model: it has no operators"):
        load_onnx(path)


NONZERO = [
    node("NonZero", ["x"], ["i"]),
    node("Gather", ["v", "i"], ["g"]),
    node("MatMul", ["g", "w"], ["y"], "m"),
]


def test_shapes_that_only_a_run_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = {"v": weights(9, 4), **W}
    path = write(tmp_path / "m.onnx", graph(NONZERO, {"x": [9]}, ["y"], arrays))
    monkeypatch.setattr(observed, "available", lambda: False)
    with pytest.raises(InputError, match=r"shape of 'm' is known only when the model runs: pip in"):
        load_onnx(path)


def test_shapes_are_observed(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    arrays = {"v": weights(9, 4), **W}
    path = write(tmp_path / "m.onnx", graph(NONZERO, {"x": [9]}, ["y"], arrays))
    network = load_onnx(path)
    assert only(network).vectors == 9  # of nine numbers between 0 and 1
    assert network.notes[-1] == (
        "some shapes were taken from one run on random input; they may depend on it"
    )
