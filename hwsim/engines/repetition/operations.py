"""What a way to compute a layer costs, for one vector of activations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final, Self

#: Of these the largest of any tile counts, and not the sum.
_LARGEST: Final = ("tile_activations", "tile_sums", "tile_table_bits")


@dataclass(frozen=True)
class Operations:
    """Operations and accesses that all filters of a layer take for one vector of activations.

    A sum of a filter begins with its bias, so that every term that it takes in is an addition; the
    first value of a group's sum is only written. A subtraction is an addition.

    Parameters
    ----------
    multiplications, additions : int
        Arithmetic.
    terms : int
        Activations or sums of groups that sums of filters take in; all of them additions.
    activation_reads : int
        Activations read, once for each tile whose sums they are part of.
    partial_sum_reads, partial_sum_writes : int
        Sums of filters, brought in and taken out by each tile that adds to them.
    group_sum_reads, group_sum_writes : int
        Sums of groups that are kept for several filters.
    groups : int
        Sums of groups, over all tiles: distinct tuples.
    tiles : int
        Tiles of the layer.
    table_entries, table_bits : int
        Of the tables that say what is added to what.
    tile_activations, tile_sums, tile_table_bits : int
        What the largest tile holds: activations, sums of groups and filters, and bits of its table.
    """

    multiplications: int = 0
    additions: int = 0
    terms: int = 0
    activation_reads: int = 0
    partial_sum_reads: int = 0
    partial_sum_writes: int = 0
    group_sum_reads: int = 0
    group_sum_writes: int = 0
    groups: int = 0
    tiles: int = 0
    table_entries: int = 0
    table_bits: int = 0
    tile_activations: int = 0
    tile_sums: int = 0
    tile_table_bits: int = 0

    @property
    def arithmetic(self) -> int:
        """Multiplications and additions."""
        return self.multiplications + self.additions

    def working_set_bits(self, activation_bits: int, sum_bits: int) -> int:
        """Give what the largest tile needs at hand, in bits.

        Parameters
        ----------
        activation_bits, sum_bits : int
            Of an activation, and of a sum.
        """
        held = self.tile_activations * activation_bits + self.tile_sums * sum_bits
        return held + self.tile_table_bits

    @classmethod
    def of_all(cls, parts: Iterable[Operations]) -> Self:
        """Add those of tiles, or of groups of a layer."""
        found = list(parts)
        return cls(
            **{
                each.name: (_largest if each.name in _LARGEST else sum)(
                    int(getattr(part, each.name)) for part in found
                )
                for each in fields(cls)
            }
        )


def _largest(values: Iterable[int]) -> int:
    return max(values, default=0)
