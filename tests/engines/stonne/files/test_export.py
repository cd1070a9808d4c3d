"""Layers in folders of their own."""

import csv

import numpy as np

import hwsim
from hwsim.engines.stonne.files import write_export
from hwsim.networks.network import Layer
from hwsim.schemes.quantized import QuantizedLayer


def layer(name):
    weight = np.ones((2, 3), dtype=np.float32)
    return QuantizedLayer(Layer(name, "linear", weight, vectors=5), "dense", weight, bits=32)


def test_products_and_images_are_whole_gemms(tmp_path):
    heads = Layer.product("heads", 5, 4, vectors=3, groups=2)
    frames = Layer("frames", "conv", np.ones((2, 3, 1, 1), np.float32), input_size=(2, 3), images=4)
    layers = [QuantizedLayer(each, "dense", each.weight, bits=32) for each in (heads, frames)]
    write_export(layers, hwsim.load_arch("sigma", {"num_ms": 8}), tmp_path)
    with (tmp_path / "layers.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    shapes = [[row[key] for key in ("kind", "groups", "M", "K", "N")] for row in rows]
    assert shapes == [["product", "2", "3", "4", "5"], ["conv", "1", "2", "3", "24"]]
    assert np.fromfile(tmp_path / "heads" / "kn_dense.f32", "<f4").tolist() == [1] * 2 * 4 * 5
    assert np.fromfile(tmp_path / "frames" / "kn_dense.f32", "<f4").size == 3 * 24


def test_names_that_become_the_same_folder_are_numbered(tmp_path):
    layers = [layer(name) for name in ("a/b", "a_b", "a:b", "c")]
    arch = hwsim.load_arch("sigma", {"num_ms": 8})
    assert write_export(layers, arch, tmp_path, columns=2, with_operands=False) == 4
    with (tmp_path / "layers.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["folder"] for row in rows] == ["a_b", "a_b-2", "a_b-3", "c"]
    assert [row["layer"] for row in rows] == ["a/b", "a_b", "a:b", "c"]
    assert all((tmp_path / row["folder"] / "stonne.cfg").is_file() for row in rows)
    assert not (tmp_path / "run_layer.cpp").exists()
