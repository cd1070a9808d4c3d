"""What a run comes to: energies and ratios with their intervals, and each gain in a sentence."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from hwsim.reports._layout import add_row, figures
from hwsim.reports._numbers import EnergyScale, against, interval, percent, ratio
from hwsim.reports._run_tables import UNKNOWN, UNKNOWN_MEANS
from hwsim.studies.columns import Row, distinct

if TYPE_CHECKING:
    from hwsim.studies import RunResult


def headline_report(result: RunResult) -> Iterator[Table]:
    """Lay out each energy table that knows bits; ratios by the others follow beside the first."""
    sums = result.sums
    rows = sums.headline.with_columns(layers=sums.totals["layers"]).records()
    others = sums.without_bits
    blind = [row for row in rows if row["energy_table"] in others]
    for name in result.energy_tables:
        if name not in others:
            mine = [row for row in rows if row["energy_table"] == name]
            yield _of_table(result, mine, blind)
            blind = []


def _of_table(result: RunResult, rows: Sequence[Row], blind: Sequence[Row]) -> Table:
    energies = [_or(row["energy_high"], row["energy"]) for row in rows]
    scale = EnergyScale.of(energies, rows[0]["energy_unit"], below=1000)
    others = distinct(row["energy_table"] for row in blind)
    known = any(not math.isnan(row["unused_share"]) for row in rows)
    reads = ["unused\nreads"] if known else []
    table = figures(
        ["one image"],
        [
            *(f"energy\n{scale.label}", "\ninterval", "of it\nDRAM", "of it\nweights", *reads),
            *("energy\nratio", "\ninterval"),
            *(f"ratio\n{other}" for other in others),
        ],
        caption="\n".join(_caption(result, rows, blind)),
    )
    by_others = {(row["energy_table"], row["scheme"], row["scope"]): row for row in blind}
    for scope in distinct(row["scope"] for row in rows):
        scoped = [row for row in rows if row["scope"] == scope]
        first = str(scope).removesuffix(" layers")
        add_row(table, f"{first} ({scoped[0]['layers']})")
        for row in scoped:
            same = row["scheme"] == result.baseline
            add_row(
                table,
                f" {row['scheme']}",
                scale.show(row["energy"]),
                interval(row["energy_low"] / scale.divisor, row["energy_high"] / scale.divisor),
                percent(row["dram_share"]),
                percent(row["weights_share"]),
                *([percent(row["unused_share"])] if reads else []),
                ratio(row["energy_ratio"]),
                "-" if same else interval(row["ratio_low"], row["ratio_high"]),
                *(_by_other(by_others[other, row["scheme"], scope]) for other in others),
            )
    return table


def _or(value: float, other: float) -> float:
    return other if math.isnan(value) else value


def _by_other(row: Any) -> str:
    return UNKNOWN if row["cannot_tell"] else ratio(row["energy_ratio"])


def _caption(result: RunResult, rows: Sequence[Row], blind: Sequence[Row]) -> Iterator[str]:
    ways = int(rows[0]["structures"])
    by = f"energy by {rows[0]['energy_table']}"
    if any(not math.isnan(row["energy_low"]) for row in rows):
        built = f" and {ways} structures of the machine" if ways > 1 else ""
        by += f"; interval: all prices in the literature{built}, worst together"
    yield by
    if any(row["unused_share"] > 0 for row in rows):
        yield "unused reads: of activations that no multiplier waits for"
    for other in distinct(row["energy_table"] for row in blind):
        yield f"{other}: {result.by_energy_table(str(other)).manifest['energy']['label']}"
    if any(row["cannot_tell"] for row in blind):
        yield UNKNOWN_MEANS


def gains(result: RunResult) -> Text:
    """Say in a sentence for each scheme what it gains by the one energy table of the result."""
    if result.baseline is None:
        return Text("")
    sums = result.sums
    rows = sums.headline.with_columns(cycles_ratio=sums.totals["cycles_ratio"]).records()
    whose = f" ({result.manifest['energy']['label']})" if result.several else ""
    lines = []
    for scheme in result.schemes:
        if scheme != result.baseline:
            mine = [row for row in rows if row["scheme"] == scheme]
            lines.append(f"{scheme} against {result.baseline}: {_gain(mine)}{whose}")
    return Text("\n".join(lines), style="bold")


def _gain(scopes: list[Any]) -> str:
    if all(row["cannot_tell"] for row in scopes):
        cycles = "; ".join(dict.fromkeys(_cycles(row) for row in scopes))
        return f"this table cannot tell, it has no bit widths; {cycles}"
    if all(row["energy_ratio"] == 1 and row["cycles_ratio"] == 1 for row in scopes):
        return "the same energy and cycles"
    return "; ".join(f"{_energy(row)} and {_cycles(row)} over the {row['scope']}" for row in scopes)


def _energy(row: Any) -> str:
    if row["cannot_tell"]:
        return "energy that this table cannot tell"
    text = against(row["energy_ratio"], "less", "more", "energy")
    low, high = row["ratio_low"], row["ratio_high"]
    if not math.isfinite(low) or low == high:
        return text
    if row["energy_ratio"] < 1:
        low, high = 1 / high, 1 / low
    return f"{text} ({low:.2f}x to {high:.2f}x{', either way' if low < 1 < high else ''})"


def _cycles(row: Any) -> str:
    return against(row["cycles_ratio"], "fewer", "more", "cycles")
