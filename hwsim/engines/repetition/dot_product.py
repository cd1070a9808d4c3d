"""Dot products as they are: what repetition is held against."""

from __future__ import annotations

import numpy as np

from hwsim.engines.repetition.level_codes import LevelCodes
from hwsim.engines.repetition.operations import Operations


def count_dot_products(weights: LevelCodes, skip_zeros: bool = True) -> Operations:
    """Count the operations of dot products, weight by weight.

    Parameters
    ----------
    weights : LevelCodes
        Of one group of a layer.
    skip_zeros : bool
        Whether weights of zero cost nothing. Else they are added like others.

    Returns
    -------
    Operations
        A multiplication for each weight whose level is neither 0 nor +-1, an addition for each
        weight; each filter's sum is fetched and stored once.
    """
    filters, positions = weights.codes.shape
    present = weights.codes != 0
    per_filter = np.count_nonzero(present, axis=1)
    added = int(per_filter.sum()) if skip_zeros else filters * positions
    live = int(np.count_nonzero(per_filter)) if skip_zeros else filters
    return Operations(
        multiplications=_multiplied(weights),
        additions=added,
        terms=added,
        activation_reads=added,
        partial_sum_reads=live,
        partial_sum_writes=live,
        tile_activations=positions,
        tile_sums=1,
    )


def _multiplied(weights: LevelCodes) -> int:
    if not weights.multiplies:
        return 0
    total = 0
    for unit, row in zip(weights.unit, weights.codes, strict=True):
        total += int(np.count_nonzero(~unit[row.astype(np.intp) + weights.largest]))
    return total
