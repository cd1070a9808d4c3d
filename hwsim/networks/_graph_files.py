"""Files that are no plain arrays: graphs that hwsim follows, and how to turn others into those."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Final

from hwsim.errors import InputError
from hwsim.networks.arrays.options import FileOptions
from hwsim.networks.network import Network

_ONNX: Final = ".onnx"
#: What of the options is for graphs; everything else tells what plain arrays do not.
_OF_GRAPHS: Final = ("inputs", "values", "skip")
_CONVERT: Final = "pip install tf2onnx, then python -m tf2onnx.convert --opset 17"
#: What to do with files that hwsim does not read, by suffix.
_RECIPES: Final = {
    ".tflite": f"{_CONVERT} --tflite {{path}} --output {{stem}}.onnx",
    ".pb": f"{_CONVERT} --saved-model {{folder}} --output {{stem}}.onnx",
    ".keras": "in Keras: keras.models.load_model(...).export('{stem}.onnx', format='onnx')",
    ".h5": "in Keras: keras.models.load_model(...).export('{stem}.onnx', format='onnx')",
    ".gguf": "dequantise its tensors (gguf.dequantize of the package gguf) and numpy.savez them",
    ".mlmodel": "export the network that it was made from to ONNX",
    ".pt2": "in Python: hwsim.from_torch(torch.export.load('{path}'))",
    ".jit": "in Python: hwsim.from_torch(torch.jit.load('{path}'), example_input)",
}


def load_graph(
    path: Path,
    topology: str | Path | None,
    size: tuple[int, int] | None,
    options: FileOptions,
) -> Network | None:
    """Read a network from a file that is a graph; give None where it is none.

    Parameters
    ----------
    path : Path
        The file.
    topology : str, Path or None
        As given; a graph has its own.
    size : (int, int) or None
        Rows and columns of images.
    options : FileOptions
        As given.

    Raises
    ------
    InputError
        If it cannot be read, options do not fit the kind of file, or it is of a format that has to
        be converted; the message says how.
    """
    suffix = path.suffix.lower()
    if suffix in _RECIPES:
        recipe = _RECIPES[suffix].format(path=path, stem=path.stem, folder=path.parent)
        raise InputError(f"{path}: hwsim reads no {suffix} files; {recipe}")
    if suffix != _ONNX:
        if options.inputs or options.values:
            raise InputError(f"{path}: inputs and their values are for ONNX models")
        return None
    if topology is not None:
        raise InputError(f"{path}: an ONNX model has its own geometry; leave out --topology")
    for each in fields(FileOptions):
        if each.name not in _OF_GRAPHS and getattr(options, each.name) != each.default:
            raise InputError(f"{path}: {each.name!r} is for plain arrays, not for ONNX models")
    from hwsim.networks.onnx.load import load_onnx

    return load_onnx(path, options.inputs, options.values, options.skip, size)
