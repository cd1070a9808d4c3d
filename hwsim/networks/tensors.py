"""Which arrays of a weight file are layer weights, and which are something else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.arrays.claims import layers_and_others
from hwsim.networks.arrays.names import Arrays, unwrapped
from hwsim.networks.arrays.options import FileOptions, matches
from hwsim.networks.geometry import shape_text
from hwsim.networks.uncounted import Uncounted

Weights = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Sorted:
    """The arrays of a file, each in its place.

    Parameters
    ----------
    weights : dict of str to ndarray of float32
        By layer name (the key without ``.weight``), in the file's order, read-only.
    uncounted : list of Uncounted
        All the others.
    """

    weights: Weights
    uncounted: list[Uncounted]


def sort_tensors(
    path: Path, tensors: Mapping[str, NDArray[Any]], options: FileOptions | None = None
) -> Sorted:
    """Pick the weights of convolutions and linear layers out of a state dict.

    Parameters
    ----------
    path : Path
        The file, for the messages.
    tensors : mapping of str to ndarray
        All its arrays.
    options : FileOptions, optional
        What the user says of them.

    Raises
    ------
    InputError
        If there is no weight at all, an array of two or more dimensions is not known, or a weight
        has the wrong rank or type, no elements, or values that are no finite numbers.
    """
    options = options or FileOptions()
    named, left_out = _without_skipped(path, tensors, options)
    whole = _unpruned(path, unwrapped(path, named))
    layers, others = layers_and_others(path, whole, options.take)
    weights = {layer: _as_weight(path, key, whole[key]) for layer, key in layers.items()}
    return Sorted(weights, left_out + others)


def _without_skipped(
    path: Path, tensors: Arrays, options: FileOptions
) -> tuple[Arrays, list[Uncounted]]:
    for pattern in (*options.skip, *options.take):
        if not any(matches(key, [pattern]) for key in tensors):
            raise InputError(f"{path}: no array matches {pattern!r}")
    skipped = [key for key in tensors if matches(key, options.skip)]
    kept = {key: array for key, array in tensors.items() if key not in set(skipped)}
    return kept, [Uncounted(key, tensors[key].shape, "skipped by the user") for key in skipped]


def _unpruned(path: Path, named: Arrays) -> dict[str, NDArray[Any]]:
    """Multiply ``weight_orig`` by ``weight_mask``, the form that torch.nn.utils.prune saves."""
    merged: dict[str, NDArray[Any]] = {}
    for key, array in named.items():
        stem = key.removesuffix("_orig")
        mask = named.get(f"{stem}_mask")
        if key.endswith("weight_orig") and mask is not None:
            if mask.shape != array.shape:
                raise InputError(
                    f"{path}: {stem}_mask is {shape_text(mask.shape)}, "
                    f"but {key} is {shape_text(array.shape)}"
                )
            merged[stem] = array * (mask != 0)
        elif not (key.endswith("weight_mask") and key.removesuffix("_mask") + "_orig" in named):
            merged[key] = array
    return merged


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
    if weight.flags.writeable:
        weight = weight.view()
        weight.flags.writeable = False
    return weight
