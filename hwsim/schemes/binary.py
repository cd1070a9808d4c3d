"""Binary: every weight is -a or +a."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from hwsim.later import later
from hwsim.networks.filter_facts import FilterFacts, facts_of
from hwsim.schemes._alike import by_shape
from hwsim.schemes.coding import Coding
from hwsim.schemes.parameters import choice
from hwsim.schemes.scheme import FilterSigns, Levels, Scheme, Weight, by_filter

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

    @property
    def across_layers(self) -> bool:
        """Each layer is quantised by itself."""
        return False

    def quantize(self, weight: Weight) -> Levels:
        """Quantise the weights of one layer, shape (K, C/G, R, S) or (K, C)."""
        return self._quantized([weight])[0]

    def quantize_layers(self, layers: Mapping[str, Layer]) -> dict[str, Levels]:
        """Quantise several layers, each alone; those of one shape take less together."""
        if type(self).quantize is not Binary.quantize:  # a subclass has its own rule
            return super().quantize_layers(layers)
        return by_shape(layers, lambda _, weights: self._quantized(weights))

    def _quantized(self, weights: Sequence[Weight]) -> list[Levels]:
        """Quantise weights of one type, what is known of all their filters side by side."""
        facts = FilterFacts.joined([facts_of(weight) for weight in weights])
        not_negative, negative = facts.largest >= 0, facts.smallest < 0
        scale = self._scale(facts.mean_magnitude, weights[0])
        past = 0
        found = []
        for weight in weights:
            first, past = past, past + len(weight)
            levels = Levels(
                later(weight.shape, np.int8, partial(_signs, weight)),
                scale[first:past],
                signs=FilterSigns(not_negative[first:past], negative[first:past], weight.size),
            )
            found.append(levels)
        return found

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
