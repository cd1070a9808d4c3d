"""Shapes that only a run of the graph tells, from onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError, one_line
from hwsim.networks.onnx.values import Value


def available() -> bool:
    """Whether onnxruntime is installed."""
    try:
        import onnxruntime  # noqa: F401
    except ImportError:
        return False
    return True


def observe(
    path: Path, model: Any, inputs: Mapping[str, Value], names: Sequence[str]
) -> dict[str, Value]:
    """Run a model once, and look at the shapes of some of its tensors.

    Parameters
    ----------
    path : Path
        The file; external data lie beside it.
    model : onnx.ModelProto
        The model.
    inputs : mapping of str to Value
        Shapes, or values, of its inputs. Floats without a value are drawn uniformly from 0 to 1
        with seed 0, integers are 0.
    names : sequence of str
        Tensors of the outermost graph.

    Raises
    ------
    InputError
        If onnxruntime cannot run it.
    """
    import onnxruntime
    from onnx import ValueInfoProto, helper

    whole = type(model)()
    whole.CopyFrom(model)
    have = {each.name for each in whole.graph.output}
    whole.graph.output.extend(ValueInfoProto(name=name) for name in names if name not in have)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    feeds = {name: _fed(value) for name, value in inputs.items() if value.shape is not None}
    try:
        _hold_external_data(options, path)
        session = onnxruntime.InferenceSession(
            whole.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        found = session.run(list(names), feeds)
    except Exception as error:  # whatever onnxruntime raises, its words are the best there are
        raise InputError(
            f"{path}: some shapes are known only when it runs, and onnxruntime cannot run it: "
            f"{one_line(error)[:200]}"
        ) from error
    return {
        name: Value(array.shape, int(helper.np_dtype_to_tensor_dtype(array.dtype)))
        for name, array in zip(names, found, strict=True)
        if isinstance(array, np.ndarray)
    }


def _hold_external_data(options: Any, path: Path) -> None:
    options.add_session_config_entry(
        "session.model_external_initializers_file_folder_path", str(path.parent.resolve())
    )


def _fed(value: Value) -> NDArray[Any]:
    from onnx import helper

    if value.array is not None:
        return value.array
    dtype = helper.tensor_dtype_to_np_dtype(value.element)
    if dtype.kind == "f":
        return np.random.default_rng(0).random(value.known_shape).astype(dtype)
    return np.zeros(value.known_shape, dtype)
