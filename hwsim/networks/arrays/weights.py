"""Arrays as the weights of layers: finite 32-bit floats of two or four dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.arrays.scratch import floats
from hwsim.networks.arrays.small_floats import is_small_float
from hwsim.networks.filter_facts import BLOCK, facts_of_all
from hwsim.networks.geometry import shape_text
from hwsim.networks.reading_steps import Report, unseen


def _of_rank_4(array: NDArray[Any]) -> NDArray[Any]:
    """Give a convolution over time one row, and fold the steps of a volume's into the channels."""
    if array.ndim == 3:
        return array[:, :, None, :]
    if array.ndim == 5:
        filters, channels, steps, rows, columns = array.shape
        return array.reshape(filters, channels * steps, rows, columns)
    return array


def as_weights(
    path: Path, arrays: Mapping[str, NDArray[Any]], report: Report = unseen
) -> list[NDArray[np.float32]]:
    """Give the weights of layers, (K, C) or (K, C/G, R, S), read-only.

    Parameters
    ----------
    path : Path
        The file, for the messages.
    arrays : mapping of str to ndarray
        By name, arrays of two to five dimensions: filters, channels, and the window.
    report : callable
        Told each layer whose weights have been read.

    Raises
    ------
    InputError
        If one has another rank or type, no elements, or values that are no finite numbers.
    """
    keys, weights = list(arrays), []
    for run in _runs([array.size for array in arrays.values()]):
        with np.errstate(over="ignore"):
            for place, key in enumerate(keys[run], run.start):
                report("weights of layers", place, len(arrays))
                weights.append(_as_floats(path, key, arrays[key]))
        _check_finite(path, keys[run], weights[run])
    report("weights of layers", len(arrays), len(arrays))
    return weights


def _runs(sizes: Sequence[int]) -> Iterator[slice]:
    """Cut arrays of so many elements into runs that fit a block together, or are one array."""
    start = elements = 0
    for place, size in enumerate(sizes):
        if place > start and elements + size > BLOCK:
            yield slice(start, place)
            start, elements = place, 0
        elements += size
    if sizes:
        yield slice(start, len(sizes))


def _as_floats(path: Path, key: str, array: NDArray[Any]) -> NDArray[np.float32]:
    if not 2 <= array.ndim <= 5:
        advice = f"; if it is packed, give --unpack '{key}=FORMAT:SHAPE'" if array.ndim == 1 else ""
        raise InputError(
            f"{path}: {key} has rank {array.ndim} ({shape_text(array.shape)}); expected 3 to "
            "5 (filters, channels, and the window) for a convolution or 2 for a linear layer"
            + advice
        )
    array = _of_rank_4(array)
    if array.size == 0:
        raise InputError(f"{path}: {key} has no elements ({shape_text(array.shape)})")
    if array.dtype.kind not in "fiub" and not is_small_float(array):
        raise InputError(f"{path}: {key} holds {array.dtype}; expected real numbers")
    return floats(array)


def _check_finite(path: Path, keys: Sequence[str], weights: Sequence[NDArray[np.float32]]) -> None:
    facts = facts_of_all(weights)
    # Extremes propagate NaN and reach any infinity.
    extremes = [extreme for each in facts for extreme in (each.largest, each.smallest)]
    if np.isfinite(np.concatenate(extremes)).all():
        return
    for key, weight in zip(keys, weights, strict=True):
        broken = int(weight.size - np.count_nonzero(np.isfinite(weight)))
        if broken:
            raise InputError(
                f"{path}: {key} has {broken:,} of {weight.size:,} weights that are NaN or infinite "
                "(as 32-bit floats)"
            )
