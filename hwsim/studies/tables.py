"""The tables of a run: actions, layers, totals, components. Each is made from the one before."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from hwsim.energy.breakdown import PASSING
from hwsim.studies.columns import Coded, Column, Columns, Row, one_kind, over, sums
from hwsim.studies.layer_costs import LayerCosts
from hwsim.studies.layer_task import LAYER_FIELDS, Outcome

#: Reads of activations and those of them that nobody waits for; an engine may not tell.
READS = ("activation_reads", "unused_reads")
#: Share of the cycles in which units wait, and for what; an engine may not tell.
WAITS = ("waits", "waits_for")
_SUMMED = ["macs", "effectual_macs", "cycles", "energy", "energy_dynamic", "energy_static"]


def layer_table(
    outcomes: Sequence[Outcome],
    costs: Sequence[LayerCosts],
    baseline: str | None,
    limits: Sequence[tuple[float, str]],
) -> Columns:
    """Build the layer table: a row for each energy table, scheme and layer.

    Parameters
    ----------
    outcomes : sequence of Outcome
        The results of a run.
    costs : sequence of LayerCosts
        What they cost by each energy table.
    baseline : str or None
        The scheme that ratios are relative to; without one they are NaN.
    limits : sequence of (float, str)
        Of the ratio of cycles of each outcome, see :mod:`hwsim.studies.limits`.

    Returns
    -------
    Columns
        The fields of :class:`~hwsim.studies.layer_task.LayerTask`, ``cycles``, ``utilization``
        (0 to 1), ``activation_reads`` of the memories whose reads the engine tells apart and
        ``unused_reads``, those that nobody waits for (NaN where it does not), ``waits``, the share
        of the cycles in which units wait (NaN where the engine does not say), and ``waits_for``,
        what for (empty where they do not), ``energy`` and its
        parts in ``energy_unit``, ``cycles_ratio`` and ``energy_ratio``, baseline over scheme:
        above 1 the scheme needs less; and ``cycles_limit`` and ``limit_from``, what the ratio
        can be at most and why.
    """
    missing = (math.nan, math.nan)
    reads = [outcome.activity.activation_reads or missing for outcome in outcomes]
    waits = [_waits(outcome) for outcome in outcomes]
    of_outcome = {
        **{name: [getattr(each.task, name) for each in outcomes] for name in LAYER_FIELDS},
        "cycles": [each.activity.cycles for each in outcomes],
        "utilization": [each.activity.utilization for each in outcomes],
        **{name: [read[place] for read in reads] for place, name in enumerate(READS)},
        **{name: [wait[place] for wait in waits] for place, name in enumerate(WAITS)},
    }
    breakdowns = [cost.breakdown(0) for cost in costs]
    of_table = np.repeat(np.arange(len(costs)), len(outcomes))
    table: dict[str, Column] = {
        **{name: _repeated(values, len(costs)) for name, values in of_outcome.items()},
        "energy": [value for cost in costs for value in cost.of_each(lambda one: one.total)],
        "energy_dynamic": [
            value for cost in costs for value in cost.of_each(lambda one: one.dynamic)
        ],
        "energy_static": [
            value for cost in costs for value in cost.of_each(lambda one: one.static)
        ],
        "energy_unit": Coded(of_table, [one.unit or "" for one in breakdowns]),
        "energy_table": Coded(of_table, [one.table for one in breakdowns]),
        "cycles_limit": _repeated([limit for limit, _ in limits], len(costs)),
        "limit_from": _repeated([reason for _, reason in limits], len(costs)),
    }
    return _with_ratios(Columns(table), baseline, "layer")


def _waits(outcome: Outcome) -> tuple[float, str]:
    pace = outcome.activity.pace
    if pace is None or pace.waits is None:
        return math.nan, ""
    return float(pace.waits), pace.waits_for


def _repeated(values: list[Any], times: int) -> Column:
    """Give a column of so many repetitions; texts are coded."""
    if not all(type(value) is str for value in values):
        return one_kind(values * times)
    coded = Coded.of(values)
    return Coded(np.tile(coded.codes, times), coded.values)


def scopes(layers: Columns) -> dict[str, list[str]]:
    """Name what is summed over: the network, and the layers that any scheme changed if fewer.

    Parameters
    ----------
    layers : Columns
        From :func:`layer_table`.

    Returns
    -------
    dict of str to list of str
        ``network``, perhaps ``quantized layers``, and the names of their layers.
    """
    whole = [str(name) for name in layers.distinct("layer")]
    applied = layers.groups("layer", "scheme_applied").keys
    touched = {layer for layer, own in applied if own != "dense"}
    quantized = [name for name in whole if name in touched]
    some = {"quantized layers": quantized} if 0 < len(quantized) < len(whole) else {}
    return {"network": whole, **some}


def total_table(layers: Columns, baseline: str | None) -> Columns:
    """Sum the layer table over the network, and over the layers that any scheme changed.

    Parameters
    ----------
    layers : Columns
        From :func:`layer_table`.
    baseline : str or None
        As there.

    Returns
    -------
    Columns
        A row for each energy table, scheme and scope: ``network``, and ``quantized layers`` when
        those are fewer; ``layers`` counts them. ``density`` is the share of the MACs with a
        non-zero weight, ``unused_share`` that of the reads of activations that nobody waits for
        (NaN where the engine does not tell them apart).
    """
    summed = _SUMMED + [name for name in READS if name in layers]
    rows: list[Row] = []
    for scope, names in scopes(layers).items():
        inside = layers.where("layer", set(names).__contains__)
        groups = inside.groups("energy_table", "energy_unit", "scheme")
        # pandas sums the floats of a table together, and so all of them alike.
        gaps = any(value != value for name in summed for value in inside[name])
        by_measure = {name: sums(groups, inside[name], compensated=gaps) for name in summed}
        members = Counter(
            key[:-1] for key in inside.groups("energy_table", "energy_unit", "scheme", "layer").keys
        )
        for key in groups.keys:
            table, unit, scheme = key
            row = {
                "scheme": scheme,
                "scope": scope,
                "layers": members[key],
                **{name: by_measure[name][key] for name in summed},
            }
            row["density"] = over(row["effectual_macs"], row["macs"])
            if set(READS) <= set(summed):  # a run that an older hwsim saved has none
                row["unused_share"] = over(row["unused_reads"], row["activation_reads"])
            rows.append({**row, "energy_table": table, "energy_unit": unit})
    order = _places(layers.distinct("energy_table"))
    rows.sort(key=lambda row: order[row["energy_table"]])
    return _with_ratios(Columns.of_rows(rows), baseline, "scope")


def component_table(actions: Columns) -> Columns:
    """Sum the long table over layers: energy by scheme and component.

    Parameters
    ----------
    actions : Columns
        From :func:`action_table`.

    Returns
    -------
    Columns
        Columns ``energy_table``, ``scheme``, ``unit``, ``component``, ``energy``,
        ``energy_static`` and ``share`` (of the scheme's energy, 0 to 1); the largest component of
        the first scheme first.
    """
    names = ("energy_table", "scheme", "unit", "component")
    groups, energy = actions.groups(*names), actions.floats("energy")
    passing = actions.flags("action", PASSING.__contains__)
    energies, statics = sums(groups, energy), sums(groups, np.where(passing, energy, 0.0))
    totals = sums((key[:2] for key in energies), energies.values(), in_order=True)
    size: dict[tuple[Any, ...], float] = {}
    for key, energy in energies.items():
        size.setdefault((key[0], *key[2:]), -energy)
    tables = _places(actions.distinct("energy_table"))
    schemes = _places(actions.distinct("scheme"))
    ordered = sorted(
        energies, key=lambda key: (tables[key[0]], schemes[key[1]], size[key[0], *key[2:]])
    )
    rows = []
    for key in ordered:
        share = over(energies[key], totals[key[:2]])
        figures = {
            "energy": energies[key],
            "energy_static": statics[key],
            "share": share if share == share else 0.0,
        }
        rows.append({**dict(zip(names, key, strict=True)), **figures})
    return Columns.of_rows(rows, (*names, "energy", "energy_static", "share"))


def operand_table(actions: Columns) -> Columns:
    """Sum the long table by what the energy is spent on.

    Parameters
    ----------
    actions : Columns
        From :func:`action_table`.

    Returns
    -------
    Columns
        Columns ``energy_table``, ``scheme``, ``place`` (``DRAM`` or ``on chip``), ``operand``
        (``weights``, ``activations``, ``unused activations``, ``partial sums``, ``outputs``;
        ``compute``, ``clock`` and ``static`` move no operand) and ``energy``; only energy tables
        that tell operands apart.
    """
    names = ("energy_table", "scheme", "place", "operand")
    blind = set(tables_without_bits(actions))
    seeing = actions.where("energy_table", lambda table: table not in blind)
    groups = seeing.groups("energy_table", "scheme", "unit", "action", "operand").merged(
        lambda table, scheme, unit, action, operand: (
            table,
            scheme,
            "DRAM" if unit == "DRAM" else "on chip",
            action if action in PASSING else operand or "compute",
        )
    )
    rows = [
        {**dict(zip(names, key, strict=True)), "energy": energy}
        for key, energy in sums(groups, seeing.floats("energy")).items()
    ]
    return Columns.of_rows(rows, (*names, "energy"))


def tables_without_bits(actions: Columns) -> list[str]:
    """Name the energy tables that know no operands, and so no widths of their values.

    Parameters
    ----------
    actions : Columns
        The long table.
    """
    told = {table for table, operand in actions.groups("energy_table", "operand").keys if operand}
    return [str(name) for name in actions.distinct("energy_table") if name not in told]


def _places(names: Sequence[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def _with_ratios(table: Columns, baseline: str | None, what: str) -> Columns:
    """Add the baseline's cycles and energy over each row's, of one energy table and layer."""
    keys = list(table.rows("energy_table", what))
    ratios: dict[str, list[float]] = {}
    for measure in ("cycles", "energy"):
        rows = list(zip(keys, table["scheme"], table[measure], strict=True))
        first = {key: value for key, scheme, value in rows if scheme == baseline}
        ratios[f"{measure}_ratio"] = [
            first[key] / value if key in first and value > 0 else math.nan for key, _, value in rows
        ]
    return table.with_columns(**ratios)
