"""What a run comes to, and how sure that is: totals and ratios over structures and prices."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.studies.columns import Coded, Columns, Groups, Row, sums
from hwsim.studies.extremes import extreme_ratio
from hwsim.studies.structures import AS_BUILT
from hwsim.studies.tables import scopes, tables_without_bits

_KEYS = ["energy_table", "scheme", "scope"]


@dataclass(frozen=True)
class Spread:
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


def entry_names(actions: Columns) -> Coded:
    """Name what decides each row of the long table; where nothing does, the action itself."""
    entries = ["entry"] if "entry" in actions else []
    groups = actions.groups("component", "action", *entries)
    names = [(entry and entry[0]) or f"{part}.{action}" for part, action, *entry in groups.keys]
    return Coded(groups.numbers, names)


def spread_of(
    actions: Columns, structures: Columns | None, schemes: Sequence[str], layers: Sequence[str]
) -> Spread:
    """Sum what one energy table says by structure, scheme and entry.

    Parameters
    ----------
    actions : Columns
        Its rows of the long table.
    structures : Columns or None
        Its rows of :func:`hwsim.studies.structures.structure_table`, if there are any; without
        them the machine is as built.
    schemes, layers : sequence of str
        Which to sum.
    """
    rows = structures
    if rows is None or not len(rows):
        built = Coded(np.zeros(len(actions), dtype=np.intp), [AS_BUILT])
        rows = actions.with_columns(structure=built, entry=entry_names(actions))
    rows = rows.where("layer", set(layers).__contains__)
    found, entries = rows.groups("structure"), rows.groups("entry")
    numbers = {name: number for number, name in enumerate(schemes)}
    of_scheme = rows.groups("scheme")
    scheme = np.array([numbers[name] for (name,) in of_scheme.keys], dtype=np.intp)
    shape = len(found.keys), len(schemes), len(entries.keys)
    cells = (found.numbers * shape[1] + scheme[of_scheme.numbers]) * shape[2] + entries.numbers
    # Adds one by one, from the first row to the last.
    summed = np.bincount(cells, rows.floats("energy"), math.prod(shape)).astype(np.float64)
    ranges = np.full((shape[2], 2), math.nan)
    for side, name in enumerate(("low", "high")):
        # The first range of an entry that is one.
        known_of: dict[str, float] = {}
        for entry, value in rows.groups("entry", name).keys:
            if value == value:
                known_of.setdefault(entry, value)
        ranges[:, side] = [known_of.get(entry, math.nan) for (entry,) in entries.keys]
    known = len(found.keys) > 1 or bool((~np.isnan(ranges)).any())
    # By columns, so that products with one of them add up as they always have.
    bounds = np.asfortranarray(np.where(np.isnan(ranges), 1.0, ranges))
    names = [name for (name,) in found.keys], [name for (name,) in entries.keys]
    return Spread(names[0], list(schemes), names[1], summed.reshape(shape), bounds, known)


def structure_totals(
    actions: Columns,
    structures: Columns | None,
    layers: Columns,
    schemes: Sequence[str],
    baseline: str | None,
) -> Columns:
    """Sum a run under every structure that its machine may have.

    Parameters
    ----------
    actions, structures, layers : Columns
        The long table; :func:`hwsim.studies.structures.structure_table` or None; the layer table.
    schemes : sequence of str
        Of the run.
    baseline : str or None
        The scheme that ratios are relative to; without one they are NaN.

    Returns
    -------
    Columns
        A row for each energy table, scope, structure and scheme: ``energy`` and ``energy_ratio``,
        baseline over scheme; ``energy_low`` to ``energy_high`` with all prices at an end of the
        literature's range, and ``ratio_low`` to ``ratio_high``, the exact bounds of the ratio when
        each is off by itself. Where neither structure nor range is known the bounds are NaN.
    """
    found: list[Row] = []
    for name in actions.distinct("energy_table"):
        mine = actions.where("energy_table", name.__eq__)
        ways = None if structures is None else structures.where("energy_table", name.__eq__)
        for scope, inside in scopes(layers).items():
            spread = spread_of(mine, ways, schemes, inside)
            keys = {"energy_table": str(name), "scope": scope}
            found += [{**keys, **row} for row in _totals(spread, baseline)]
    return Columns.of_rows(found)


def _totals(spread: Spread, baseline: str | None) -> Iterator[dict[str, Any]]:
    nan = float("nan")
    for number, structure in enumerate(spread.structures):
        for scheme in spread.schemes:
            energy, *energies = spread.energy(number, scheme)
            ratio, *ratios = spread.ratio(number, baseline, scheme)
            if not spread.known:
                energies, ratios = [nan, nan], [nan, nan]
            yield {
                "structure": structure,
                "scheme": scheme,
                "energy": energy,
                "energy_low": energies[0],
                "energy_high": energies[1],
                "energy_ratio": ratio,
                "ratio_low": ratios[0],
                "ratio_high": ratios[1],
            }


def headline_table(
    totals: Columns,
    by_structure: Columns,
    actions: Columns,
    layers: Columns,
    baseline: str | None,
) -> Columns:
    """Say what a run comes to, with the interval over all structures and all prices.

    Parameters
    ----------
    totals : Columns
        From :func:`hwsim.studies.tables.total_table`.
    by_structure : Columns
        From :func:`structure_totals`.
    actions, layers : Columns
        The long table and the layer table.
    baseline : str or None
        The scheme that ratios are relative to.

    Returns
    -------
    Columns
        For each row of ``totals``: ``energy`` in ``energy_unit``, ``energy_low``, ``energy_high``;
        ``energy_ratio``, ``ratio_low``, ``ratio_high``, baseline over scheme; ``cannot_tell``:
        whether the table, which knows no bit widths, gives a scheme the very energy of the
        baseline, so that its ratio says nothing and is NaN; ``dram_share`` and ``weights_share`` of
        the energy (NaN where the table does not know whose data it moves); ``unused_share`` of the
        reads of activations; ``structures``, how many there are.
    """
    ways: dict[tuple[str, ...], list[Row]] = {}
    for row in by_structure.records():
        ways.setdefault(tuple(row[key] for key in _KEYS), []).append(row)
    blind = tables_without_bits(actions)
    dram = _energy(actions.where("unit", "DRAM".__eq__), layers)
    weights = _energy(actions.where("operand", "weights".__eq__), layers)
    nan, rows = math.nan, []
    for total in totals.records():
        key = tuple(total[name] for name in _KEYS)
        table, scheme, _ = key
        mine, energy = ways.get(key, []), total["energy"]
        cannot_tell = table in blind and scheme != baseline and total["energy_ratio"] == 1
        lows, highs, low_ratios, high_ratios = (
            [row[name] for row in mine if row[name] == row[name]]
            for name in ("energy_low", "energy_high", "ratio_low", "ratio_high")
        )
        rows.append(
            {
                **dict(zip(_KEYS, key, strict=True)),
                "energy": energy,
                "energy_unit": total["energy_unit"],
                "energy_ratio": nan if cannot_tell else total["energy_ratio"],
                "energy_low": min(lows, default=nan),
                "energy_high": max(highs, default=nan),
                "ratio_low": nan if cannot_tell else min(low_ratios, default=nan),
                "ratio_high": nan if cannot_tell else max(high_ratios, default=nan),
                "structures": len({row["structure"] for row in mine}),
                "cannot_tell": cannot_tell,
                "dram_share": dram.get(key, 0.0) / energy if energy > 0 else nan,
                "weights_share": weights.get(key, 0.0) / energy
                if energy > 0 and table not in blind
                else nan,
                "unused_share": total.get("unused_share", nan),
            }
        )
    return Columns.of_rows(rows)


def _energy(actions: Columns, layers: Columns) -> dict[tuple[str, ...], float]:
    """Sum rows of the long table for each energy table, scheme and scope."""
    keys: list[tuple[str, ...]] = []
    numbers, energies = [], []
    for scope, inside in scopes(layers).items():
        rows = actions.where("layer", set(inside).__contains__)
        groups = rows.groups("energy_table", "scheme")
        numbers.append(groups.numbers + len(keys))
        energies.append(rows.floats("energy"))
        keys += [(*key, scope) for key in groups.keys]
    return sums(Groups(np.concatenate(numbers), keys), np.concatenate(energies), in_order=True)
