"""Signed-binary: every weight of a filter is 0 or +a, or every one is 0 or -a."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwsim.bit_rows import BitRows
from hwsim.later import later
from hwsim.schemes._magnitudes import means_of_effectual
from hwsim.schemes._random_ranks import smallest_at_random
from hwsim.schemes._ranking import smallest
from hwsim.schemes._threshold import beyond, thresholds_of_maximum
from hwsim.schemes.alike_levels import AlikeLevels
from hwsim.schemes.coding import Coding
from hwsim.schemes.parameters import choice, number, refuse_alone, refuse_idle
from hwsim.schemes.scheme import FilterSigns, Levels, Weight, by_filter, largest_magnitudes
from hwsim.schemes.target_sparsity import TargetSparsity

if TYPE_CHECKING:
    from hwsim.networks.network import Layer


@dataclass(frozen=True)
class SignedBinary(TargetSparsity):
    """One sign a filter: weights of that sign beyond a threshold count, the others are zero.

    A positive filter has +1 where ``w >= +t`` and 0 elsewhere, a negative one -1 where
    ``w <= -t`` and 0 elsewhere, with ``t = delta * max(abs(w))`` of the filter.

    Parameters
    ----------
    p : float
        Share of the filters that are positive, 0 to 1, for positional signs: the first
        ``floor(p * K)`` filters. K of 5 and p of 0.5 give 2 positive and 3 negative ones.
    delta : float
        Factor on the largest magnitude of a filter, 0 to 1.
    sign : {"positional", "sum"}
        ``positional``: by the place of the filter, as the networks of the paper are trained.
        ``sum``: by the sign of the sum of the filter's weights (positive for 0); better for a
        network that was not trained with the scheme, at one more bit a filter.
    scale : {"one", "mean"}
        ``one``: a = 1, as released. ``mean``: the average of abs(w) over the weights of the
        filter that are not zeroed.
    sparsity : float, optional
        In place of a threshold, the share of a layer's weights that become zero, 0 to 1: exactly
        ``round(sparsity * size)`` of them, over all filters of the layer.
    method : {"magnitude", "random"}
        For a sparsity: which weights stay. ``magnitude``: those that reach furthest to their
        filter's side, largest in ``w`` for a positive filter and in ``-w`` for a negative one (of
        equal ones the later). Where the layer has fewer weights on that side than have to stay,
        its zeros stay as well, and then those of the other side that are nearest to zero: all
        with the sign of the filter. ``random``: any, zeros among them, at the places that
        ``pruned`` leaves with the same seed: so a network that was trained to that sparsity looks
        to hardware.
    seed : int
        Seed of the random ones.

    Notes
    -----
    Threshold, positional signs, the rounding of an odd K and the scale of 1 are those of the
    released code (github sachitkuhar/PLUM, ``quant/binary/ste.py``, p = 0.5, delta = 0.05), the
    comparison in the precision of the weights. One case is decided differently on purpose: in a
    filter of zeros that code compares ``0 >= 0`` and makes every weight +1 (or -1). Here a
    weight that is zero stays zero, so such a filter is all zero: it adds nothing to the network,
    and costs nothing. No other filter of normal float values is affected (with ``delta=0``, the
    zeros of every filter are).

    References
    ----------
    Kuhar, Jain, Tumanov, Signed Binary Weight Networks, 2022 (arXiv 2211.13838); PLUM, TMLR 2024
    (arXiv 2312.01581).
    """

    name: ClassVar[str] = "signed-binary"
    coding: ClassVar[Coding] = "zero"
    form: ClassVar[str | None] = "signed-binary"

    p: float = number(0.5, 0, 1)
    delta: float = number(0.05, 0, 1)
    sign: str = choice("positional", "sum")
    scale: str = choice("one", "mean")

    def __post_init__(self) -> None:
        super().__post_init__()
        refuse_idle(self, "p", unless=("sign", "positional"))
        refuse_idle(self, "delta", unless=("sparsity", None))
        refuse_alone(self, "method", without="sparsity")

    @property
    def bits(self) -> int:
        """Bits that store one weight."""
        return 1

    def quantize_named(self, name: str, weight: Weight) -> Levels:
        """Quantise the weights of the layer of a name, shape (K, C/G, R, S) or (K, C)."""
        return self._quantized(name, [weight])[0]

    def quantize_alike(self, layers: Sequence[Layer]) -> Sequence[Levels | None]:
        """Quantise layers whose weights have one shape, their filters put below one another."""
        if self.sparsity is not None and len(layers) > 1:
            return super().quantize_alike(layers)
        return self._quantized(layers[0].name, [layer.weight for layer in layers])

    def _quantized(self, name: str, weights: Sequence[Weight]) -> AlikeLevels:
        """Quantise weights; those of a name alone where a share of zeros is asked for."""
        rows = by_filter(weights[0] if len(weights) == 1 else np.concatenate(weights))
        positive = self._positive(rows, len(weights[0]))
        if self.sparsity is None:
            largest = largest_magnitudes(weights)
            kept = beyond(rows, positive, thresholds_of_maximum(largest, self.delta))
        else:
            kept = self._kept(name, rows, _signs(positive))
        return self._promised(weights, rows.dtype, positive, kept)

    def _promised(
        self,
        weights: Sequence[Weight],
        precision: np.dtype[Any],
        positive: NDArray[np.bool_],
        kept: BitRows,
    ) -> AlikeLevels:
        """Promise the levels of layers of one shape, from what is known of all their filters."""
        each = len(weights), len(weights[0])
        some = kept.counts > 0
        above, below = (positive & some).reshape(each), (~positive & some).reshape(each)
        effectual = kept.counts.reshape(each).sum(axis=1).tolist()
        sides, nonzeros = positive.reshape(each), kept.reshape(*each)
        sign_bits = 0 if self.sign == "positional" else each[1]

        def promise(place: int) -> _Promise:
            return _Promise(weights[place], precision, sides[place], nonzeros[place], self.scale)

        def one(place: int) -> Levels:
            own = promise(place)
            return Levels(
                later(own.weight.shape, np.int8, own.levels),
                later(each[1:], precision, own.worth),
                sign_bits,
                nonzeros=own.kept,
            )

        def scales() -> Weight:
            if self.scale == "one":
                return np.ones(each, dtype=precision)
            return np.stack([promise(place).worth() for place in range(len(weights))])

        bits = [sign_bits] * len(weights)
        return AlikeLevels(above, below, effectual, one, scales, bits, nonzeros)

    def _kept(self, name: str, rows: Weight, sign: NDArray[np.int8]) -> BitRows:
        count = self.count_of(rows.size)
        if self.method == "random":
            gone = smallest_at_random(self.seed, name, rows.size, count)
        else:
            gone = smallest((rows * sign).ravel(), count)
        return BitRows.of(~gone.reshape(rows.shape))

    def sign_bits(self, weight: Weight) -> int:
        """Count one bit a filter, or none if the signs in the file are the positional ones."""
        first_positive = _first(self.p, len(weight))
        has = FilterSigns.of(weight)
        positional = (
            not has.positive[~first_positive].any() and not has.negative[first_positive].any()
        )
        return 0 if positional else len(weight)

    def _positive(self, rows: Weight, filters: int) -> NDArray[np.bool_]:
        """Mark the positive ones among the filters of layers that have so many each."""
        if self.sign == "sum":
            return np.asarray(rows.sum(axis=1, dtype=np.float64) >= 0)
        return np.tile(_first(self.p, filters), len(rows) // filters)


class _Promise(NamedTuple):
    """What is made of a layer's weights when somebody asks: machines that skip zeros do not."""

    weight: Weight
    precision: np.dtype[Any]
    positive: NDArray[np.bool_]
    kept: BitRows
    scale: str

    def levels(self) -> NDArray[np.int8]:
        return np.asarray((_signs(self.positive) * self.kept.bits()).reshape(self.weight.shape))

    def worth(self) -> Weight:
        if self.scale == "one":
            return np.ones(len(self.weight), dtype=self.precision)
        return means_of_effectual(by_filter(self.weight), lambda piece: self.kept[piece].bits())


def _signs(positive: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Give the sign of each filter, shape (K, 1)."""
    return np.where(positive, 1, -1).astype(np.int8)[:, None]


def _first(share: float, filters: int) -> NDArray[np.bool_]:
    """Mark the first floor(share * filters), the share taken as the decimal that it reads as."""
    return np.arange(filters) < _floor(share, filters)


@lru_cache(maxsize=256)
def _floor(share: float, filters: int) -> int:
    return math.floor(Fraction(repr(float(share))) * filters)
