"""The machines of a comparison at equal area beside what runs on them comes to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def machine_table(
    equal_area: Mapping[str, Any],
    headline: pd.DataFrame,
    totals: pd.DataFrame,
    baseline: str | None,
) -> pd.DataFrame:
    """Put machines, cycles and energies side by side.

    Parameters
    ----------
    equal_area : mapping
        Of the manifest.
    headline, totals : DataFrame
        Of the run.
    baseline : str or None
        The scheme that ratios are relative to.

    Returns
    -------
    DataFrame
        A row for each scheme: ``arch``, ``multiplier``, ``weights``; ``units`` and ``units_ratio``,
        scheme over baseline; ``area_mm2``, ``limit_mm2``, ``unused_share`` of the limit,
        ``next_units`` and ``next_area_mm2`` of the next larger machine (NaN for the machine as
        given, and where the spec ends); ``waits``, the share of the cycles in which units wait for
        memories or ports (NaN where the engine does not say); ``cycles`` and ``cycles_ratio``;
        ``energy`` in ``energy_unit``, ``energy_low``, ``energy_high``, ``energy_ratio``,
        ``ratio_low`` and ``ratio_high`` as in the headline.
    """
    import pandas as pd

    limit = equal_area["limit"]
    rows = pd.DataFrame(equal_area["machines"])
    units = dict(zip(rows["scheme"], rows["units"], strict=True))
    machines = rows[["scheme", "arch", "multiplier", "weights", "units"]].assign(
        units_ratio=rows["units"] / units.get(str(baseline), float("nan")),
        area_mm2=rows["area"] / 1e6,
        limit_mm2=limit / 1e6,
        unused_share=1 - rows["area"] / limit,
        next_units=rows["next_units"].astype(float),
        next_area_mm2=rows["next_area"].astype(float) / 1e6,
        waits=rows["waits"].astype(float),
    )
    network = headline["scope"] == "network"
    figures = headline[network].set_index("scheme")
    sums = totals[network].set_index("scheme")[["cycles", "cycles_ratio"]]
    names = ["energy", "energy_unit", "energy_low", "energy_high"]
    ratios = ["energy_ratio", "ratio_low", "ratio_high"]
    return machines.join(sums, on="scheme").join(figures[names + ratios], on="scheme")
