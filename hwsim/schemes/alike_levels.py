"""Levels of layers whose weights have one shape, what is known of all their filters together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hwsim.bit_rows import BitRows
from hwsim.later import OneByOne
from hwsim.networks.filter_facts import FilterFacts, facts_of
from hwsim.schemes.scheme import FilterSigns, Levels, Weight


@dataclass(frozen=True, eq=False)
class AlikeLevels(OneByOne[Levels]):
    """Levels of several layers, those of each made when somebody asks for them.

    Parameters
    ----------
    positive, negative : ndarray of bool, shape (layers, K)
        Whether any level of a filter is above, and below zero.
    effectual : sequence of int
        Levels of each layer that are not zero.
    one : callable
        Makes the levels of a layer by its place; what signs they have is said by the columns.
    scales : callable, optional
        Gives what one level of each filter is worth, shape (layers, K); None where levels are the
        quantised weights themselves.
    sign_bits : sequence of int
        Bits that each layer needs besides those of its weights.
    nonzeros : BitRows, shape (layers, K, reduction), optional
        Where levels are not zero; None where nobody knows yet, or none is.
    given : bool
        Whether levels are the very weights that came in.
    """

    positive: NDArray[np.bool_]
    negative: NDArray[np.bool_]
    effectual: Sequence[int]
    one: Callable[[int], Levels]
    scales: Callable[[], Weight] | None
    sign_bits: Sequence[int]
    nonzeros: BitRows | None = None
    given: bool = False

    @classmethod
    def of(cls, levels: Sequence[Levels]) -> Self:
        """Put levels together that were made one by one; all of them with a scale, or none."""
        levels = [each.anew() for each in levels]  # a scheme may keep its own as they are
        found = iter(FilterSigns.of_all([each.levels for each in levels if each.signs is None]))
        signs = [next(found) if each.signs is None else each.signs for each in levels]

        def scales() -> Weight:
            return np.stack([np.asarray(each.scale) for each in levels])

        return cls(
            positive=np.stack([each.positive for each in signs]),
            negative=np.stack([each.negative for each in signs]),
            effectual=[each.effectual for each in signs],
            one=levels.__getitem__,
            scales=scales if levels[0].scaled else None,
            sign_bits=[each.sign_bits for each in levels],
        )

    @classmethod
    def as_given(cls, weights: Sequence[Weight], sign_bits: Sequence[int] = ()) -> Self:
        """Take weights of one shape and type as they are.

        Parameters
        ----------
        weights : sequence of ndarray
            Of each layer.
        sign_bits : sequence of int
            As for the class; none by default.
        """
        bits = sign_bits or [0] * len(weights)
        facts = [facts_of(weight) for weight in weights]
        joined = FilterFacts.joined(facts)
        return cls(
            positive=(joined.largest > 0).reshape(len(weights), -1),
            negative=(joined.smallest < 0).reshape(len(weights), -1),
            effectual=[each.effectual for each in facts],
            one=lambda place: Levels(weights[place], sign_bits=bits[place]),
            scales=None,
            sign_bits=bits,
            given=True,
        )

    def __len__(self) -> int:
        return len(self.effectual)

    def _one(self, place: int) -> Levels:
        levels = self.one(place)
        signs = FilterSigns(self.positive[place], self.negative[place], self.effectual[place])
        object.__setattr__(levels, "signs", signs)
        return levels

    def at(self, places: Sequence[int]) -> AlikeLevels:
        """Choose some of the layers."""
        scales, chosen = self.scales, np.array(places, dtype=np.intp)
        return AlikeLevels(
            positive=self.positive[chosen],
            negative=self.negative[chosen],
            effectual=[self.effectual[place] for place in places],
            one=lambda place: self.one(places[place]),
            scales=None if scales is None else lambda: scales()[chosen],
            sign_bits=[self.sign_bits[place] for place in places],
            nonzeros=None if self.nonzeros is None else self.nonzeros[chosen],
            given=self.given,
        )
