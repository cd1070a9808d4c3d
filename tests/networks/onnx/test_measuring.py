"""Zeros of activations: where they are looked for, and what is made of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.networks import load_network, save_network
from hwsim.networks.network import Layer
from hwsim.networks.onnx.call import Call
from hwsim.networks.onnx.load import load_onnx
from hwsim.networks.onnx.measuring import (
    Measured,
    nonzeros_of,
    read_samples,
    streams,
    with_measured,
)
from hwsim.networks.onnx.values import Value
from tests.networks.onnx.graphs import graph, node, weights, write

CONV = Layer("c", "conv", np.ones((2, 4, 1, 1), "f4"))
LINEAR = Layer("l", "linear", np.ones((2, 4), "f4"))
PRODUCT = Layer.product("p", 2, 3, 4, groups=2)
OPEN, KNOWN = Value((2, 2)), Value((2, 2), array=np.ones((2, 2)))
KNOWN_ZEROS = Value((2, 2), array=np.zeros((2, 2)))


@pytest.mark.parametrize(
    ("kind", "layers", "values", "attributes", "expected"),
    [
        ("Conv", [CONV], (OPEN, KNOWN), {}, [("a", "maps")]),
        ("ConvTranspose", [CONV], (OPEN, KNOWN), {}, [("a", "maps")]),
        ("Conv", [PRODUCT], (OPEN, OPEN), {}, [None]),
        ("ConvInteger", [CONV], (OPEN, KNOWN), {}, [None]),
        ("MatMul", [LINEAR], (OPEN, KNOWN), {}, [("a", "rows")]),
        ("MatMul", [LINEAR], (KNOWN, OPEN), {}, [("b", "columns")]),
        ("Gemm", [LINEAR], (OPEN, KNOWN), {"transA": 1, "transB": 0}, [("a", "columns")]),
        ("Gemm", [LINEAR], (OPEN, KNOWN), {"transB": 1}, [("a", "rows")]),
        ("Gemm", [LINEAR], (KNOWN, OPEN), {"transB": 1}, [("b", "rows")]),
        ("MatMul", [PRODUCT], (OPEN, OPEN), {}, [("a", "matrices")]),
        ("Gemm", [PRODUCT], (OPEN, OPEN), {"transA": 1}, [None]),
        ("MatMul", [CONV], (OPEN, KNOWN), {}, [None]),
        ("MatMulInteger", [LINEAR], (OPEN, KNOWN), {}, [None]),
        ("Attention", [PRODUCT, PRODUCT], (OPEN, OPEN), {}, [None, None]),
    ],
)
def test_what_streams(
    kind: str, layers: list[Layer], values: Any, attributes: dict[str, Any], expected: list[Any]
) -> None:
    call = Call("n", kind, values, attributes, (OPEN,))
    assert streams(call, layers, ["a", "b"], ["y"]) == expected


@pytest.mark.parametrize(
    ("inputs", "attributes", "outputs", "forms"),
    [
        ((OPEN,), {"direction": b"bidirectional"}, ["y"], ["states", "states back"]),
        ((OPEN,), {"direction": b"reverse"}, ["y"], ["states back only", "states back"]),
        ((OPEN, None, None, None, None, KNOWN_ZEROS), {}, ["y"], ["states", "states back"]),
        ((OPEN,), {}, [""], [None, None]),
        ((OPEN,), {"layout": 1}, ["y"], [None, None]),
        ((OPEN, None, None, None, None, KNOWN), {}, ["y"], [None, None]),
        ((OPEN, None, None, None, None, OPEN), {}, ["y"], [None, None]),
        ((OPEN, None, None, None, OPEN), {}, ["y"], [None, None]),
    ],
)
def test_states_are_seen_where_every_step_of_them_is_given(
    inputs: Any, attributes: dict[str, Any], outputs: list[str], forms: list[Any]
) -> None:
    names = ("weight_ih_l0", "weight_hh_l0", "weight_ih_l0_reverse", "weight_hh_l0_reverse")
    layers = [Layer(f"r.{name}", "linear", LINEAR.weight) for name in names]
    call = Call("r", "GRU", inputs, attributes, (OPEN,))
    forward, back = (form and ("y", form) for form in forms)
    assert streams(call, layers, ["a"], outputs) == [("a", "rows"), forward, ("a", "rows"), back]


def test_states_before_each_step() -> None:
    after = np.array([[[[1, 0]], [[0, 0]]], [[[0, 2]], [[3, 0]]], [[[4, 4]], [[5, 5]]]])
    forward = nonzeros_of(after, "states")  # of steps 0, 1, 2
    assert forward.tolist() == [[False, False], [True, False], [False, True]]
    back = nonzeros_of(after, "states back")
    assert back.tolist() == [[True, False], [True, True], [False, False]]
    only = nonzeros_of(after[:, 1:], "states back only")
    assert only.tolist() == back.tolist()


def test_shares_by_channel() -> None:
    array = np.array([[[1, 0], [2, 3]], [[0, 0], [0, 4]]])  # (2, 2, 2)

    def shares(array: Any, form: Any) -> list[float]:
        return nonzeros_of(array, form).mean(axis=0).tolist()

    assert shares(array, "maps") == [0.25, 0.75]
    assert shares(array, "rows") == [0.5, 0.5]
    assert shares(array, "columns") == [0.25, 0.75]
    assert shares(array, "matrices") == [1.0, 0.5, 0.0, 0.5]
    assert shares(np.array([1, 0]), "columns") == [1.0, 0.0]
    assert nonzeros_of(array, "matrices").tolist() == [
        [True, False, False, False],
        [True, True, False, True],
    ]


def test_shares_of_layers() -> None:
    shares = np.array([0.5, 1.0])
    frames = with_measured(CONV, Measured(shares))  # two channels of two frames each
    assert frames.input_density_by_channel == (0.5, 0.5, 1.0, 1.0)
    assert frames.input_density == 0.75
    assert frames.input_masks is None
    assert with_measured(LINEAR, None) is LINEAR
    assert with_measured(CONV, Measured(np.ones(3))) is CONV
    assert with_measured(PRODUCT, Measured(np.ones(3))) is PRODUCT
    assert with_measured(PRODUCT, Measured(np.ones(6))).input_density == 1


def test_masks_of_layers() -> None:
    first, second = np.eye(4, 6, dtype=bool), np.ones((4, 6), bool)
    found = with_measured(PRODUCT, Measured(np.ones(6), (first, second)))
    assert np.array_equal(found.input_masks, [first, second])
    fewer = Measured(np.ones(3), (first[:, :3],))
    assert with_measured(replace(CONV, weight=np.ones((2, 6, 1, 1))), fewer).input_masks is None


def _inputs(**shapes: tuple[int, ...]) -> dict[str, Value]:
    return {name: Value(shape) for name, shape in shapes.items()}


def test_samples(tmp_path: Path) -> None:
    np.save(tmp_path / "s.npy", np.arange(12.0).reshape(3, 4))
    found = read_samples(tmp_path / "s.npy", {**_inputs(x=(1, 4)), "sr": KNOWN})
    assert [sample["x"].tolist() for sample in found][2] == [[8.0, 9.0, 10.0, 11.0]]
    assert len(found) == 3
    np.savez(tmp_path / "s.npz", x=np.ones((2, 4)), y=np.ones((2, 3)))
    both = read_samples(tmp_path / "s.npz", _inputs(x=(1, 4), y=(1, 3)))
    assert [sample["y"].shape for sample in both] == [(1, 3), (1, 3)]


@pytest.mark.parametrize(
    ("name", "inputs", "message"),
    [
        ("s.npy", _inputs(x=(1, 4), y=(1, 3)), "has inputs x, y; give an .npz with an array"),
        ("s.npz", _inputs(z=(1, 4)), "has no array for the input 'z'"),
        ("s.npz", _inputs(x=(1, 4), y=(1, 3)), "hold different numbers of samples"),
        ("s.npz", _inputs(x=(1, 3)), "'x' is 2x4; a sample is 1x3"),
        ("s.npz", _inputs(n=(1,)), "'n' is not all finite numbers"),
        ("s.npz", _inputs(e=(1,)), "'e' is 0; a sample is 1"),
        ("t.npy", _inputs(x=(1,)), "not an .npy or .npz file of samples"),
    ],
)
def test_samples_that_are_none(
    tmp_path: Path, name: str, inputs: dict[str, Value], message: str
) -> None:
    np.save(tmp_path / "s.npy", np.ones((2, 4)))
    arrays = {"y": np.ones((3, 3)), "n": np.array([np.nan]), "e": np.ones(0)}
    np.savez(tmp_path / "s.npz", x=np.ones((2, 4)), **arrays)
    (tmp_path / "t.npy").write_bytes(b"nothing")
    with pytest.raises(InputError) as caught:
        read_samples(tmp_path / name, inputs)
    assert message in str(caught.value)


def test_zeros_that_a_run_sees(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    nodes = [
        node("Conv", ["x", "k"], ["c"], "conv"),
        node("Relu", ["c"], ["r"]),
        node("MatMul", ["r", "w"], ["y"], "fc"),
    ]
    kernel = np.array([1, -1], np.float32).reshape(2, 1, 1, 1)
    arrays = {"k": kernel, "w": weights(3, 5)}
    path = write(tmp_path / "m.onnx", graph(nodes, {"x": ["n", 1, 2, 3]}, ["y"], arrays))
    samples = np.zeros((2, 1, 2, 3), np.float32)
    samples[0, 0, 0, 0], samples[1, 0, 1, 2] = 4, -1
    np.save(tmp_path / "s.npy", samples)
    network = load_onnx(path, data=tmp_path / "s.npy")
    conv, fc = network.layers
    assert np.isclose(conv.input_density or 0, 1 / 6)
    assert fc.input_density_by_channel == (0.125, 0.0, 0.125)
    assert network.notes[-1] == "zeros of the layers' inputs are measured on 2 samples"
    save_network(network, tmp_path / "n.npz")
    assert load_network(tmp_path / "n.npz").layers[1].input_density_by_channel == (0.125, 0, 0.125)
    assert conv.input_masks is None
    whole = load_onnx(path, data=tmp_path / "s.npy", masks=True)
    assert np.array_equal(whole.layers[0].input_masks, samples != 0)
    after = np.maximum([samples[:, 0], -samples[:, 0]], 0).swapaxes(0, 1).reshape(2, 4, 3)
    assert np.array_equal(whole.layers[1].input_masks, after != 0)
    assert whole.notes[-1] == f"{network.notes[-1]}, and kept where they are"
    bare = replace(
        whole,
        notes=network.notes,
        layers=tuple(replace(la, input_masks=None) for la in whole.layers),
    )
    assert bare == network


def test_states_that_a_run_sees(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    steps = node("LSTM", ["x", "w", "r"], ["y"], "rnn", hidden_size=2, direction="bidirectional")
    # Gates of zeros are half open: what comes out is not zero, but before the first step.
    arrays = {"w": weights(2, 8, 3), "r": weights(2, 8, 2)}
    path = write(tmp_path / "m.onnx", graph([steps], {"x": [4, 1, 3]}, ["y"], arrays))
    np.save(tmp_path / "s.npy", np.ones((1, 4, 1, 3), np.float32))
    network = load_onnx(path, data=tmp_path / "s.npy", masks=True)
    assert [layer.input_density for layer in network.layers] == [1, 0.75, 1, 0.75]
    _, forward, _, back = network.layers
    assert forward.input_masks[0].all(axis=1).tolist() == [False, True, True, True]
    assert back.input_masks[0].all(axis=1).tolist() == [True, True, True, False]


def test_masks_need_samples(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_onnx(tmp_path / "m.onnx", masks=True)
    assert str(caught.value).endswith(
        "m.onnx: masks of zeros are measured on samples; give data (--data)"
    )
