"""Small ONNX files for the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from hwsim.networks.network import Layer, Network
from hwsim.networks.onnx.load import load_onnx

Shape = Sequence[int | str] | None
node = helper.make_node


def weights(*shape: int, seed: int = 0, dtype: Any = np.float32) -> np.ndarray:
    """Seeded numbers, all different."""
    return np.random.default_rng(seed).permutation(int(np.prod(shape))).reshape(shape).astype(dtype)


def graph(
    nodes: Sequence[Any],
    inputs: Mapping[str, Shape | tuple[Shape, int]],
    outputs: Sequence[str],
    arrays: Mapping[str, np.ndarray] | None = None,
) -> Any:
    """A graph; inputs are floats unless their type is given."""
    infos = []
    for name, given in inputs.items():
        shape, kind = given if isinstance(given, tuple) else (given, TensorProto.FLOAT)
        infos.append(helper.make_tensor_value_info(name, kind, shape))
    return helper.make_graph(
        nodes,
        "g",
        infos,
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in (arrays or {}).items()],
    )


def write(path: Path, whole: Any, opset: int = 17, **domains: int) -> Path:
    """Write a graph as a model."""
    opsets = [helper.make_opsetid("", opset)]
    opsets += [helper.make_opsetid(name.replace("__", "."), n) for name, n in domains.items()]
    model = helper.make_model(whole, opset_imports=opsets, ir_version=8, producer_name="tests")
    onnx.save(model, str(path))
    return path


def read(
    folder: Path,
    nodes: Sequence[Any],
    inputs: Mapping[str, Shape | tuple[Shape, int]],
    arrays: Mapping[str, np.ndarray] | None = None,
    outputs: Sequence[str] = ("y",),
    opset: int = 17,
    domains: Mapping[str, int] | None = None,
    **options: Any,
) -> Network:
    """Write a model and import it."""
    path = write(folder / "m.onnx", graph(nodes, inputs, outputs, arrays), opset, **(domains or {}))
    return load_onnx(path, **options)


def only(network: Network) -> Layer:
    (layer,) = network.layers
    return layer


def facts(network: Network) -> list[tuple[str, str, int]]:
    """Name, kind and multiply-accumulates of each layer."""
    return [(layer.name, layer.kind, layer.macs) for layer in network.layers]
