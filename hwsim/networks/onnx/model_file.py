"""Open an ONNX file: the graph, with functions put in place, and its arrays, read when needed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.inputs_read import note_input
from hwsim.networks.readers.weight_file import MAX_BYTES, readable

_EXTERNAL = 1  # TensorProto.EXTERNAL: the data lie in a file beside the model
#: Types whose elements are packed, two or more to a byte: onnx unpacks them.
_PACKED_FROM = 21


def require_onnx(path: Path) -> Any:
    """Import onnx, or say how to get it."""
    try:
        import onnx
    except ImportError as error:
        raise InputError(f"{path}: reading ONNX needs onnx: pip install 'hwsim[onnx]'") from error
    return onnx


@dataclass(frozen=True)
class ModelFile:
    """An ONNX model whose external data stay in their files.

    Parameters
    ----------
    path : Path
        The file.
    model : onnx.ModelProto
        Without functions of its own.
    """

    path: Path
    model: Any
    _mapped: dict[Path, NDArray[np.uint8]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def open(cls, path: Path) -> ModelFile:
        """Read the graph.

        Raises
        ------
        InputError
            If onnx is not installed, or the file is no ONNX model.
        """
        onnx = require_onnx(path)
        from onnx import inliner

        with readable(path, "an ONNX model"):
            model = onnx.load(str(path), load_external_data=False)
            if not model.graph.node or not model.opset_import:
                raise InputError(f"{path}: not an ONNX model: it has no operators")
            if model.functions:
                model = inliner.inline_local_functions(model)
            _refuse_names_that_are_no_text(model)
        return cls(path, model)

    @property
    def opsets(self) -> dict[str, int]:
        """Version of each domain that the model uses; ``ai.onnx`` is the empty one."""
        return {
            "" if each.domain == "ai.onnx" else each.domain: each.version
            for each in self.model.opset_import
        }

    def array(self, tensor: Any) -> NDArray[Any]:
        """Read an array of the model; one of external data is mapped, never read beyond its file.

        Raises
        ------
        InputError
            If its file is missing, elsewhere, or shorter than it says.
        """
        from onnx import numpy_helper

        with readable(self.path, f"an ONNX model (array {tensor.name!r})"):
            if tensor.data_location != _EXTERNAL:
                return np.asarray(numpy_helper.to_array(tensor))
            return self._external(tensor)

    def sparse(self, tensor: Any) -> NDArray[Any]:
        """Read an array that is stored by its non-zeros, whole.

        Raises
        ------
        InputError
            If it is damaged, or would take more than ``MAX_BYTES``.
        """
        shape = tuple(tensor.dims)
        name = tensor.values.name
        with readable(self.path, f"an ONNX model (sparse array {name!r})"):
            values, places = self.array(tensor.values), self.array(tensor.indices)
            if math.prod(shape) * values.itemsize > MAX_BYTES:
                raise InputError(f"{self.path}: array {name!r} of {shape} is too large")
            whole = np.zeros(shape, values.dtype)
            if places.ndim == 1:
                whole.reshape(-1)[places] = values
            else:
                whole[tuple(places.T)] = values
            return whole

    def _external(self, tensor: Any) -> NDArray[Any]:
        from onnx import helper, numpy_helper

        entries = {each.key: each.value for each in tensor.external_data}
        file = self._beside(tensor.name, entries.get("location", ""))
        offset = int(entries.get("offset", 0))
        stored = file.stat().st_size
        length = int(entries.get("length", stored - offset))
        if offset < 0 or length < 0 or offset + length > stored or length > MAX_BYTES:
            raise InputError(
                f"{self.path}: array {tensor.name!r}: {length:,} bytes from {offset:,} on of "
                f"{file.name}, which has {stored:,}; was it copied whole?"
            )
        if tensor.data_type >= _PACKED_FROM or tensor.data_type in (16, 17, 18, 19, 20):
            whole = type(tensor)()
            whole.CopyFrom(tensor)
            del whole.external_data[:]
            whole.data_location = 0
            with file.open("rb") as opened:
                opened.seek(offset)
                whole.raw_data = opened.read(length)
            return np.asarray(numpy_helper.to_array(whole))
        dtype = np.dtype(helper.tensor_dtype_to_np_dtype(tensor.data_type))
        shape = tuple(tensor.dims)
        if dtype.itemsize * int(np.prod(shape)) != length:
            raise InputError(
                f"{self.path}: array {tensor.name!r}: {file.name} holds {length:,} bytes of it, "
                f"its shape and type need {dtype.itemsize * int(np.prod(shape)):,}"
            )
        if not length:
            return np.empty(shape, dtype)
        if file not in self._mapped:  # once: each mapping holds the file open
            self._mapped[file] = np.memmap(file, np.uint8, "r")
        dtype = dtype.newbyteorder("<")
        count = length // dtype.itemsize
        flat: NDArray[Any] = np.frombuffer(self._mapped[file], dtype, count, offset)
        return flat.reshape(shape)

    def _beside(self, name: str, location: str) -> Path:
        """Find a file of external data, which lies in the model's folder."""
        inside = PurePosixPath(location)
        if not location or inside.is_absolute() or ".." in inside.parts:
            raise InputError(
                f"{self.path}: array {name!r} lies in {location!r}, outside the model's folder"
            )
        file = self.path.parent / location
        if not file.is_file():
            raise InputError(
                f"{self.path}: array {name!r} lies in {location!r}, which is not there; "
                "put it beside the model"
            )
        note_input(file)
        return file


def _refuse_names_that_are_no_text(model: Any) -> None:
    """Refuse names that are not in UTF-8, which protobuf gives as bytes: they go into reports."""
    texts = [model.producer_name, model.producer_version]
    graphs = [model.graph]
    while graphs:
        graph = graphs.pop()
        values = (*graph.input, *graph.output, *graph.value_info, *graph.initializer)
        texts += [each.name for each in (*values, *graph.node)]
        texts += [each.values.name for each in graph.sparse_initializer]
        for node in graph.node:
            texts += [node.op_type, node.domain, *node.input, *node.output]
            for attribute in node.attribute:
                texts.append(attribute.name)
                graphs += [*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs]
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"a name that is not in UTF-8: {text!r:.80}")
