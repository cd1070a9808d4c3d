"""An array as the weights of a layer: finite 32-bit floats of two or four dimensions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.arrays.scratch import floats
from hwsim.networks.arrays.small_floats import is_small_float
from hwsim.networks.filter_facts import facts_of
from hwsim.networks.geometry import shape_text
from hwsim.networks.mapped import let_go


def _of_rank_4(array: NDArray[Any]) -> NDArray[Any]:
    """Give a convolution over time one row, and fold the steps of a volume's into the channels."""
    if array.ndim == 3:
        return array[:, :, None, :]
    if array.ndim == 5:
        filters, channels, steps, rows, columns = array.shape
        return array.reshape(filters, channels * steps, rows, columns)
    return array


def as_weight(path: Path, key: str, array: NDArray[Any]) -> NDArray[np.float32]:
    """Give the weights of a layer, (K, C) or (K, C/G, R, S), read-only.

    Parameters
    ----------
    path : Path
        The file, for the messages.
    key : str
        The name of the array.
    array : ndarray
        Of two to five dimensions: filters, channels, and the window.

    Raises
    ------
    InputError
        If it has another rank or type, no elements, or values that are no finite numbers.
    """
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
    with np.errstate(over="ignore"):
        weight = floats(array)
    facts = facts_of(weight)
    # Extremes propagate NaN and reach any infinity.
    if not np.isfinite(facts.magnitude).all():
        broken = int(weight.size - np.count_nonzero(np.isfinite(weight)))
        raise InputError(
            f"{path}: {key} has {broken:,} of {weight.size:,} weights that are NaN or infinite "
            "(as 32-bit floats)"
        )
    let_go(weight)
    return weight
