"""The tables of a run: actions, layers, totals, components. Each is made from the one before."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.amount import Amount, side_by_side
from hwsim.energy import EnergyBreakdown
from hwsim.energy.breakdown import PASSING
from hwsim.studies.columns import (
    Coded,
    Column,
    Columns,
    Deferred,
    Row,
    distinct,
    one_kind,
    over,
    sums,
)
from hwsim.studies.layer_costs import LayerCosts
from hwsim.studies.layer_task import LAYER_FIELDS, Outcome

#: Reads of activations and those of them that nobody waits for; an engine may not tell.
READS = ("activation_reads", "unused_reads")
#: Share of the cycles in which units wait, and for what; an engine may not tell.
WAITS = ("waits", "waits_for")
_COMPONENT = ("energy_table", "scheme", "unit", "component")
_COMPONENT_FIGURES = ("energy", "energy_static", "share")
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
    distinct = {id(outcome.activity): outcome.activity for outcome in outcomes}
    told = {key: each.activation_reads or missing for key, each in distinct.items()}
    reads = [told[id(outcome.activity)] for outcome in outcomes]
    of_outcome: dict[str, Callable[[Outcome], Any]] = {
        **{name: attrgetter(f"task.{name}") for name in LAYER_FIELDS},
        "cycles": attrgetter("activity.cycles"),
        "utilization": attrgetter("activity.utilization"),
    }
    of_wait = {name: partial(_wait, place) for place, name in enumerate(WAITS)}
    energies: dict[str, Callable[[EnergyBreakdown], Amount]] = {
        "energy": lambda one: one.total,
        "energy_dynamic": lambda one: one.dynamic,
        "energy_static": lambda one: one.static,
    }
    breakdowns = [cost.breakdown(0) for cost in costs]
    of_table = np.repeat(np.arange(len(costs)), len(outcomes))
    places = np.tile(np.arange(len(outcomes)), len(costs))

    def column(value_of: Callable[[Outcome], Any]) -> Column:
        return _at(places, [value_of(each) for each in outcomes])

    table: dict[str, Column | Callable[[], Column]] = {
        **{name: partial(column, value_of) for name, value_of in of_outcome.items()},
        **{name: _at(places, [read[n] for read in reads]) for n, name in enumerate(READS)},
        **{name: partial(column, value_of) for name, value_of in of_wait.items()},
        **{
            name: np.concatenate([cost.of_each(amount_of) for cost in costs])
            for name, amount_of in energies.items()
        },
        "energy_unit": Coded(of_table, [one.unit or "" for one in breakdowns]),
        "energy_table": Coded(of_table, [one.table for one in breakdowns]),
        "cycles_limit": _at(places, [limit for limit, _ in limits]),
        "limit_from": _at(places, [reason for _, reason in limits]),
    }
    return _with_ratios(Columns(Deferred(table)), baseline, "layer")


def _wait(part: int, outcome: Outcome) -> float | str:
    """Give the share of the cycles in which units wait, or what for."""
    pace = outcome.activity.pace
    if pace is None or pace.waits is None:
        return (math.nan, "")[part]
    return (float(pace.waits), pace.waits_for)[part]


def _at(places: NDArray[np.intp], values: list[Any]) -> Column:
    """Make a column of the values at some places; texts are coded."""
    if all(type(value) is str for value in values):
        return Coded(places, values)
    values = one_kind(values)
    numbers = side_by_side(values)
    if numbers.dtype != object:
        return numbers[places]
    return [values[place] for place in places.tolist()]


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
    applied = layers.keys("layer", "scheme_applied")
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
        gaps = any(bool(np.isnan(inside.floats(name)).any()) for name in summed)
        by_measure = {name: sums(groups, inside.numbers(name), compensated=gaps) for name in summed}
        own = inside.groups("layer")
        met = np.zeros((len(groups.keys), len(own.keys)), dtype=bool)
        met[groups.numbers, own.numbers] = True
        members = np.count_nonzero(met, axis=1).tolist()
        for key, number in zip(groups.keys, members, strict=True):
            table, unit, scheme = key
            row = {
                "scheme": scheme,
                "scope": scope,
                "layers": number,
                **{name: by_measure[name][key] for name in summed},
            }
            row["density"] = over(row["effectual_macs"], row["macs"])
            if set(READS) <= set(summed):  # a run that an older hwsim saved has none
                row["unused_share"] = over(row["unused_reads"], row["activation_reads"])
            rows.append({**row, "energy_table": table, "energy_unit": unit})
    order = _places(layers.distinct("energy_table"))
    rows.sort(key=lambda row: order[row["energy_table"]])
    return _with_ratios(Columns.of_rows(rows), baseline, "scope")


def component_energies(actions: Columns) -> Columns:
    """Sum the long table over layers: energy by scheme and component.

    Parameters
    ----------
    actions : Columns
        From :func:`action_table`.

    Returns
    -------
    Columns
        Columns ``energy_table``, ``scheme``, ``unit``, ``component``, ``energy`` and ``share`` (of
        the scheme's energy, 0 to 1); the largest component of the first scheme first.
    """
    energies = sums(actions.groups(*_COMPONENT), actions.floats("energy"))
    totals = sums((key[:2] for key in energies), energies.values(), in_order=True)
    size: dict[tuple[Any, ...], float] = {}
    for key, energy in energies.items():
        size.setdefault((key[0], *key[2:]), -energy)
    tables, schemes = (_places(distinct(key[part] for key in energies)) for part in (0, 1))
    ordered = sorted(
        energies, key=lambda key: (tables[key[0]], schemes[key[1]], size[key[0], *key[2:]])
    )
    rows = []
    for key in ordered:
        share = over(energies[key], totals[key[:2]])
        figures = {"energy": energies[key], "share": share if share == share else 0.0}
        rows.append({**dict(zip(_COMPONENT, key, strict=True)), **figures})
    return Columns.of_rows(rows, (*_COMPONENT, "energy", "share"))


def component_table(actions: Columns) -> Columns:
    """Sum the long table over layers, and what of it passes while time passes.

    Parameters
    ----------
    actions : Columns
        From :func:`action_table`.

    Returns
    -------
    Columns
        As :func:`component_energies`, with a column ``energy_static`` after ``energy``.
    """
    passing = actions.flags("action", PASSING.__contains__)
    energy = np.where(passing, actions.floats("energy"), 0.0)
    statics = sums(actions.groups(*_COMPONENT), energy)
    found = component_energies(actions)
    static = [statics[key] for key in found.rows(*_COMPONENT)]
    columns = {**found.by_name, "energy_static": static}
    return Columns({name: columns[name] for name in (*_COMPONENT, *_COMPONENT_FIGURES)})


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
    keys = actions.keys("energy_table", "operand")
    told = {table for table, operand in keys if operand}
    return [str(table) for table in distinct(table for table, _ in keys) if table not in told]


def _places(names: Sequence[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def _with_ratios(table: Columns, baseline: str | None, what: str) -> Columns:
    """Add the baseline's cycles and energy over each row's, of one energy table and layer."""
    groups = table.groups("energy_table", what)
    first = table.flags("scheme", lambda scheme: scheme == baseline)
    ratios: dict[str, Column] = {}
    for measure in ("cycles", "energy"):
        numbers = table.numbers(measure)
        values = side_by_side(numbers) if isinstance(numbers, list) else numbers
        of_baseline = np.full(len(groups.keys), math.nan, dtype=np.result_type(values, np.float64))
        of_baseline[groups.numbers[first]] = values[first]
        some = values > 0
        found = np.full(len(values), math.nan)
        with np.errstate(over="ignore"):
            found[some] = of_baseline[groups.numbers[some]] / values[some]
        ratios[f"{measure}_ratio"] = found
    return table.with_columns(**ratios)
