"""Time, power and operations per energy of a run, where clock and unit are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hwsim.quantity import FREQUENCY, parse_quantity

if TYPE_CHECKING:
    import pandas as pd

_JOULES = {"pJ": 1e-12}


def efficiency_table(
    totals: pd.DataFrame, dram_share: pd.Series[float], technology: Mapping[str, Any] | None
) -> pd.DataFrame:
    """Derive time, power, energy-delay product and operations per energy.

    Parameters
    ----------
    totals : DataFrame
        From :func:`hwsim.studies.tables.total_table`.
    dram_share : Series
        Of the energy in each row of ``totals``, 0 to 1; 0 where the prices have no DRAM.
    technology : mapping or None
        Of the architecture, with its ``clock``; None if it states none.

    Returns
    -------
    DataFrame
        For each row of ``totals`` whose energy has a unit: ``energy_table``, ``scheme``, ``scope``,
        ``seconds``, ``power_w`` (mean, static included), ``edp_js`` (energy x time, J s),
        ``tops_per_w`` (operations with a non-zero weight) and ``tops_per_w_dense`` (all operations
        of the dense network); a multiply-accumulate is two operations. ``dram`` says whether DRAM
        is in all of these, and ``tops_per_w_on_chip`` is ``tops_per_w`` without it, as chips are
        published. Empty without a clock.
    """
    known = totals[totals["energy_unit"].isin(list(_JOULES))]
    if technology is None:
        known = known.iloc[:0]
    clock = parse_quantity(technology["clock"], FREQUENCY) if technology else 1.0
    joules = known["energy"] * known["energy_unit"].map(_JOULES).astype(float)
    seconds = known["cycles"] / clock
    share = dram_share[known.index]
    effective = 2e-12 * known["effectual_macs"] / joules
    return known[["energy_table", "scheme", "scope"]].assign(
        seconds=seconds,
        power_w=joules / seconds,
        edp_js=joules * seconds,
        dram=share > 0,
        tops_per_w=effective,
        tops_per_w_dense=2e-12 * known["macs"] / joules,
        tops_per_w_on_chip=effective / (1 - share),
    )
