"""The tables of a run: actions, layers, totals, components. Each is made from the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hwsim.energy.breakdown import PASSING
from hwsim.studies.layer_task import Outcome

if TYPE_CHECKING:
    import pandas as pd

_ACTION_COLUMNS = (
    *("network", "scheme", "layer", "scheme_applied", "engine", "arch"),
    *("unit", "component", "action", "count", "instances"),
    *("energy", "energy_unit", "energy_table"),
    *("operand", "entry", "price", "low", "high"),
)
#: Reads of activations and those of them that nobody waits for; an engine may not tell.
READS = ("activation_reads", "unused_reads")
_SUMMED = ["macs", "effectual_macs", "cycles", "energy", "energy_dynamic", "energy_static"]


def action_table(
    outcomes: Sequence[Outcome], network: str, archs: Mapping[str, str]
) -> pd.DataFrame:
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
    DataFrame
        ``energy`` is in ``energy_unit`` (empty when the table's authors state none). Rows whose
        action is ``static`` carry static energy, their count being instances x cycles.
        ``operand`` says whose data an action moves, ``entry`` which entry of the prices decides it,
        ``price`` is the energy of one count, ``low`` and ``high`` are what the literature gives for
        the entry as factors of it; each is empty where the energy table does not know.
    """
    import pandas as pd

    columns: dict[str, list[Any]] = {name: [] for name in _ACTION_COLUMNS}
    for outcome in outcomes:
        task, activity = outcome.task, outcome.activity
        for breakdown, row in ((each, row) for each in outcome.breakdowns for row in each.rows):
            figure = row.figure
            values = (
                network,
                task.scheme,
                task.layer,
                task.scheme_applied,
                activity.engine,
                archs[task.scheme],
                row.unit,
                row.component,
                row.action,
                float(row.count),
                activity.instances.get((row.unit, row.component), 0),
                row.energy,
                breakdown.unit or "",
                breakdown.table,
                row.operand,
                row.entry,
                None if figure is None else figure.value,
                None if figure is None else figure.low,
                None if figure is None else figure.high,
            )
            for column, value in zip(columns.values(), values, strict=True):
                column.append(value)
    numbers = dict.fromkeys(("price", "low", "high"), "float64")
    return pd.DataFrame(columns).astype(numbers)


def layer_table(
    outcomes: Sequence[Outcome], baseline: str | None, limits: Sequence[tuple[float, str]]
) -> pd.DataFrame:
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
    DataFrame
        The fields of :class:`~hwsim.studies.layer_task.LayerTask`, ``cycles``, ``utilization``
        (0 to 1), ``activation_reads`` of the memories whose reads the engine tells apart and
        ``unused_reads``, those that nobody waits for (NaN where it does not), ``energy`` and its
        parts in ``energy_unit``, ``cycles_ratio`` and ``energy_ratio``, baseline over scheme:
        above 1 the scheme needs less; and ``cycles_limit`` and ``limit_from``, what the ratio
        can be at most and why.
    """
    import pandas as pd

    missing = (float("nan"), float("nan"))
    table = pd.DataFrame(
        [
            {
                **asdict(outcome.task),
                "cycles": outcome.activity.cycles,
                "utilization": outcome.activity.utilization,
                **dict(zip(READS, outcome.activity.activation_reads or missing, strict=True)),
                "energy": outcome.breakdowns[number].total,
                "energy_dynamic": outcome.breakdowns[number].dynamic,
                "energy_static": outcome.breakdowns[number].static,
                "energy_unit": outcome.breakdowns[number].unit or "",
                "energy_table": outcome.breakdowns[number].table,
                "cycles_limit": limit,
                "limit_from": reason,
            }
            for number in range(len(outcomes[0].breakdowns))
            for outcome, (limit, reason) in zip(outcomes, limits, strict=True)
        ]
    )
    return _with_ratios(table, baseline, ["energy_table", "layer"])


def scopes(layers: pd.DataFrame) -> dict[str, list[str]]:
    """Name what is summed over: the network, and the layers that any scheme changed if fewer.

    Parameters
    ----------
    layers : DataFrame
        From :func:`layer_table`.

    Returns
    -------
    dict of str to list of str
        ``network``, perhaps ``quantized layers``, and the names of their layers.
    """
    whole = [str(name) for name in layers["layer"].unique()]
    touched = set(layers.loc[layers["scheme_applied"] != "dense", "layer"])
    quantized = [name for name in whole if name in touched]
    some = {"quantized layers": quantized} if 0 < len(quantized) < len(whole) else {}
    return {"network": whole, **some}


def total_table(layers: pd.DataFrame, baseline: str | None) -> pd.DataFrame:
    """Sum the layer table over the network, and over the layers that any scheme changed.

    Parameters
    ----------
    layers : DataFrame
        From :func:`layer_table`.
    baseline : str or None
        As there.

    Returns
    -------
    DataFrame
        A row for each energy table, scheme and scope: ``network``, and ``quantized layers`` when
        those are fewer; ``layers`` counts them. ``density`` is the share of the MACs with a
        non-zero weight, ``unused_share`` that of the reads of activations that nobody waits for
        (NaN where the engine does not tell them apart).
    """
    import pandas as pd

    summed = _SUMMED + [name for name in READS if name in layers]
    totals = []
    for scope, names in scopes(layers).items():
        rows = layers[layers["layer"].isin(names)]
        by_scheme = rows.groupby(["energy_table", "energy_unit", "scheme"], sort=False)
        total = by_scheme[summed].sum(min_count=1)
        total.insert(0, "layers", by_scheme["layer"].nunique())
        total.insert(0, "scope", scope)
        totals.append(total.reset_index())
    table = pd.concat(totals, ignore_index=True)
    table["density"] = table["effectual_macs"] / table["macs"]
    if set(READS) <= set(table):  # a run that an older hwsim saved has none
        table["unused_share"] = table["unused_reads"] / table["activation_reads"]
    prices = ["energy_table", "energy_unit"]
    first = [name for name in table if name not in prices]
    order = _places(layers["energy_table"])
    table = table[[*first, *prices]]
    table = table.sort_values("energy_table", key=lambda names: names.map(order), kind="stable")
    return _with_ratios(table.reset_index(drop=True), baseline, ["energy_table", "scope"])


def component_table(actions: pd.DataFrame) -> pd.DataFrame:
    """Sum the long table over layers: energy by scheme and component.

    Parameters
    ----------
    actions : DataFrame
        From :func:`action_table`.

    Returns
    -------
    DataFrame
        Columns ``energy_table``, ``scheme``, ``unit``, ``component``, ``energy``,
        ``energy_static`` and ``share`` (of the scheme's energy, 0 to 1); the largest component of
        the first scheme first.
    """
    keys = ["energy_table", "scheme", "unit", "component"]
    static = actions["energy"].where(actions["action"].isin(PASSING), 0.0)
    summed = (
        actions.assign(energy_static=static)
        .groupby(keys, sort=False)[["energy", "energy_static"]]
        .sum()
        .reset_index()
    )
    total = summed.groupby(["energy_table", "scheme"])["energy"].transform("sum")
    summed["share"] = (summed["energy"] / total).fillna(0.0)
    part = ["energy_table", "unit", "component"]
    size = -summed.groupby(part, sort=False)["energy"].transform("first")
    places = {name: summed[name].map(_places(actions[name])) for name in ("energy_table", "scheme")}
    return (
        summed.assign(_table=places["energy_table"], _scheme=places["scheme"], _size=size)
        .sort_values(["_table", "_scheme", "_size"], kind="stable")
        .drop(columns=["_table", "_scheme", "_size"])
        .reset_index(drop=True)
    )


def operand_table(actions: pd.DataFrame) -> pd.DataFrame:
    """Sum the long table by what the energy is spent on.

    Parameters
    ----------
    actions : DataFrame
        From :func:`action_table`.

    Returns
    -------
    DataFrame
        Columns ``energy_table``, ``scheme``, ``place`` (``DRAM`` or ``on chip``), ``operand``
        (``weights``, ``activations``, ``unused activations``, ``partial sums``, ``outputs``;
        ``compute``, ``clock`` and ``static`` move no operand) and ``energy``; only energy tables
        that tell operands apart.
    """
    knows = actions.groupby("energy_table")["operand"].transform(lambda names: (names != "").any())
    rows = actions[knows.astype(bool)]
    operand = rows["operand"].where(rows["operand"] != "", "compute")
    for passing in PASSING:
        operand = operand.where(rows["action"] != passing, passing)
    place = rows["unit"].where(rows["unit"] == "DRAM", "on chip")
    summed = rows.assign(place=place, operand=operand)
    keys = ["energy_table", "scheme", "place", "operand"]
    return summed.groupby(keys, sort=False)["energy"].sum().reset_index()


def _places(names: pd.Series[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names.unique())}


def _with_ratios(table: pd.DataFrame, baseline: str | None, keys: list[str]) -> pd.DataFrame:
    measures = ["cycles", "energy"]
    if baseline is None:
        return table.assign(**{f"{measure}_ratio": float("nan") for measure in measures})
    reference = table.loc[table["scheme"] == baseline, keys + measures]
    merged = table[keys].merge(reference, on=keys, how="left", validate="many_to_one")
    return table.assign(
        **{f"{m}_ratio": (merged[m] / table[m]).where(table[m] > 0) for m in measures}
    )
