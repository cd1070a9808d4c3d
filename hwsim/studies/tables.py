"""The tables of a run: actions, layers, totals, components. Each is made from the one before."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from hwsim.arch.parts.figure import Figure
from hwsim.energy.breakdown import PASSING
from hwsim.studies.columns import Columns, Row, distinct, one_kind, over, sums
from hwsim.studies.layer_task import Outcome

_ACTION_COLUMNS = (
    *("network", "scheme", "layer", "scheme_applied", "engine", "arch"),
    *("unit", "component", "action", "count", "instances"),
    *("energy", "energy_unit", "energy_table"),
    *("operand", "entry", "price", "low", "high"),
)
#: Reads of activations and those of them that nobody waits for; an engine may not tell.
READS = ("activation_reads", "unused_reads")
_UNKNOWN: Final = (math.nan, math.nan, math.nan)
_SUMMED = ["macs", "effectual_macs", "cycles", "energy", "energy_dynamic", "energy_static"]


def action_table(outcomes: Sequence[Outcome], network: str, archs: Mapping[str, str]) -> Columns:
    """Build the long table: a row for each energy table, scheme, layer, component and action.

    Parameters
    ----------
    outcomes : sequence of Outcome
        The results of a run.
    network : str
        Name for the column.
    archs : mapping of str to str
        By scheme, what the machine is called.

    Returns
    -------
    Columns
        ``energy`` is in ``energy_unit`` (empty when the table's authors state none). Rows whose
        action is ``static`` carry static energy, their count being instances x cycles.
        ``operand`` says whose data an action moves, ``entry`` which entry of the prices decides it,
        ``price`` is the energy of one count, ``low`` and ``high`` are what the literature gives for
        the entry as factors of it; each is empty where the energy table does not know.
    """
    rows: list[tuple[Any, ...]] = []
    for outcome in outcomes:
        task, activity = outcome.task, outcome.activity
        layer = network, task.scheme, task.layer, task.scheme_applied, activity.engine
        instances, arch = activity.instances, archs[task.scheme]
        for breakdown in outcome.breakdowns:
            unit, table = breakdown.unit or "", breakdown.table
            rows += [
                (
                    *layer,
                    arch,
                    row.unit,
                    row.component,
                    row.action,
                    float(row.count),
                    instances.get((row.unit, row.component), 0),
                    row.energy,
                    unit,
                    table,
                    row.operand,
                    row.entry,
                    *_figures(row.figure),
                )
                for row in breakdown.rows
            ]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(_ACTION_COLUMNS)
    return Columns(
        {
            name: one_kind(list(column))
            for name, column in zip(_ACTION_COLUMNS, columns, strict=True)
        }
    )


def _figures(figure: Figure | None) -> tuple[float, float, float]:
    """Price of one count and the literature's range of it; NaN where nobody knows."""
    if figure is None:
        return _UNKNOWN
    low, high = figure.low, figure.high
    return (
        float(figure.value),
        math.nan if low is None else float(low),
        math.nan if high is None else float(high),
    )


def layer_table(
    outcomes: Sequence[Outcome], baseline: str | None, limits: Sequence[tuple[float, str]]
) -> Columns:
    """Build the layer table: a row for each energy table, scheme and layer.

    Parameters
    ----------
    outcomes : sequence of Outcome
        The results of a run.
    baseline : str or None
        The scheme that ratios are relative to; without one they are NaN.
    limits : sequence of (float, str)
        Of the ratio of cycles of each outcome, see :mod:`hwsim.studies.limits`.

    Returns
    -------
    Columns
        The fields of :class:`~hwsim.studies.layer_task.LayerTask`, ``cycles``, ``utilization``
        (0 to 1), ``activation_reads`` of the memories whose reads the engine tells apart and
        ``unused_reads``, those that nobody waits for (NaN where it does not), ``energy`` and its
        parts in ``energy_unit``, ``cycles_ratio`` and ``energy_ratio``, baseline over scheme:
        above 1 the scheme needs less; and ``cycles_limit`` and ``limit_from``, what the ratio
        can be at most and why.
    """
    missing = (math.nan, math.nan)
    reads = [outcome.activity.activation_reads or missing for outcome in outcomes]
    table = Columns.of_rows(
        [
            {
                **vars(outcome.task),
                "cycles": outcome.activity.cycles,
                "utilization": outcome.activity.utilization,
                **dict(zip(READS, read, strict=True)),
                "energy": outcome.breakdowns[number].total,
                "energy_dynamic": outcome.breakdowns[number].dynamic,
                "energy_static": outcome.breakdowns[number].static,
                "energy_unit": outcome.breakdowns[number].unit or "",
                "energy_table": outcome.breakdowns[number].table,
                "cycles_limit": limit,
                "limit_from": reason,
            }
            for number in range(len(outcomes[0].breakdowns))
            for outcome, read, (limit, reason) in zip(outcomes, reads, limits, strict=True)
        ]
    )
    return _with_ratios(table, baseline, "layer")


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
    whole = [str(name) for name in distinct(layers["layer"])]
    touched = {layer for layer, own in layers.rows("layer", "scheme_applied") if own != "dense"}
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
        keys = list(inside.rows("energy_table", "energy_unit", "scheme"))
        # pandas sums the floats of a table together, and so all of them alike.
        gaps = any(value != value for name in summed for value in inside[name])
        by_measure = {name: sums(keys, inside[name], compensated=gaps) for name in summed}
        of: dict[tuple[Any, ...], set[str]] = {}
        for key, layer in zip(keys, inside["layer"], strict=True):
            of.setdefault(key, set()).add(layer)
        for key, members in of.items():
            table, unit, scheme = key
            row = {
                "scheme": scheme,
                "scope": scope,
                "layers": len(members),
                **{name: by_measure[name][key] for name in summed},
            }
            row["density"] = over(row["effectual_macs"], row["macs"])
            if set(READS) <= set(summed):  # a run that an older hwsim saved has none
                row["unused_share"] = over(row["unused_reads"], row["activation_reads"])
            rows.append({**row, "energy_table": table, "energy_unit": unit})
    order = _places(layers["energy_table"])
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
    keys = list(actions.rows(*names))
    static = [
        energy if action in PASSING else 0.0 for energy, action in actions.rows("energy", "action")
    ]
    energies, statics = sums(keys, actions["energy"]), sums(keys, static)
    totals = sums((key[:2] for key in energies), energies.values(), in_order=True)
    size: dict[tuple[Any, ...], float] = {}
    for key, energy in energies.items():
        size.setdefault((key[0], *key[2:]), -energy)
    tables, schemes = _places(actions["energy_table"]), _places(actions["scheme"])
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
    blind = tables_without_bits(actions)
    keys, energies = [], []
    for table, scheme, unit, action, operand, energy in actions.rows(
        "energy_table", "scheme", "unit", "action", "operand", "energy"
    ):
        if table not in blind:
            what = action if action in PASSING else operand or "compute"
            keys.append((table, scheme, unit if unit == "DRAM" else "on chip", what))
            energies.append(energy)
    rows = [
        {**dict(zip(names, key, strict=True)), "energy": energy}
        for key, energy in sums(keys, energies).items()
    ]
    return Columns.of_rows(rows, (*names, "energy"))


def tables_without_bits(actions: Columns) -> list[str]:
    """Name the energy tables that know no operands, and so no widths of their values.

    Parameters
    ----------
    actions : Columns
        The long table.
    """
    told = {table for table, operand in set(actions.rows("energy_table", "operand")) if operand}
    return [str(name) for name in distinct(actions["energy_table"]) if name not in told]


def _places(names: Sequence[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(distinct(names))}


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
