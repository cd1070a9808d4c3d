"""How long wires are: trees laid out as H-trees over a square of the logic's area."""

from __future__ import annotations

import math
from dataclasses import dataclass

#: Minimal tree over n random points of an area A: 0.68 sqrt(n A) (Gilbert, Random minimal trees,
#: J. SIAM 13(2), 1965).
_RANDOM_TREE = 0.68


@dataclass(frozen=True)
class Floorplan:
    """A square that holds the multipliers, their share of the adders and all queues.

    Parameters
    ----------
    area_um2 : float
        Area of the logic.
    leaves : int
        Multipliers, evenly spread.
    """

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

    def multicast_mm(self, destinations: float) -> float:
        """Total length of the wires that take one value from the buffer to many multipliers.

        Parameters
        ----------
        destinations : float
            How many, spread at random over the square; one is reached by the mean way.
        """
        tree = _RANDOM_TREE * self.side_mm * math.sqrt(destinations)
        return max(tree, self.to_array_mm)

    def tree_mm(self, leaves: int, first_level: int = 0) -> float:
        """Mean length of a wire of an H-tree.

        Parameters
        ----------
        leaves : int
            Leaves of the tree, a power of two.
        first_level : int
            Wires below this level (0: those of the leaves) are left out.

        Notes
        -----
        Half as many wires on every level, and on every second level twice as long: half a pitch
        for the leaves. Wires are taken to carry equal traffic.
        """
        levels = range(first_level, max(leaves.bit_length() - 1, first_level + 1))
        wires = [leaves / 2**level for level in levels]
        lengths = [self.pitch_mm / 2 * 2 ** (level // 2) for level in levels]
        total = sum(count * length for count, length in zip(wires, lengths, strict=True))
        return float(total / sum(wires))
