"""Every other weight of a filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hwsim.schemes import Scheme
from hwsim.schemes.coding import Coding
from hwsim.schemes.parameters import integer
from hwsim.schemes.scheme import Levels, Weight


@dataclass(frozen=True)
class Halved(Scheme):
    """Keep the signs of the weights at even places, or at odd ones, of the unrolled filter."""

    name: ClassVar[str] = "halved"
    coding: ClassVar[Coding] = "ternary"
    everywhere: ClassVar[bool] = True

    first: int = integer(0, 0, 1)

    @property
    def bits(self) -> int:
        """A sign and whether it is there."""
        return 2

    def quantize(self, weight: Weight) -> Levels:
        """Zero the other places."""
        rows = np.sign(weight).astype(np.int8).reshape(len(weight), -1)
        rows[:, 1 - self.first :: 2] = 0
        return Levels(rows.reshape(weight.shape), np.ones(len(weight), dtype=np.float32))
