"""Which arrays of a weight file are layer weights, and which are something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.geometry import shape_text

Tensors = dict[str, NDArray[Any]]
Weights = dict[str, NDArray[np.float32]]

#: Wrappers that put their own name before every key (DataParallel, torch.compile).
_WRAPPERS = ("module.", "_orig_mod.")
_RUNNING_STATS = {"running_mean", "running_var", "num_batches_tracked"}


def sort_tensors(path: Path, tensors: Mapping[str, NDArray[Any]]) -> tuple[Weights, Counter[str]]:
    """Pick the weights of convolutions and linear layers out of a state dict.

    Parameters
    ----------
    path : Path
        The file, for the messages.
    tensors : mapping of str to ndarray
        All its arrays.

    Returns
    -------
    weights : dict of str to ndarray of float32
        By layer name (the key without ``.weight``), in the file's order, read-only.
    skipped : Counter
        The other arrays, counted by reason: ``batch-norm``, ``running-stat``, ``layer-norm``,
        ``bias``, ``other``.

    Raises
    ------
    InputError
        If there is no weight at all, or one has the wrong rank or type, no elements, or values
        that are no finite numbers.
    """
    named = _unpruned(path, _unwrapped(path, tensors))
    weights: Weights = {}
    skipped: Counter[str] = Counter()
    for key, array in named.items():
        reason = _reason_to_skip(key, array, named)
        if reason is not None:
            skipped[reason] += 1
            continue
        layer = _layer_name(key)
        if layer in weights:
            raise InputError(f"{path}: layer {layer!r} has two weight arrays")
        weights[layer] = _as_weight(path, key, array)
    if not weights:
        keys = ", ".join(list(tensors)[:4]) + (", ..." if len(tensors) > 4 else "")
        raise InputError(
            f"{path}: holds no layer weights (arrays named LAYER.weight with 2 or 4 dimensions); "
            + (f"its arrays are {keys}" if keys else "it is empty")
        )
    return weights, skipped


def _unwrapped(path: Path, tensors: Mapping[str, NDArray[Any]]) -> Tensors:
    named: Tensors = {}
    for key, array in tensors.items():
        name = key
        while name.startswith(_WRAPPERS):
            name = name.split(".", 1)[1]
        if name in named:
            raise InputError(f"{path}: two arrays are named {name!r} (with and without 'module.')")
        named[name] = array
    return named


def _unpruned(path: Path, named: Tensors) -> Tensors:
    """Multiply ``weight_orig`` by ``weight_mask``, the form that torch.nn.utils.prune saves."""
    merged: Tensors = {}
    for key, array in named.items():
        stem = key.removesuffix("_orig")
        mask = named.get(f"{stem}_mask")
        if key.endswith(".weight_orig") and mask is not None:
            if mask.shape != array.shape:
                raise InputError(
                    f"{path}: {stem}_mask is {shape_text(mask.shape)}, "
                    f"but {key} is {shape_text(array.shape)}"
                )
            merged[stem] = array * (mask != 0)
        elif not key.endswith(".weight_mask"):
            merged[key] = array
    return merged


def _layer_name(key: str) -> str:
    return key.removesuffix(".weight").removesuffix("_weight")


def _reason_to_skip(key: str, array: NDArray[Any], named: Tensors) -> str | None:
    module, _, parameter = key.rpartition(".")
    if parameter in _RUNNING_STATS:
        return "running-stat"
    if parameter in {"weight", "bias"} and f"{module}.running_mean" in named:
        return "batch-norm"
    if parameter in {"weight", "bias"} and _is_vector(named, f"{module}.weight"):
        bias = named.get(f"{module}.bias")
        if bias is None:
            return "other"
        if bias.shape == named[f"{module}.weight"].shape:
            return "layer-norm"
        # No norm has that: it is a layer whose weights were flattened, and is refused below.
    if parameter == "bias" or parameter.endswith("_bias"):
        return "bias"
    # in_proj_weight and its kin belong to torch.nn.MultiheadAttention.
    if module and (parameter == "weight" or parameter.endswith("_proj_weight")):
        return None
    return "other"


def _is_vector(named: Tensors, key: str) -> bool:
    return key in named and named[key].ndim == 1


def _as_weight(path: Path, key: str, array: NDArray[Any]) -> NDArray[np.float32]:
    if array.ndim not in (2, 4):
        raise InputError(
            f"{path}: {key} has rank {array.ndim} ({shape_text(array.shape)}); expected 4 "
            "(filters, channels, rows, columns) for a convolution or 2 for a linear layer"
        )
    if array.size == 0:
        raise InputError(f"{path}: {key} has no elements ({shape_text(array.shape)})")
    if array.dtype.kind not in "fiub":
        raise InputError(f"{path}: {key} holds {array.dtype}; expected real numbers")
    with np.errstate(over="ignore"):
        weight = np.ascontiguousarray(array, dtype=np.float32)
    # min and max propagate NaN and reach any infinity, without an array of booleans.
    if not (np.isfinite(weight.min()) and np.isfinite(weight.max())):
        broken = int(weight.size - np.count_nonzero(np.isfinite(weight)))
        raise InputError(
            f"{path}: {key} has {broken:,} of {weight.size:,} weights that are NaN or infinite "
            "(as 32-bit floats)"
        )
    weight.flags.writeable = False
    return weight
