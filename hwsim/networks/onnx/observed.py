"""Shapes that only a run of the graph tells, from onnxruntime."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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


class Runner:
    """Runs a model as it is, and gives some of its tensors.

    Parameters
    ----------
    path : Path
        The file; external data lie beside it.
    model : onnx.ModelProto
        The model.
    names : sequence of str
        Tensors of the outermost graph.

    Raises
    ------
    InputError
        If onnxruntime cannot run it.
    """

    def __init__(self, path: Path, model: Any, names: Sequence[str]) -> None:
        import onnxruntime
        from onnx import ValueInfoProto

        self._path, self._names = path, list(names)
        whole = type(model)()
        whole.CopyFrom(model)
        have = {each.name for each in whole.graph.output}
        whole.graph.output.extend(ValueInfoProto(name=name) for name in names if name not in have)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        _hold_external_data(options, path)
        with self._explained():
            self._session = onnxruntime.InferenceSession(
                whole.SerializeToString(), options, providers=["CPUExecutionProvider"]
            )

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Run it on an array for each input.

        Raises
        ------
        InputError
            If onnxruntime cannot run it.
        """
        if not self._names:
            return {}  # to onnxruntime, no names are all outputs
        with self._explained():
            found = self._session.run(self._names, dict(feeds))
        pairs = zip(self._names, found, strict=True)
        return {name: array for name, array in pairs if isinstance(array, np.ndarray)}

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # whatever onnxruntime raises, its words are the best there are
            raise InputError(
                f"{self._path}: has to be run, and onnxruntime cannot: {one_line(error)[:200]}"
            ) from error


def observe(
    path: Path, model: Any, inputs: Mapping[str, Value], names: Sequence[str]
) -> dict[str, Value]:
    """Run a model once, and look at the shapes of some of its tensors.

    Parameters
    ----------
    path, model, names
        As of :class:`Runner`.
    inputs : mapping of str to Value
        Shapes, or values, of its inputs. Floats without a value are drawn uniformly from 0 to 1
        with seed 0, integers are 0.

    Raises
    ------
    InputError
        If onnxruntime cannot run it.
    """
    from onnx import helper

    feeds = {name: _fed(value) for name, value in inputs.items() if value.shape is not None}
    return {
        name: Value(array.shape, int(helper.np_dtype_to_tensor_dtype(array.dtype)))
        for name, array in Runner(path, model, names).run(feeds).items()
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
