"""The tile that is fastest for a layer, found by trying."""

from __future__ import annotations

import time
from functools import partial
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.kernels.digits import Digits
from hwsim.kernels.group_sums import Tile
from hwsim.kernels.host import host
from hwsim.kernels.merged import MergedConvolution
from hwsim.kernels.paired import take_times
from hwsim.networks.network import Layer

#: Filters of a set that are tried, by the digits of a weight: with fewer there is little to share,
#: with more there are too many groups.
_FILTERS: Final = {2: (3, 4, 5, 6), 3: (2, 3, 4)}
_VECTORS: Final = (1, 2, 3, 4)
#: Shares of the L1 cache: one beside which all sums of a set of filters fit as well, or nearly all.
_PANELS: Final = (0.2, 0.8)
_TRIES: Final = 4
#: The most promising tiles are timed in turns, because single times say little.
_FINALISTS: Final = 4
_ROUNDS: Final = 15


def tiles_of(digits: Digits, filters: int) -> tuple[Tile, ...]:
    """List the tiles to try for a layer whose groups have so many filters."""
    most = max(1, host().registers // 8)  # half of the registers hold sums of four lists
    vectors = [each for each in _VECTORS if each <= most]
    sizes = sorted({min(size, filters) for size in _FILTERS[digits.base]})
    return tuple(
        Tile(size, digits.base, *rest) for size in sizes for rest in product(vectors, _PANELS)
    )


def fastest(
    layer: Layer, digits: Digits, given: NDArray[np.float32], tiles: tuple[Tile, ...] | None = None
) -> MergedConvolution:
    """Prepare a layer in each tile, run it a few times, and keep the fastest of the best ones.

    Parameters
    ----------
    layer, digits
        As for :class:`~hwsim.kernels.merged.MergedConvolution`.
    given : ndarray of float32
        An input of the layer.
    tiles : tuple of Tile, optional
        Those to try; :func:`tiles_of` if not given.
    """
    tried = tiles or tiles_of(digits, layer.filters // layer.groups)
    if len(tried) == 1:
        return MergedConvolution(layer, digits, tried[0])
    seconds = {tile: _seconds(MergedConvolution(layer, digits, tile), given) for tile in tried}
    best = sorted(tried, key=seconds.__getitem__)[:_FINALISTS]
    finalists = {str(tile): MergedConvolution(layer, digits, tile) for tile in best}
    times = take_times({name: partial(each, given) for name, each in finalists.items()}, _ROUNDS)
    return min(finalists.items(), key=lambda item: times.of(item[0]).median)[1]


def _seconds(convolution: MergedConvolution, given: NDArray[np.float32]) -> float:
    times = []
    for _ in range(_TRIES):
        start = time.thread_time()
        convolution(given)
        times.append(time.thread_time() - start)
    return min(times)
