"""Dense: the weights as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hwsim.schemes.coding import Coding
from hwsim.schemes.parameters import choice
from hwsim.schemes.scheme import Levels, Scheme, Weight

_BITS = {"fp32": 32, "fp16": 16, "int8": 8}


@dataclass(frozen=True)
class Dense(Scheme):
    """The weights as they are, zeros included.

    Parameters
    ----------
    precision : {"fp32", "fp16", "int8"}
        Sets the bits that store a weight (32, 16, 8) and nothing else: the weights are not
        rounded, so no zeros appear that the file does not hold.
    """

    name: ClassVar[str] = "dense"
    coding: ClassVar[Coding] = "value"
    everywhere: ClassVar[bool] = True

    precision: str = choice("fp32", "fp16", "int8")

    @property
    def bits(self) -> int:
        """Bits that store one weight."""
        return _BITS[self.precision]

    def quantize(self, weight: Weight) -> Levels:
        """Hand the weights through."""
        return Levels(weight)
