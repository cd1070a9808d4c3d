"""``hwsim network import``: a graph becomes the normal form."""

from pathlib import Path

import numpy as np
import pytest

from hwsim.networks import load_network
from tests.networks.onnx.graphs import graph, node, weights, write


def _model(folder: Path) -> Path:
    nodes = [
        node("MatMul", ["x", "fc.weight"], ["a"]),
        node("Add", ["a", "b"], ["s"]),
        node("Identity", ["s"], ["y"]),
    ]
    arrays = {"fc.weight": weights(4, 5), "b": weights(5)}
    return write(folder / "m.onnx", graph(nodes, {"x": ["n", "t", 4]}, ["y"], arrays))


def test_import_and_use(cli, tmp_path: Path) -> None:
    model, net = _model(tmp_path), tmp_path / "net.npz"
    done = cli("network", "import", model, "-o", net, "--input", "x=1x7x4")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        f"{net}: m, 1 layers, 140 MACs",
        "not counted: 1 bias",
        "note: shapes are for input x 1x7x4",
    ]
    network = load_network(net)
    assert network.notes[-1] == "imported from m.onnx (ONNX by tests)"
    assert network.layers[0].vectors == 7


def test_a_model_is_run_as_it_is(cli, tmp_path: Path) -> None:
    model = _model(tmp_path)
    done = cli("run", "--model", model, "--input", "x=1x7x4", "--quantize-layers", "all")
    assert done.code == 0, done.err
    refused = cli("network", "show", model)
    assert refused.code == 2
    assert "input 'x' is ?x?x4: state its sizes, e.g. --input x=1x64x4" in refused.err


def test_masks_are_asked_for_and_need_samples(cli, tmp_path: Path) -> None:
    model, net = _model(tmp_path), tmp_path / "net.npz"
    refused = cli("network", "import", model, "-o", net, "--masks")
    assert (refused.code, refused.err) == (
        2,
        f"error: {model}: --masks keeps zeros that --data measures; give samples\n",
    )
    pytest.importorskip("onnxruntime")
    samples = np.eye(4, dtype=np.float32).reshape(2, 1, 2, 4)
    np.save(tmp_path / "s.npy", samples)
    command = ("network", "import", model, "-o", net, "--input", "x=1x2x4", "--data")
    done = cli(*command, tmp_path / "s.npy", "--masks")
    assert done.code == 0, done.err
    note = "zeros of the layers' inputs are measured on 2 samples, and kept where they are"
    assert f"note: {note}" in done.out.splitlines()
    (layer,) = load_network(net).layers
    assert np.array_equal(layer.input_masks, samples[:, 0] != 0)
