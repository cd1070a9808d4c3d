"""The tables of a run: actions, layers, totals, components. Each is made from the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hwsim.energy.breakdown import STATIC
from hwsim.studies.task import Outcome

if TYPE_CHECKING:
    import pandas as pd

_ACTION_COLUMNS = (
    *("network", "scheme", "layer", "scheme_applied", "engine", "arch"),
    *("unit", "component", "action", "count", "instances"),
    *("energy", "energy_unit", "energy_table"),
)
_SUMMED = ["macs", "effectual_macs", "cycles", "energy", "energy_dynamic", "energy_static"]


def action_table(outcomes: Sequence[Outcome], network: str, arch: str) -> pd.DataFrame:
    """Build the long table: a row for each scheme, layer, component and action.

    Parameters
    ----------
    outcomes : sequence of Outcome
        The results of a run.
    network, arch : str
        Names for the columns of the same name.

    Returns
    -------
    DataFrame
        ``energy`` is in ``energy_unit`` (empty when the table's authors state none). Rows whose
        action is ``static`` carry static energy, their count being instances x cycles.
    """
    import pandas as pd

    columns: dict[str, list[Any]] = {name: [] for name in _ACTION_COLUMNS}
    for outcome in outcomes:
        problem, activity, breakdown = outcome.problem, outcome.activity, outcome.breakdown
        for row in breakdown.rows:
            values = (
                network,
                problem.scheme,
                problem.layer,
                problem.scheme_applied,
                activity.engine,
                arch,
                row.unit,
                row.component,
                row.action,
                float(row.count),
                activity.instances.get((row.unit, row.component), 0),
                row.energy,
                breakdown.unit or "",
                breakdown.table,
            )
            for column, value in zip(columns.values(), values, strict=True):
                column.append(value)
    return pd.DataFrame(columns)


def layer_table(outcomes: Sequence[Outcome], baseline: str | None) -> pd.DataFrame:
    """Build the layer table: a row for each scheme and layer.

    Parameters
    ----------
    outcomes : sequence of Outcome
        The results of a run.
    baseline : str or None
        The scheme that ratios are relative to; without one they are NaN.

    Returns
    -------
    DataFrame
        The fields of :class:`~hwsim.studies.task.Problem`, ``cycles``, ``utilization`` (0 to 1),
        ``energy`` and its parts in ``energy_unit``, and ``cycles_ratio`` and ``energy_ratio``,
        baseline over scheme: above 1 the scheme needs less.
    """
    import pandas as pd

    table = pd.DataFrame(
        [
            {
                **asdict(outcome.problem),
                "cycles": outcome.activity.cycles,
                "utilization": outcome.activity.utilization,
                "energy": outcome.breakdown.total,
                "energy_dynamic": outcome.breakdown.dynamic,
                "energy_static": outcome.breakdown.static,
                "energy_unit": outcome.breakdown.unit or "",
            }
            for outcome in outcomes
        ]
    )
    return _with_ratios(table, baseline, ["layer"])


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
        A row for each scheme and scope: ``network``, and ``quantized layers`` when those are
        fewer; ``layers`` counts them. ``density`` is the share of the MACs with a non-zero weight.
    """
    import pandas as pd

    touched = set(layers.loc[layers["scheme_applied"] != "dense", "layer"])
    scopes = {"network": layers}
    if 0 < len(touched) < layers["layer"].nunique():
        scopes["quantized layers"] = layers[layers["layer"].isin(touched)]
    totals = []
    for scope, rows in scopes.items():
        by_scheme = rows.groupby("scheme", sort=False)
        total = by_scheme[_SUMMED].sum()
        total.insert(0, "layers", by_scheme["layer"].nunique())
        total.insert(0, "scope", scope)
        totals.append(total.reset_index())
    table = pd.concat(totals, ignore_index=True)
    table["density"] = table["effectual_macs"] / table["macs"]
    table["energy_unit"] = layers["energy_unit"].iloc[0]
    return _with_ratios(table, baseline, ["scope"])


def component_table(actions: pd.DataFrame) -> pd.DataFrame:
    """Sum the long table over layers: energy by scheme and component.

    Parameters
    ----------
    actions : DataFrame
        From :func:`action_table`.

    Returns
    -------
    DataFrame
        Columns ``scheme``, ``unit``, ``component``, ``energy``, ``energy_static`` and ``share``
        (of the scheme's energy, 0 to 1); the largest component of the first scheme first.
    """
    keys = ["scheme", "unit", "component"]
    static = actions["energy"].where(actions["action"] == STATIC, 0.0)
    summed = (
        actions.assign(energy_static=static)
        .groupby(keys, sort=False)[["energy", "energy_static"]]
        .sum()
        .reset_index()
    )
    total = summed.groupby("scheme")["energy"].transform("sum")
    summed["share"] = (summed["energy"] / total).fillna(0.0)
    rank = summed.drop_duplicates(["unit", "component"]).set_index(["unit", "component"])["energy"]
    places = [-rank[key] for key in zip(summed["unit"], summed["component"], strict=True)]
    order = {scheme: place for place, scheme in enumerate(actions["scheme"].unique())}
    return (
        summed.assign(_place=places, _scheme=summed["scheme"].map(order))
        .sort_values(["_scheme", "_place"], kind="stable")
        .drop(columns=["_place", "_scheme"])
        .reset_index(drop=True)
    )


def _with_ratios(table: pd.DataFrame, baseline: str | None, keys: list[str]) -> pd.DataFrame:
    measures = ["cycles", "energy"]
    if baseline is None:
        return table.assign(**{f"{measure}_ratio": float("nan") for measure in measures})
    reference = table.loc[table["scheme"] == baseline, keys + measures]
    merged = table[keys].merge(reference, on=keys, how="left", validate="many_to_one")
    return table.assign(
        **{f"{m}_ratio": (merged[m] / table[m]).where(table[m] > 0) for m in measures}
    )
