"""What the time of a layer depends on where an activation meets the entries of its column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hwsim.pace import Pace

_FULLEST: Final = "PEs wait for the one with the most weights"
_DRAM: Final = "DRAM sets the pace"
_LEAST: Final = "; an activation takes a cycle at least"


@dataclass(frozen=True)
class AskedFor:
    """What vectors ask of the columns of some filters, whichever of their weights are zero.

    Parameters
    ----------
    activations : int
        That are not zero, over all vectors; each takes a cycle at least.
    weights : int
        Of the columns that they meet, zero or not.
    products : int
        Of those, with a weight that is not zero.
    waits : int
        Cycles of all vectors' ways through the stages.
    """

    activations: int
    weights: int
    products: int
    waits: int

    def fewest_cycles(self, products: int, pes: int) -> float:
        """Bound the cycles for so many products from below: no padding, shared out evenly."""
        return self.waits + max(self.activations, products / pes)


def column_pace(blocks: list[AskedFor], pes: int, cycles: int, of_dram: int) -> Pace:
    """Say of a layer what its time depends on.

    Parameters
    ----------
    blocks : list of AskedFor
        One after the other.
    pes : int
        PEs.
    cycles, of_dram : int
        Of the layer, and those that DRAM takes of it.
    """
    fewest = sum(block.fewest_cycles(block.products, pes) for block in blocks)
    dense = sum(block.fewest_cycles(block.weights, pes) for block in blocks)
    weights = sum(block.weights for block in blocks)
    left = 100 * sum(block.products for block in blocks) / weights if weights else 100
    return Pace(
        operations=fewest / dense,
        slack=max(1.0, cycles / fewest),
        zeros=f"zero weights are skipped, {left:.4g} % are left{_LEAST}",
        waiting=_DRAM if cycles == of_dram else _FULLEST,
    )
