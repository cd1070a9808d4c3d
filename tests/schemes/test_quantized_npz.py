"""A network with its quantised weights in a file: read again as what it is."""

from dataclasses import replace

import numpy as np

from hwsim.networks import load_network
from hwsim.networks.network import Layer, Network
from hwsim.schemes import Quantizer
from hwsim.schemes.quantized_npz import write_quantized_npz
from tests.schemes.networks import laplace, layer, network


def test_weights_geometry_and_notes(tmp_path):
    conv = replace(layer("conv", laplace(4, 3, 2, 2)), stride=(2, 2))
    heads = Layer.product("heads", 5, 4, vectors=3)
    net = Network("net", (conv, heads, layer("fc", np.sign(laplace(2, 4)))), notes=("made",))
    quantized = Quantizer.of(net, "binary", "all").quantized()
    write_quantized_npz(quantized, tmp_path / "q.npz")
    found = load_network(tmp_path / "q.npz")
    assert [each.name for each in found.layers] == ["conv", "heads", "fc"]
    for ours, theirs in zip(found.layers, quantized.layers, strict=True):
        assert ours.weight.dtype == np.float32
        np.testing.assert_array_equal(ours.weight, theirs.values)
    assert found.layers[0].stride == (2, 2)
    assert found.notes == (
        "made",
        "weights written by hwsim under the scheme binary (1 quantised after training, 1 trained)",
    )


def test_dense_is_not_counted(tmp_path):
    write_quantized_npz(
        Quantizer.of(network(laplace(2, 3)), "dense").quantized(), tmp_path / "d.npz"
    )
    assert load_network(tmp_path / "d.npz").notes == (
        "weights written by hwsim under the scheme dense",
    )
