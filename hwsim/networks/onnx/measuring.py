"""Zeros that the layers of a graph see, measured while onnxruntime runs it on samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.network import Layer
from hwsim.networks.onnx.call import Call
from hwsim.networks.onnx.values import Value
from hwsim.networks.readers.weight_file import readable

#: How an input lies: channels second, features last or last but one, a matrix for each product.
Form = Literal["maps", "rows", "columns", "matrices"]
Seen = tuple[str, Form]
Shares = dict[Seen, NDArray[np.float64]]

_MAPS: Final = ("Conv", "FusedConv", "ConvTranspose")
_MATRICES: Final = ("MatMul", "Gemm", "FusedMatMul", "FusedGemm")
_RECURRENT: Final = ("LSTM", "GRU", "RNN", "DynamicQuantizeLSTM")


def streams(call: Call, layers: list[Layer], names: list[str]) -> list[Seen | None]:
    """Say for each layer of an operator which tensor streams into it, and how that lies.

    None where no tensor of the graph is it (states inside an LSTM), or where its zeros are not
    stored as 0 (integers with a zero point).
    """
    first = layers[0]
    if call.kind in _MAPS and first.kind == "conv":
        return [(names[0], "maps")]
    if call.kind in _RECURRENT:
        return [(names[0], "rows") if "weight_ih" in each.name else None for each in layers]
    if call.kind not in _MATRICES:
        return [None] * len(layers)
    if first.kind == "linear":
        left = call.constant(0) and not call.constant(1)
        flipped = bool(call.attributes.get("transB" if left else "transA", 0))
        return [(names[1 if left else 0], "rows" if flipped == left else "columns")]
    if first.kind == "product" and not call.attributes.get("transA", 0):
        return [(names[0], "matrices")]
    return [None]


def with_shares(layer: Layer, shares: NDArray[np.float64] | None) -> Layer:
    """Give a layer what was measured; shares of frames stand for each of a window."""
    if shares is None or layer.channels % len(shares):
        return layer
    if layer.kind == "product" and len(shares) != layer.channels:
        return layer  # one matrix serves several products
    by_channel = np.repeat(shares, layer.channels // len(shares))
    return replace(
        layer,
        input_density=float(shares.mean()),
        input_density_by_channel=tuple(map(float, by_channel)),
    )


def shares_of(array: NDArray[Any], form: Form) -> NDArray[np.float64]:
    """Give the share of non-zeros of each channel or feature."""
    there = array != 0
    if form == "maps":
        there = np.moveaxis(there, 1, -1)
    elif form == "columns":
        there = there.swapaxes(-1, -2) if array.ndim > 1 else there
    elif form == "matrices" and array.ndim > 1:
        flat = there.reshape(-1, *array.shape[-2:])
        return np.asarray(flat.mean(axis=1, dtype=np.float64).reshape(-1))
    return np.asarray(there.reshape(-1, there.shape[-1]).mean(axis=0, dtype=np.float64))


def read_samples(path: Path, inputs: Mapping[str, Value]) -> list[dict[str, NDArray[Any]]]:
    """Read samples: an array ``.npy`` for the only input, or an ``.npz`` of arrays by input.

    The first axis counts samples; each is run in the shape that the input has.

    Raises
    ------
    InputError
        If they cannot be read, or do not fit the inputs.
    """
    with readable(path, "an .npy or .npz file of samples"):
        content = np.load(path, allow_pickle=False)
        arrays = {name: content[name] for name in content} if path.suffix == ".npz" else None
    open_inputs = [name for name, value in inputs.items() if value.array is None]
    if arrays is None:
        if len(open_inputs) != 1:
            raise InputError(
                f"{path}: the model has inputs {', '.join(open_inputs)}; give an .npz with an "
                "array for each"
            )
        arrays = {open_inputs[0]: content}
    missing = [name for name in open_inputs if name not in arrays]
    if missing:
        raise InputError(f"{path}: has no array for the input {missing[0]!r}")
    numbers = {name: _samples(path, name, arrays[name], inputs[name]) for name in open_inputs}
    if len(set(map(len, numbers.values()))) != 1:
        raise InputError(f"{path}: its arrays hold different numbers of samples")
    return [
        {name: each[index] for name, each in numbers.items()}
        for index in range(len(numbers[open_inputs[0]]))
    ]


def _samples(path: Path, name: str, array: NDArray[Any], value: Value) -> NDArray[Any]:
    shape = value.known_shape
    size = int(np.prod(shape))
    if not array.size or array.size % size:
        raise InputError(
            f"{path}: {name!r} is {'x'.join(map(str, array.shape))}; a sample is "
            f"{'x'.join(map(str, shape))}"
        )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise InputError(f"{path}: {name!r} is not all finite numbers")
    return array.reshape(-1, *shape)
