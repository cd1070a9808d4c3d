"""Binary: every weight is -a or +a."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from hwsim.later import later
from hwsim.networks.filter_facts import FilterFacts, facts_of
from hwsim.schemes.coding import Coding
from hwsim.schemes.parameters import choice
from hwsim.schemes.scheme import FilterSigns, Levels, Scheme, Weight, by_filter


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
        rows, facts = by_filter(weight), facts_of(weight)
        return Levels(
            later(weight.shape, np.int8, lambda: _signs(rows).reshape(weight.shape)),
            self._scale(rows, facts),
            signs=FilterSigns(facts.largest >= 0, facts.smallest < 0, weight.size),
        )

    def _scale(self, rows: Weight, facts: FilterFacts) -> Weight:
        if self.scale == "one":
            return np.ones(len(rows), dtype=rows.dtype)
        return facts.mean_magnitude.astype(rows.dtype)


def _signs(rows: Weight) -> NDArray[np.int8]:
    levels = (rows >= 0).view(np.int8)
    levels *= 2  # 0, 1 become -1, +1 in place
    levels -= 1
    return levels
