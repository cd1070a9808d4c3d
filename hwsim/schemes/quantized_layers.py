"""Layers alike under a scheme, side by side."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from hwsim.later import OneByOne
from hwsim.networks.network import Layer
from hwsim.schemes.alike_levels import AlikeLevels
from hwsim.schemes.coding import Coding
from hwsim.schemes.quantized import Origin, QuantizedLayer
from hwsim.schemes.scheme import Levels


@dataclass(frozen=True, eq=False)
class QuantizedLayers(OneByOne[QuantizedLayer]):
    """Layers of one geometry under one scheme.

    Parameters
    ----------
    layers : sequence of Layer
        The layers as they were read, whose :attr:`~hwsim.networks.network.Layer.geometry_key` is
        one, and the type of their weights.
    levels : AlikeLevels
        Of each.
    scheme, bits, coding
        As for a :class:`~hwsim.schemes.quantized.QuantizedLayer`.
    origins : sequence of str
        Of each layer, likewise.
    """

    layers: Sequence[Layer]
    levels: AlikeLevels
    scheme: str
    bits: int
    coding: Coding
    origins: Sequence[Origin]

    @classmethod
    def alone(cls, quantized: QuantizedLayer) -> Self:
        """Take a single layer."""
        q = quantized
        made = Levels(q.promised("levels"), q.promised("scale"), q.sign_bits, q.signs)
        found = cls([q.layer], AlikeLevels.of([made]), q.scheme, q.bits, q.coding, [q.origin])
        found._members[0] = q
        return found

    def __len__(self) -> int:
        return len(self.layers)

    def _one(self, place: int) -> QuantizedLayer:
        return QuantizedLayer.of_levels(
            self.layers[place],
            self.levels[place],
            scheme=self.scheme,
            bits=self.bits,
            origin=self.origins[place],
            coding=self.coding,
        )

    @cached_property
    def names(self) -> list[str]:
        """Of the layers."""
        return [layer.name for layer in self.layers]

    @property
    def effectual(self) -> Sequence[int]:
        """How many weights of each are not zero."""
        return self.levels.effectual

    @cached_property
    def densities(self) -> list[float]:
        """Share of the weights of each that are not zero, 0 to 1."""
        size = self.layers[0].weight.size
        return [effectual / size for effectual in self.effectual]

    @cached_property
    def storage_bits(self) -> list[int]:
        """Bits that store the weights of each; see :attr:`.QuantizedLayer.storage_bits`."""
        first = self.layers[0]
        if first.of_activations:
            return [0] * len(self)
        return [first.weight.size * self.bits + more for more in self.levels.sign_bits]

    def apart(self, kinds: Sequence[Hashable]) -> Iterator[tuple[list[int], QuantizedLayers]]:
        """Tell layers apart by what else is known of each; yields places and layers."""
        by_kind: dict[Hashable, list[int]] = {}
        for place, kind in enumerate(kinds):
            by_kind.setdefault(kind, []).append(place)
        if len(by_kind) == 1:
            yield list(range(len(self))), self
            return
        for places in by_kind.values():
            yield places, self.at(places)

    def at(self, places: Sequence[int]) -> QuantizedLayers:
        """Choose some of the layers; what is made of them is not made again."""
        chosen = replace(
            self,
            layers=[self.layers[place] for place in places],
            levels=self.levels.at(places),
            origins=[self.origins[place] for place in places],
        )
        chosen._members.update(self._members_at(places))
        return chosen
