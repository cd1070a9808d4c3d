"""Binary: every weight is -a or +a."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from hwsim.later import later
from hwsim.networks.filter_facts import FilterFacts, facts_of
from hwsim.schemes.alike_levels import AlikeLevels
from hwsim.schemes.coding import Coding
from hwsim.schemes.parameters import choice
from hwsim.schemes.scheme import Levels, Scheme, Weight, by_filter

if TYPE_CHECKING:
    from hwsim.networks.network import Layer


@dataclass(frozen=True)
class Binary(Scheme):
    """The sign of each weight times a scale of its filter; sign(0) = +1.

    Parameters
    ----------
    scale : {"mean", "one"}
        ``mean``: a = mean(abs(w)) of the filter, the least-squares scale of XNOR-Net; ``one``:
        a = 1.

    Notes
    -----
    A binary weight is never zero: hardware has no code for it. A filter of zeros becomes +1
    everywhere, with the scale 0 under ``mean``; it still costs all its multiplications.

    References
    ----------
    Rastegari et al., XNOR-Net, ECCV 2016, section 3.1 (arXiv 1603.05279).
    """

    name: ClassVar[str] = "binary"
    coding: ClassVar[Coding] = "sign"
    form: ClassVar[str | None] = "binary"

    scale: str = choice("mean", "one")

    @property
    def bits(self) -> int:
        """Bits that store one weight."""
        return 1

    def quantize(self, weight: Weight) -> Levels:
        """Quantise the weights of one layer, shape (K, C/G, R, S) or (K, C)."""
        return self._quantized([weight])[0]

    def quantize_alike(self, layers: Sequence[Layer]) -> AlikeLevels:
        """Quantise layers whose weights have one shape and type, all their filters side by side."""
        return self._quantized([layer.weight for layer in layers])

    def _quantized(self, weights: Sequence[Weight]) -> AlikeLevels:
        facts = FilterFacts.joined([facts_of(weight) for weight in weights])
        each = len(weights), len(weights[0])
        positive, negative = (facts.largest >= 0).reshape(each), (facts.smallest < 0).reshape(each)
        scales = self._scale(facts.mean_magnitude, weights[0]).reshape(each)

        def one(place: int) -> Levels:
            weight = weights[place]
            promised = later(weight.shape, np.int8, partial(_signs, weight))
            return Levels(promised, scales[place])

        sizes = [weight.size for weight in weights]
        return AlikeLevels(positive, negative, sizes, one, lambda: scales, [0] * len(weights))

    def _scale(self, magnitudes: NDArray[np.float64], weight: Weight) -> Weight:
        precision = np.promote_types(weight.dtype, np.float32)
        if self.scale == "one":
            return np.ones(len(magnitudes), dtype=precision)
        return magnitudes.astype(precision)


def _signs(weight: Weight) -> NDArray[np.int8]:
    levels = (by_filter(weight) >= 0).view(np.int8)
    levels *= 2  # 0, 1 become -1, +1 in place
    levels -= 1
    return levels.reshape(weight.shape)
