"""Time, power and operations per energy of a run, where clock and unit are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hwsim.quantity import FREQUENCY, parse_quantity
from hwsim.studies.columns import Columns, Row, over

_KEYS: Final = ("energy_table", "scheme", "scope")
_FIGURES: Final = (
    *("seconds", "power_w", "edp_js", "dram"),
    *("tops_per_w", "tops_per_w_dense", "tops_per_w_on_chip"),
)
_JOULES = {"pJ": 1e-12}


def efficiency_table(
    totals: Columns, dram_share: Sequence[float], technology: Mapping[str, Any] | None
) -> Columns:
    """Derive time, power, energy-delay product and operations per energy.

    Parameters
    ----------
    totals : Columns
        From :func:`hwsim.studies.tables.total_table`.
    dram_share : sequence of float
        Of the energy in each row of ``totals``, 0 to 1; 0 where the prices have no DRAM.
    technology : mapping or None
        Of the architecture, with its ``clock``; None if it states none.

    Returns
    -------
    Columns
        For each row of ``totals`` whose energy has a unit: ``energy_table``, ``scheme``, ``scope``,
        ``seconds``, ``power_w`` (mean, static included), ``edp_js`` (energy x time, J s),
        ``tops_per_w`` (operations with a non-zero weight) and ``tops_per_w_dense`` (all operations
        of the dense network); a multiply-accumulate is two operations. ``dram`` says whether DRAM
        is in all of these, and ``tops_per_w_on_chip`` is ``tops_per_w`` without it, as chips are
        published. Empty without a clock.
    """
    rows: list[Row] = []
    clock = parse_quantity(technology["clock"], FREQUENCY) if technology else 1.0
    for row, share in zip(totals.records(), dram_share, strict=True):
        if technology is None or row["energy_unit"] not in _JOULES:
            continue
        joules = row["energy"] * _JOULES[row["energy_unit"]]
        seconds = row["cycles"] / clock
        effective = over(2e-12 * row["effectual_macs"], joules)
        rows.append(
            {
                **{name: row[name] for name in _KEYS},
                "seconds": seconds,
                "power_w": over(joules, seconds),
                "edp_js": joules * seconds,
                "dram": share > 0,
                "tops_per_w": effective,
                "tops_per_w_dense": over(2e-12 * row["macs"], joules),
                "tops_per_w_on_chip": over(effective, 1 - share),
            }
        )
    return Columns.of_rows(rows, (*_KEYS, *_FIGURES))
