"""The machines of a comparison at equal area beside what runs on them comes to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from hwsim.studies.columns import Columns

_ENERGIES: Final = (
    *("energy", "energy_unit", "energy_low", "energy_high"),
    *("energy_ratio", "ratio_low", "ratio_high"),
)


def machine_table(
    equal_area: Mapping[str, Any],
    headline: Columns,
    totals: Columns,
    baseline: str | None,
) -> Columns:
    """Put machines, cycles and energies side by side.

    Parameters
    ----------
    equal_area : mapping
        Of the manifest.
    headline, totals : Columns
        Of the run.
    baseline : str or None
        The scheme that ratios are relative to.

    Returns
    -------
    Columns
        A row for each scheme: ``arch``, ``multiplier``, ``weights``; ``units`` and ``units_ratio``,
        scheme over baseline; ``area_mm2``, ``limit_mm2``, ``unused_share`` of the limit,
        ``next_units`` and ``next_area_mm2`` of the next larger machine (NaN for the machine as
        given, and where the spec ends); ``waits``, the share of the cycles in which units wait for
        memories or ports (NaN where the engine does not say); ``cycles`` and ``cycles_ratio``;
        ``energy`` in ``energy_unit``, ``energy_low``, ``energy_high``, ``energy_ratio``,
        ``ratio_low`` and ``ratio_high`` as in the headline.
    """
    limit = equal_area["limit"]
    units = {row["scheme"]: row["units"] for row in equal_area["machines"]}
    of_baseline = units.get(str(baseline), math.nan)
    on_network = {row["scheme"]: row for row in headline.records() if row["scope"] == "network"}
    sums = {row["scheme"]: row for row in totals.records() if row["scope"] == "network"}
    rows = []
    for row in equal_area["machines"]:
        scheme, next_area = row["scheme"], row["next_area"]
        rows.append(
            {
                **{name: row[name] for name in ("scheme", "arch", "multiplier", "weights")},
                "units": row["units"],
                "units_ratio": row["units"] / of_baseline,
                "area_mm2": row["area"] / 1e6,
                "limit_mm2": limit / 1e6,
                "unused_share": 1 - row["area"] / limit,
                "next_units": _number(row["next_units"]),
                "next_area_mm2": _number(next_area) / 1e6,
                "waits": _number(row["waits"]),
                **{name: sums[scheme][name] for name in ("cycles", "cycles_ratio")},
                **{name: on_network[scheme][name] for name in _ENERGIES},
            }
        )
    return Columns.of_rows(rows)


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
