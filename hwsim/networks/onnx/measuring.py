"""Zeros that the layers of a graph see, measured while onnxruntime runs it on samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.graphs.masks import mask_of
from hwsim.networks.network import Layer
from hwsim.networks.onnx.call import Call
from hwsim.networks.onnx.values import Value
from hwsim.networks.readers.weight_file import readable

#: How an input lies: channels second, features last or last but one, a matrix for each product,
#: states after each step of a direction.
Form = Literal["maps", "rows", "columns", "matrices", "states", "states back", "states back only"]
Seen = tuple[str, Form]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured of the input of layers.

    Parameters
    ----------
    shares : ndarray, shape (channels,)
        Of non-zeros of each channel or feature, over all samples.
    samples : tuple of ndarray of bool, shape (positions, channels)
        Where they are, in each sample; empty where that is not kept.
    """

    shares: NDArray[np.float64]
    samples: tuple[Bools, ...] = ()


_MAPS: Final = ("Conv", "FusedConv", "ConvTranspose")
_MATRICES: Final = ("MatMul", "Gemm", "FusedMatMul", "FusedGemm")
_RECURRENT: Final = ("LSTM", "GRU", "RNN", "DynamicQuantizeLSTM")
#: Inputs of recurrent operators: lengths of sequences, and the state before the first step.
_LENGTHS: Final = 4
_FIRST_STATE: Final = 5


def streams(
    call: Call, layers: list[Layer], names: list[str], outputs: list[str]
) -> list[Seen | None]:
    """Say for each layer of an operator which tensor streams into it, and how that lies.

    ``names`` and ``outputs`` are the tensors of the operator. None where no tensor of the graph
    is it (states of an LSTM of which only the last is given), or where its zeros are not stored
    as 0 (integers with a zero point).
    """
    first = layers[0]
    if call.kind in _MAPS and first.kind == "conv":
        return [(names[0], "maps")]
    if call.kind in _RECURRENT:
        after = outputs[0] if _begins_with_zeros(call) else ""
        back_only = call.attributes.get("direction") == b"reverse"
        forms: dict[str, Form] = {
            "hh_l0": "states back only" if back_only else "states",
            "hh_l0_reverse": "states back",
        }
        states = [forms.get(each.name.rsplit("weight_", 1)[-1]) for each in layers]
        return [
            (names[0], "rows") if form is None else (after, form) if after else None
            for form in states
        ]
    if call.kind not in _MATRICES:
        return [None] * len(layers)
    if first.kind == "linear":
        left = call.constant(0) and not call.constant(1)
        flipped = bool(call.attributes.get("transB" if left else "transA", 0))
        return [(names[1 if left else 0], "rows" if flipped == left else "columns")]
    if first.kind == "product" and not call.attributes.get("transA", 0):
        return [(names[0], "matrices")]
    return [None]


def _begins_with_zeros(call: Call) -> bool:
    """Whether all that a recurrent operator sees of its states is in its outputs by step."""
    first, lengths = call.value(_FIRST_STATE), call.value(_LENGTHS)
    known = first is None or (first.array is not None and not np.any(first.array))
    return known and lengths is None and not call.attributes.get("layout", 0)


def with_measured(layer: Layer, found: Measured | None) -> Layer:
    """Give a layer what was measured; shares of frames stand for each of a window."""
    if found is None or layer.channels % len(found.shares):
        return layer
    shares = found.shares
    if layer.kind == "product" and len(shares) != layer.channels:
        return layer  # one matrix serves several products
    by_channel = np.repeat(shares, layer.channels // len(shares))
    masks = [mask_of(layer, sample) for sample in found.samples]
    known = [each for each in masks if each is not None]
    return replace(
        layer,
        input_density=float(shares.mean()),
        input_density_by_channel=tuple(map(float, by_channel)),
        input_masks=np.stack(known) if known else None,
    )


def nonzeros_of(array: NDArray[Any], form: Form) -> Bools:
    """Tell where an input is not zero, (positions, channels or features)."""
    there: Bools = array != 0
    if form == "maps":
        there = np.moveaxis(there, 1, -1)
    elif form == "columns":
        there = there.swapaxes(-1, -2) if array.ndim > 1 else there
    elif form == "matrices" and array.ndim > 1:
        flat = there.reshape(-1, *array.shape[-2:])
        return flat.transpose(1, 0, 2).reshape(array.shape[-2], -1)
    elif form.startswith("states"):  # (steps, directions, batch, features), after each step
        after = there[:, 1 if form == "states back" else 0]
        none = np.zeros_like(after[:1])
        seen = (none, after[:-1]) if form == "states" else (after[1:], none)
        there = np.concatenate(seen)
    return there.reshape(-1, there.shape[-1])


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
