"""How far the energies of a run may be off: by structure of the machine and entry of the prices."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from hwsim.studies.columns import Coded, Columns, distinct
from hwsim.studies.extremes import extreme_ratio

#: The structure of a machine, or of prices, that states none.
AS_BUILT = "as built"


class Spread(NamedTuple):
    """Energies of a scope by structure, scheme and entry, and how far the entries may be off.

    Parameters
    ----------
    structures, schemes, entries : sequence of str
        Names along the axes; the machine's own structure is the first.
    energies : ndarray, shape (structures, schemes, entries)
        In the unit of the energy table.
    bounds : ndarray, shape (entries, 2)
        The literature's range of each entry as factors; 1 where there is none.
    known : bool
        Whether there is any other structure or any range.
    """

    structures: Sequence[str]
    schemes: Sequence[str]
    entries: Sequence[str]
    energies: NDArray[np.float64]
    bounds: NDArray[np.float64]
    known: bool

    def energy(self, structure: int, scheme: str) -> tuple[float, float, float]:
        """Energy under one structure, then with all prices at their lowest and highest."""
        mine = self.energies[structure, self.schemes.index(scheme)]
        low, high = (float(mine @ self.bounds[:, side]) for side in (0, 1))
        return float(mine.sum()), low, high

    def ratio(
        self, structure: int, baseline: str | None, scheme: str
    ) -> tuple[float, float, float]:
        """Baseline over scheme under one structure, then its extremes over all prices."""
        mine = self.energies[structure, self.schemes.index(scheme)]
        if baseline is None or not mine.sum() > 0:
            return float("nan"), float("nan"), float("nan")
        first = self.energies[structure, self.schemes.index(baseline)]
        low = extreme_ratio(first, mine, self.bounds, largest=False)
        high = extreme_ratio(first, mine, self.bounds, largest=True)
        return float(first.sum() / mine.sum()), low, high

    @classmethod
    def of(
        cls,
        structures: Sequence[str],
        schemes: Sequence[str],
        entries: Sequence[str],
        energies: NDArray[np.float64],
        ranges: Iterable[tuple[str, float, float]],
    ) -> Self:
        """Make it of the ranges of entries, some of which may be missing, which is NaN.

        Parameters
        ----------
        structures, schemes, entries, energies
            As they are.
        ranges : iterable of (str, float, float)
            Entries, and their lowest and highest factors; of several the first that are there.
        """
        sides: tuple[dict[str, float], dict[str, float]] = ({}, {})
        for entry, *factors in ranges:
            for known_of, factor in zip(sides, factors, strict=True):
                if factor == factor:
                    known_of.setdefault(entry, factor)
        # By columns, so that products with one of them add up as they always have.
        bounds = np.ones((len(entries), len(sides)), order="F")
        for side, known_of in enumerate(sides):
            bounds[:, side] = [known_of.get(entry, 1.0) for entry in entries]
        known = len(structures) > 1 or any(sides)
        return cls(structures, schemes, entries, energies, bounds, known)


class Structures(ABC):
    """What the layers of a run cost under every structure that its machine may have."""

    @property
    @abstractmethod
    def table(self) -> Columns:
        """A row for each energy table, structure, scheme, layer and entry of the prices.

        ``energy`` is in the table's unit, ``low`` and ``high`` are the literature's range of the
        entry as factors (NaN where there is none). The machine's own structure comes first.
        """

    @abstractmethod
    def of_energy_table(self, name: str) -> Structures | None:
        """Keep what one energy table says; None of one that knows no structure."""

    @abstractmethod
    def spread(self, schemes: Sequence[str], layers: Sequence[str]) -> Spread:
        """Sum what the one energy table says by structure, scheme and entry."""


@dataclass(frozen=True, eq=False)
class StructureRows(Structures):
    """The same by the rows of a table that was saved.

    Parameters
    ----------
    rows : Columns
        One at least.
    """

    rows: Columns

    @classmethod
    def as_built(cls, actions: Columns) -> StructureRows:
        """Make them of the long table, where nothing is known of other structures."""
        entries = entry_names(actions)
        built = Coded(entries.codes, [AS_BUILT] * len(entries.values))
        return cls(actions.with_columns(structure=built, entry=entries))

    @property
    def table(self) -> Columns:
        """The rows as they are."""
        return self.rows

    def of_energy_table(self, name: str) -> StructureRows | None:
        """Keep what one energy table says; None of one that knows no structure."""
        mine = self.rows.where("energy_table", name.__eq__)
        return StructureRows(mine) if len(mine) else None

    def spread(self, schemes: Sequence[str], layers: Sequence[str]) -> Spread:
        """Sum what the one energy table says by structure, scheme and entry."""
        rows = self.rows.where("layer", set(layers).__contains__)
        groups = rows.groups("structure", "scheme", "entry", "low", "high")
        ranges = [key[2:] for key in groups.keys]
        cells = groups.merged(lambda structure, scheme, entry, *_: (structure, scheme, entry))
        structures = distinct(structure for structure, _, _ in cells.keys)
        entries = distinct(entry for _, _, entry in cells.keys)
        energies = np.zeros((len(structures), len(schemes), len(entries)))
        # Adds one by one, from the first row to the last.
        summed = np.bincount(cells.numbers, rows.floats("energy"))
        for (structure, scheme, entry), energy in zip(cells.keys, summed.tolist(), strict=True):
            place = structures.index(structure), schemes.index(scheme), entries.index(entry)
            energies[place] = energy
        return Spread.of(structures, list(schemes), entries, energies, ranges)


def entry_names(actions: Columns) -> Coded:
    """Name what decides each row of the long table; where nothing does, the action itself."""
    entries = ["entry"] if "entry" in actions else []
    return actions.made(
        lambda part, action, *entry: (entry and entry[0]) or f"{part}.{action}",
        *("component", "action", *entries),
    )
