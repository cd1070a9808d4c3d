"""The fewest non-zeros of a tile as ``timeloop-model`` finds them, with its faults."""

from __future__ import annotations

import math
from typing import Final

from hwsim.engines.timeloop.density.banded_density import Banded
from hwsim.engines.timeloop.density.density import Box, Density, FixedStructured, Hypergeometric

_WRAPS: Final = 2**64


def least_to_timeloop(density: Density, box: Box) -> int:
    """Find how few non-zeros Timeloop takes a tile to hold at least.

    Where it comes to 0 and the level outside has metadata, Timeloop takes the first of the tile's
    chances for that of an empty one, even where no tile can be empty. A share goes through a
    quotient and a product and may lose its last bit on the way. Of a hypergeometric density it
    subtracts the tensor's size from the tile's without a sign: what has to hold some non-zeros
    counts as what may be empty or, where rounding leaves the result below 2^64, as what cannot be
    held.

    Parameters
    ----------
    density : Density
        Of the tensor.
    box : tuple of int
        The tile.
    """
    size = math.prod(box)
    if isinstance(density, Hypergeometric):
        if size <= density.tensor_size - density.nonzeros:
            return 0
        wrapped = float((size - density.tensor_size) % _WRAPS) + density.nonzeros
        least = wrapped / size * size
        return 0 if least >= float(_WRAPS) else math.floor(least)
    fewest = int(density.distribution(box)[0].min())
    if isinstance(density, FixedStructured | Banded):
        return math.floor(fewest / size * size)
    return fewest
