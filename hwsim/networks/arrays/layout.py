"""Weights as other frameworks lay them out, turned to (K, C) and (K, C/G, R, S)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.arrays.names import Arrays, beside, parts, place
from hwsim.networks.arrays.options import matches
from hwsim.networks.geometry import shape_text

Array = NDArray[Any]
_KERNELS: Final = {"weight", "kernel", "pointwise_kernel", "recurrent_kernel"}
_DEPTHWISE: Final = "depthwise_kernel"
#: Kernels that are their layer's only one.
_OWN: Final = {"weight", "kernel", _DEPTHWISE}


def from_keras(path: Path, named: Arrays) -> dict[str, Array]:
    """Turn kernels with their filters last, and call them ``LAYER.weight``.

    Raises
    ------
    InputError
        If one is of a transposed convolution, whose filters are not last.
    """
    turned: dict[str, Array] = {}
    for key, array in named.items():
        _, parameter = parts(key)
        modules = key.replace("/", ".").split(".")[:-1]
        is_kernel = parameter in _KERNELS or parameter == _DEPTHWISE
        if not is_kernel or array.ndim < 2:
            place(path, turned, ".".join([*modules, parameter]), array)
            continue
        if any("transpose" in module.lower() for module in modules):
            raise InputError(
                f"{path}: {key} is of a transposed convolution; import the network by ONNX "
                "(docs/networks.md)"
            )
        depthwise = parameter == _DEPTHWISE or "depthwise" in "".join(modules[-1:]).lower()
        own = "weight" if parameter in _OWN else f"{parameter}.weight"
        name = ".".join([*modules, own])
        turn = _depthwise if depthwise and array.ndim == 4 else _filters_first
        place(path, turned, name, turn(array))
    return turned


def _filters_first(kernel: Array) -> Array:
    """(..., C, K) to (K, C, ...)."""
    return np.moveaxis(kernel, (-1, -2), (0, 1))


def _depthwise(kernel: Array) -> Array:
    """(R, S, C, filters of a channel) to (K, 1, R, S), the filters of a channel side by side."""
    rows, columns, channels, multiple = kernel.shape
    return np.transpose(kernel, (2, 3, 0, 1)).reshape(channels * multiple, 1, rows, columns)


def transposed(path: Path, named: Arrays, patterns: Sequence[str]) -> dict[str, Array]:
    """Swap the first two dimensions of the arrays that match.

    Raises
    ------
    InputError
        If a pattern matches no array of two dimensions or more.
    """
    for pattern in patterns:
        if not any(matches(key, [pattern]) and array.ndim > 1 for key, array in named.items()):
            raise InputError(
                f"{path}: transpose: no array of two dimensions or more matches {pattern!r}"
            )
    if not patterns:
        return dict(named)
    return {
        key: array.swapaxes(0, 1) if array.ndim > 1 and matches(key, patterns) else array
        for key, array in named.items()
    }


def check_biases(path: Path, layers: dict[str, str], named: Arrays) -> None:
    """Refuse linear layers whose bias says that they are stored as (inputs, filters), or packed.

    Raises
    ------
    InputError
        With the option that turns them.
    """
    turned: list[str] = []
    for key in layers.values():
        weight = named[key]
        if weight.ndim != 2 or not key.endswith("weight"):
            continue
        bias = named.get(beside(key, "bias"))
        if bias is None or bias.size < 2:
            # GPT-2's queries, keys and values: three times its features are the filters.
            if key.endswith("c_attn.weight") and weight.shape[1] == 3 * weight.shape[0]:
                turned.append(key)
            continue
        if bias.size == weight.shape[0]:
            continue
        if bias.size != weight.shape[1]:
            raise InputError(
                f"{path}: {key} is {shape_text(weight.shape)}, but its bias has {bias.size}: are "
                f"several weights packed into one number? Say how with --unpack '{key}=FORMAT'"
            )
        turned.append(key)
    if turned:
        weight = named[turned[0]]
        last = dict.fromkeys(key.removesuffix(".weight").rpartition(".")[2] for key in turned)
        globs = " ".join(f"--transpose '*{name}'" for name in last)
        reason = f"its bias has {weight.shape[1]}"
        if beside(turned[0], "bias") not in named:
            reason = f"{weight.shape[1]} are its queries, keys and values"
        raise InputError(
            f"{path}: {turned[0]} is {shape_text(weight.shape)}, but {reason}: stored as inputs x "
            f"filters? Give {globs}"
        )


def neighbours_note(shapes: Sequence[tuple[int, ...]]) -> list[str]:
    """Warn where linear layers follow each other only if they are transposed."""
    pairs = list(pairwise(shapes))
    if any(len(shape) != 2 for shape in shapes) or not pairs:
        return []
    follows = any(after[1] == before[0] for before, after in pairs)
    turned = all(after[0] == before[1] != after[1] for before, after in pairs)
    if follows or not turned:
        return []
    return ["linear layers follow each other only if transposed: is --transpose '*' missing?"]
