"""Ternary: every weight is -a, 0 or +a."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.filter_facts import pieces_of
from hwsim.schemes._magnitudes import mean_of_layer, means_of_effectual
from hwsim.schemes._threshold import levels_beyond, thresholds_of_maximum
from hwsim.schemes.coding import Coding
from hwsim.schemes.parameters import choice, number, refuse_alone, refuse_idle
from hwsim.schemes.scheme import Levels, Weight, by_filter, largest_magnitude
from hwsim.schemes.target_sparsity import TargetSparsity


@dataclass(frozen=True)
class Ternary(TargetSparsity):
    """Weights beyond a threshold keep their sign, the others become zero.

    Parameters
    ----------
    threshold : {"twn", "max"}
        ``twn``: the threshold is ``factor * mean(abs(w))`` over the layer, and weights strictly
        beyond it count, as in Ternary Weight Networks. ``max``: the threshold is
        ``delta * max(abs(w))`` over the filter, and weights at or beyond it count, as in
        signed-binary, to compare like with like.
    factor : float
        For ``twn``: 0 to 10. Default: 0.7, the paper's (version 1).
    delta : float
        For ``max``: 0 to 1. Default: 0.05, as in signed-binary.
    scale : {"mean", "one", "absmean"}
        ``mean``: a is the average of abs(w) over the weights that are not zeroed, over the layer
        for ``twn`` and over the filter for ``max``; ``one``: a = 1; ``absmean``: a is the average
        over all weights of the layer, as in BitNet b1.58 (with ``factor=0.5``: rounding of w/a).
    sparsity : float, optional
        In place of a threshold, the share of a layer's weights that become zero, 0 to 1: exactly
        ``round(sparsity * size)`` of them, or as many as are zero already if those are more. The
        scale of the mean is the layer's.
    method : {"magnitude", "random"}
        For a sparsity: the smallest in magnitude go (of equal ones the earlier), or random ones,
        as ``pruned`` strews them: so a network that was trained to that sparsity looks to
        hardware.
    seed : int
        Seed of the random ones.

    Notes
    -----
    The authors' released code (caffe-twns) takes one threshold and one scale for a whole layer,
    and so does ``twn`` here. A weight of zero stays zero.

    References
    ----------
    Li, Zhang, Liu, Ternary Weight Networks, 2016 (arXiv 1605.04711).
    """

    name: ClassVar[str] = "ternary"
    coding: ClassVar[Coding] = "ternary"
    form: ClassVar[str | None] = "ternary"

    threshold: str = choice("twn", "max")
    factor: float = number(0.7, 0, 10)
    delta: float = number(0.05, 0, 1)
    scale: str = choice("mean", "one", "absmean")

    def __post_init__(self) -> None:
        super().__post_init__()
        refuse_idle(self, "factor", unless=("threshold", "twn"))
        refuse_idle(self, "delta", unless=("threshold", "max"))
        for key in ("threshold", "factor", "delta"):
            refuse_idle(self, key, unless=("sparsity", None))
        refuse_alone(self, "method", without="sparsity")

    @property
    def bits(self) -> int:
        """Bits that store one weight."""
        return 2

    def quantize_named(self, name: str, weight: Weight) -> Levels:
        """Quantise the weights of the layer of a name, shape (K, C/G, R, S) or (K, C)."""
        rows = by_filter(weight)
        levels = (
            self._beyond_threshold(weight, rows)
            if self.sparsity is None
            else self._kept(name, rows)
        )
        return Levels(levels.reshape(weight.shape), self._scale(rows, levels))

    def _kept(self, name: str, rows: Weight) -> NDArray[np.int8]:
        gone = self.gone(name, rows)
        levels = np.empty(rows.shape, np.int8)
        for piece, block in pieces_of(rows):
            found = levels[piece]
            np.greater(block, 0, out=found.view(np.bool_))
            found -= (block < 0).view(np.int8)
            found *= ~gone[piece]
        return levels

    def _beyond_threshold(self, weight: Weight, rows: Weight) -> NDArray[np.int8]:
        if self.threshold == "twn":
            threshold = _just_above(rows, self.factor * mean_of_layer(rows))
        else:
            threshold = thresholds_of_maximum(largest_magnitude(weight), self.delta)
        return levels_beyond(rows, threshold, threshold)

    def _scale(self, rows: Weight, levels: NDArray[np.int8]) -> Weight:
        if self.scale == "one":
            return np.ones(len(rows), dtype=rows.dtype)
        if self.scale == "absmean":
            return np.full(len(rows), mean_of_layer(rows), dtype=rows.dtype)
        if self.threshold == "max":
            return means_of_effectual(rows, lambda piece: levels[piece] != 0)
        places = levels.reshape(-1, 1)
        layer = mean_of_layer(rows, lambda piece: places[piece] != 0)
        return np.full(len(rows), layer, dtype=rows.dtype)


def _just_above(rows: Weight, mean: float) -> Weight:
    """Give every filter the smallest number of its precision that is greater than the mean's."""
    nearest = rows.dtype.type(mean)
    above = nearest if nearest > mean else np.nextafter(nearest, rows.dtype.type(np.inf))
    return np.full(len(rows), above, dtype=rows.dtype)
