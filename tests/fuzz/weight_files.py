"""Weight files, topologies and inputs of layers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.fuzz.inputs import Command, Seed, network_file, small_network

SHAPES: Final = """\
name: small
source: made up for a test
input: {channels: 2, size: 3}
quantized_layers: [block.conv]
layers:
  - {conv: stem, filters: 4, kernel: 3, padding: 1}
  - {pool: pool, kernel: 2, stride: 1}
  - {conv: block.conv, filters: 4, kernel: 3, padding: 1, from: stem}
  - {adaptive_pool: gap, size: 1}
  - {linear: fc, features: 3}
"""
RUN: Final = ("--scheme", "dense", "--scheme", "signed-binary")
_STONNE: Final = (*RUN, "--energy", "stonne", "--json")


def state() -> dict[str, np.ndarray[Any, Any]]:
    state: dict[str, np.ndarray[Any, Any]] = {
        f"{each.name}.weight": each.weight for each in small_network().layers
    }
    return {**state, "fc.bias": np.zeros(3, np.float32)}


def _read_as(name: str) -> list[Command]:
    return [
        ("network", "show", name, "--topology", "t.yaml", "--json"),
        ("run", "--model", name, "--topology", "t.yaml", *_STONNE),
        ("network", "topology", name),
    ]


def npz(folder: Path) -> list[Seed]:
    whole = network_file(folder)
    np.savez(folder / "plain.npz", **state())
    plain = {"plain.npz": (folder / "plain.npz").read_bytes(), "t.yaml": SHAPES.encode()}
    own: list[Command] = [
        ("network", "show", "m.npz", "--json"),
        ("run", "--model", "m.npz", *_STONNE),
        ("network", "import", "m.npz", "-o", "copy.npz"),
    ]
    return [Seed("m.npz", whole, own), Seed("plain.npz", plain, _read_as("plain.npz"))]


def npy(folder: Path) -> list[Seed]:
    np.save(folder / "mk.npy", np.eye(4, 6, dtype=np.float32))
    np.save(folder / "kn.npy", np.ones((6, 3), np.int8))
    files = {name: (folder / name).read_bytes() for name in ("mk.npy", "kn.npy")}
    command = ("gemm", "--mk", "mk.npy", "--kn", "kn.npy", "--json", "-")
    return [Seed(name, files, [command]) for name in files]


def safetensors(folder: Path) -> list[Seed]:
    from safetensors.numpy import save

    files = {"w.safetensors": save(state()), "t.yaml": SHAPES.encode()}
    return [Seed("w.safetensors", files, _read_as("w.safetensors"))]


def torch(folder: Path) -> list[Seed]:
    import torch

    seeds = []
    for name, zipped in (("w.pt", True), ("w.pth", False)):
        tensors = {key: torch.from_numpy(array) for key, array in state().items()}
        torch.save({"state_dict": tensors}, folder / name, _use_new_zipfile_serialization=zipped)
        files = {name: (folder / name).read_bytes(), "t.yaml": SHAPES.encode()}
        seeds.append(Seed(name, files, _read_as(name)))
    return seeds


def onnx(folder: Path) -> list[Seed]:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    arrays = state()
    nodes = [
        helper.make_node("Conv", ["x", "stem.weight"], ["a"], "stem", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["b"], "relu"),
        helper.make_node("Conv", ["b", "block.conv.weight"], ["c"], "conv", pads=[1, 1, 1, 1]),
        helper.make_node("GlobalAveragePool", ["c"], ["d"], "pool"),
        helper.make_node("Flatten", ["d"], ["e"], "flat", axis=1),
        helper.make_node("Gemm", ["e", "fc.weight", "fc.bias"], ["y"], "fc", transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 3, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(folder / "m.onnx"))
    commands: list[Command] = [
        ("network", "show", "m.onnx", "--json"),
        ("run", "--model", "m.onnx", *_STONNE),
        ("network", "import", "m.onnx", "-o", "m.npz"),
    ]
    return [Seed("m.onnx", {"m.onnx": (folder / "m.onnx").read_bytes()}, commands)]


def topology(folder: Path) -> list[Seed]:
    np.savez(folder / "plain.npz", **state())
    files = {"plain.npz": (folder / "plain.npz").read_bytes(), "t.yaml": SHAPES.encode()}
    commands: list[Command] = [
        ("network", "show", "plain.npz", "--topology", "t.yaml", "--json"),
        ("network", "make", "t.yaml", "-o", "made.npz"),
        ("run", "--model", "plain.npz", "--topology", "t.yaml", *_STONNE),
    ]
    return [Seed("t.yaml", files, commands)]


def shards(folder: Path) -> list[Seed]:
    from safetensors.numpy import save

    arrays = state()
    index = {"metadata": {"format": "pt"}, "weight_map": dict.fromkeys(arrays, "a.safetensors")}
    config = {"tie_word_embeddings": True, "architectures": ["GPT2LMHeadModel"]}
    files = {
        "model.safetensors.index.json": json.dumps(index).encode(),
        "config.json": json.dumps(config).encode(),
        "a.safetensors": save(arrays),
    }
    files["t.yaml"] = SHAPES.encode()
    commands: list[Command] = [("network", "show", ".", "--topology", "t.yaml", "--json")]
    return [Seed(name, files, commands) for name in ("model.safetensors.index.json", "config.json")]


def activations(folder: Path) -> list[Seed]:
    draw = np.random.default_rng(0).random
    inputs = {
        name: draw(shape, np.float32)
        for name, shape in (("stem", (1, 2, 3, 3)), ("block.conv", (1, 4, 3, 3)), ("fc", (1, 4)))
    }
    np.savez(folder / "a.npz", **inputs)
    files = {
        **network_file(folder),
        "a.csv": b"layer,share\nstem,0.5\nblock.conv,0.25\nfc,1\n",
        "a.npz": (folder / "a.npz").read_bytes(),
    }
    return [
        Seed(name, files, [("run", "--model", "m.npz", *_STONNE, "--activations", name)])
        for name in ("a.csv", "a.npz")
    ]
