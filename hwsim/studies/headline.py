"""What a run comes to, and how sure that is: totals and ratios over structures and prices."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from hwsim.studies.columns import Columns, Groups, Row, sums
from hwsim.studies.spread import Spread, StructureRows, Structures
from hwsim.studies.tables import scopes, tables_without_bits

_KEYS = ["energy_table", "scheme", "scope"]


def structure_totals(
    actions: Columns,
    structures: Structures | None,
    layers: Columns,
    schemes: Sequence[str],
    baseline: str | None,
) -> Columns:
    """Sum a run under every structure that its machine may have.

    Parameters
    ----------
    actions, layers : Columns
        The long table and the layer table.
    structures : Structures or None
        What is known of other structures, if anything.
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
        known = None if structures is None else structures.of_energy_table(str(name))
        ways = known or StructureRows.as_built(mine)
        for scope, inside in scopes(layers).items():
            keys = {"energy_table": str(name), "scope": scope}
            found += [{**keys, **row} for row in _totals(ways.spread(schemes, inside), baseline)]
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
