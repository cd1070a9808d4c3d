"""Compressed representations: what the metadata of a fibertree rank amount to.

A tensor is a tree of ranks; a rank holds fibers, a fiber holds coordinates. Formats after the
Sparseloop paper (MICRO 2022, section 3): UOP (uncompressed offset pairs), CP (coordinate payload),
RLE (run length), B (bit mask), UB (uncompressed bit mask), U (plain, no metadata).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
FormatName = Literal["u", "uop", "cp", "rle", "b", "ub"]

#: Formats that leave empty coordinates out.
COMPRESSING: Final = frozenset({"cp", "rle", "b"})
FORMATS: Final[tuple[FormatName, ...]] = ("u", "uop", "cp", "rle", "b", "ub")


@dataclass(frozen=True)
class RankFormat:
    """How one rank is stored.

    Parameters
    ----------
    name : str
        One of :data:`FORMATS`.
    metadata_bits, payload_bits : int
        Of one coordinate, run or mask bit; of one offset or pointer.
    flattened : tuple of frozenset of int
        Sets of dimensions whose loops may share this rank; empty means any single loop.
    longest_run : int, optional
        Most zeros that a run length can tell; any number if None, as in Timeloop.
    """

    name: FormatName
    metadata_bits: int
    payload_bits: int
    flattened: tuple[frozenset[int], ...] = ()
    longest_run: int | None = None

    def rule_for(self, dimension: int) -> frozenset[int] | None:
        """Find the dimensions that may be flattened with this one here."""
        return next((rule for rule in self.flattened if dimension in rule), None)


@dataclass(frozen=True)
class Representation:
    """How a data space is stored at a level.

    Parameters
    ----------
    ranks : tuple of RankFormat
        Innermost first.
    inner_to_outer : bool
        Whether ranks are given to loops from the innermost loop outwards.
    """

    ranks: tuple[RankFormat, ...]
    inner_to_outer: bool = False

    @cached_property
    def compressed(self) -> bool:
        """Whether zeros are left out."""
        return any(rank.name in COMPRESSING for rank in self.ranks)

    @property
    def label(self) -> str:
        """The ranks' formats, outermost first, as Timeloop prints them."""
        return "".join(f"{rank.name} " for rank in reversed(self.ranks))


@dataclass(frozen=True)
class RankOccupancy:
    """Metadata of one rank of a tile.

    Parameters
    ----------
    metadata, payload : float
        Units; expected values.
    metadata_bits, payload_bits : int
        Bits of a unit.
    """

    metadata: float
    payload: float
    metadata_bits: int
    payload_bits: int


def rank_units(
    rank: RankFormat, max_fibers: int, fiber: int, empty_fiber: Floats, empty_coordinate: Floats
) -> tuple[Floats, Floats]:
    """Count the metadata and payload units of a rank.

    Parameters
    ----------
    rank : RankFormat
        The format.
    max_fibers : int
        Fibers of the rank if none is empty.
    fiber : int
        Coordinates of a fiber.
    empty_fiber, empty_coordinate : ndarray of float
        Chances that a fiber, or a coordinate of one, is empty (for each occupancy of the tile).
    """
    fibers = max_fibers * (1 - empty_fiber)
    if rank.name == "u":
        return np.zeros_like(fibers), np.zeros_like(fibers)
    if rank.name == "ub":
        units = np.full_like(fibers, float(max_fibers * fiber))
        return units, units
    if rank.name == "uop":
        return np.zeros_like(fibers), fibers * (fiber + 1)
    present = fiber * (1 - empty_coordinate)
    if rank.name == "rle":
        return present * fibers, present * fibers
    whole = np.ceil(present)
    if rank.name == "cp":
        return whole * fibers, whole * fibers
    return fibers * fiber, fibers * whole


def without_innermost_payload(
    units: Sequence[tuple[Floats, Floats]],
) -> list[tuple[Floats, Floats]]:
    """Drop the payload of the innermost rank that has metadata: it is the data themselves."""
    found = np.zeros(len(units[0][0]) if units else 0, dtype=bool)
    result = []
    for metadata, payload in units:
        innermost = ~found & ((metadata != 0) | (payload != 0))
        found |= innermost
        result.append((metadata, np.where(innermost, 0.0, payload)))
    return result
