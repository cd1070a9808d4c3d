"""How long wires are: trees laid out as H-trees over a square of the logic's area."""

from __future__ import annotations

import math
from typing import NamedTuple

from hwsim.amount import Amount, smaller, square_root

#: Minimal tree over n random points of an area A: 0.68 sqrt(n A) (Gilbert, Random minimal trees,
#: J. SIAM 13(2), 1965).
_RANDOM_TREE = 0.68


class Floorplan(NamedTuple):
    """A square of ``area_um2`` with the multipliers (``leaves``), their adders and all queues."""

    area_um2: float
    leaves: int

    @property
    def side_mm(self) -> float:
        """Side of the square."""
        return math.sqrt(self.area_um2) / 1000

    @property
    def pitch_mm(self) -> float:
        """Distance of neighbouring multipliers."""
        return self.side_mm / math.sqrt(self.leaves)

    @property
    def to_array_mm(self) -> float:
        """Mean way from the buffer at an edge into the square, or back."""
        return self.side_mm / 2

    def multicast_mm(self, destinations: Amount) -> Amount:
        """Wires that take one value from the buffer to ports at random over the square.

        At most a wire to each of them: the formula of the tree holds for many.
        """
        tree = _RANDOM_TREE * self.side_mm * square_root(destinations)
        return smaller(tree, destinations * self.to_array_mm)

    def level_mm(self, level: int) -> float:
        """Length of a wire that leaves a level of an H-tree upwards; 0 is the leaves."""
        return self.pitch_mm / 2 * float(2 ** (level // 2))

    def tree_mm(self, leaves: int) -> float:
        """Mean length of a wire of an H-tree.

        ``leaves`` is a power of two. Half as many wires on every level, and on every second level
        twice as long: half a pitch for the leaves. Wires are taken to carry equal traffic.
        """
        levels = range(max(leaves.bit_length() - 1, 1))
        wires = [leaves / 2**level for level in levels]
        lengths = [self.level_mm(level) for level in levels]
        total = sum(count * length for count, length in zip(wires, lengths, strict=True))
        return float(total / sum(wires))
