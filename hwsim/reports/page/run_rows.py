"""The tables that a page shows of a run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from hwsim.reports._numbers import interval, percent, ratio, significant
from hwsim.reports.page.tables import Cell, DataTable, number_cell, text_cell
from hwsim.studies.columns import Columns, distinct, sums

if TYPE_CHECKING:
    from hwsim.studies import RunResult

_LAYER_COLUMNS: Final = (
    *("layer", "scheme", "energy table", "applied", "M x K x N", "density [%]"),
    *("utilisation [%]", "cycles", "energy", "cycles ratio", "energy ratio"),
)


def layer_rows_table(layers: Columns) -> DataTable:
    """Lay out every layer under every scheme, by every energy table."""
    rows = []
    for row in layers.records():
        shape = f"{row['M']} x {row['K']} x {row['N']}"
        shape += f" x {row['groups']} groups" if row["groups"] > 1 else ""
        unit = row["energy_unit"] or "units of the table"
        rows.append(
            [
                text_cell(row["layer"]),
                text_cell(row["scheme"]),
                text_cell(row["energy_table"]),
                text_cell(row["scheme_applied"]),
                Cell(shape, row["M"] * row["K"] * row["N"], f"{shape}, {row['macs']:,} MACs"),
                number_cell(percent(row["density"]), row["density"], "of the weights"),
                number_cell(percent(row["utilization"]), row["utilization"], "of units x cycles"),
                number_cell(f"{row['cycles']:,}", row["cycles"], "cycles"),
                number_cell(significant(row["energy"]), row["energy"], unit),
                number_cell(ratio(row["cycles_ratio"]), row["cycles_ratio"], ""),
                number_cell(ratio(row["energy_ratio"]), row["energy_ratio"], ""),
            ]
        )
    units = distinct(layers.rows("energy_table", "energy_unit"))
    named = "; ".join(f"{table}: {unit or 'no unit stated'}" for table, unit in units)
    return DataTable(
        "Every layer", _LAYER_COLUMNS, rows, ("scheme", "energy table"), f"energy: {named}"
    )


def efficiency_rows(result: RunResult) -> DataTable | None:
    """Lay out time and power; None where clock or unit are not known."""
    found = [row for row in result.sums.efficiency.records() if row["scope"] == "network"]
    if not found:
        return None
    clock = result.manifest["arch"]["technology"]["clock"]
    rows = [
        [
            text_cell(row["scheme"]),
            number_cell(significant(1e3 * row["seconds"]), row["seconds"], "s"),
            number_cell(significant(1e3 * row["power_w"]), row["power_w"], "W"),
            number_cell(significant(1e6 * row["edp_js"]), row["edp_js"], "J s"),
            number_cell(significant(row["tops_per_w"]), row["tops_per_w"], "TOPS/W"),
            number_cell(significant(row["tops_per_w_dense"]), row["tops_per_w_dense"], "TOPS/W"),
            number_cell(
                significant(row["tops_per_w_on_chip"]), row["tops_per_w_on_chip"], "TOPS/W"
            ),
        ]
        for row in found
    ]
    heads = (
        "scheme",
        "time [ms]",
        "power [mW]",
        "energy x time [uJ s]",
        "TOPS/W",
        "TOPS/W, dense operations",
        "TOPS/W on chip",
    )
    dram = "with" if any(row["dram"] for row in found) else "without"
    return DataTable(
        f"Time and power by {result.manifest['energy']['table']}",
        heads,
        rows,
        note=f"one image at {clock}, {dram} DRAM but for the last column",
    )


def price_rows(result: RunResult) -> DataTable:
    """Lay out every price that decided anything: what one count costs, and its range."""
    title = f"Prices by {result.manifest['energy']['table']} and how far they may be off"
    actions = result.sums.actions
    if "price" not in actions:
        return DataTable(title, ("component",), [], note="saved by an older hwsim, without prices")
    spent = sums(actions.rows("unit", "component", "action", "operand", "entry"), actions["energy"])
    whole = sum(spent.values()) or math.inf
    priced: dict[Any, tuple[list[float], float, float]] = {}
    for row in actions.rows(
        "unit", "component", "action", "operand", "entry", "price", "low", "high"
    ):
        prices = priced.setdefault(row[:5], ([], row[6], row[7]))[0]
        if row[5] == row[5]:
            prices.append(row[5])
    unit = result.sums.layers["energy_unit"][0] or "units of the table"
    rows = []
    for key, energy in sorted(spent.items(), key=lambda item: -item[1]):
        if not energy > 0:
            continue
        prices, low, high = priced[key]
        between = ""
        if prices:
            least, most = min(prices), max(prices)
            between = (
                significant(least)
                if least == most
                else f"{significant(least)} to {significant(most)}"
            )
        unit_name, component, action, operand, entry = key
        rows.append(
            [
                text_cell(f"{unit_name} {component}"),
                text_cell(action),
                text_cell(operand),
                text_cell(entry),
                Cell(
                    between or "-",
                    prices[0] if prices else math.nan,
                    f"{between} {unit} a count" if between else "the table's own, see its file",
                ),
                Cell(interval(low, high), high, "factors that the literature gives"),
                number_cell(
                    percent(energy / whole, 2), energy / whole, "of the energy of all schemes"
                ),
            ]
        )
    heads = (
        "component",
        "action",
        "operand",
        "entry",
        f"price [{unit} a count]",
        "range in the literature [x]",
        "share [%]",
    )
    return DataTable(title, heads, rows)


def structure_rows(result: RunResult) -> DataTable | None:
    """Lay out the ways in which the machine may be built; None where there is one."""
    found = result.sums.by_structure
    if len(distinct(found["structure"])) < 2:
        return None
    rows = [
        [
            text_cell(row["structure"]),
            text_cell(row["energy_table"]),
            text_cell(row["scheme"]),
            number_cell(significant(row["energy"]), row["energy"], "in the table's unit"),
            number_cell(ratio(row["energy_ratio"]), row["energy_ratio"], ""),
            text_cell(interval(row["ratio_low"], row["ratio_high"])),
        ]
        for row in found.records()
        if row["scope"] == "network"
    ]
    heads = (
        "structure",
        "energy table",
        "scheme",
        "energy [table's unit]",
        "ratio",
        "interval over prices",
    )
    return DataTable(
        "Each way in which the machine may be built", heads, rows, ("scheme", "energy table")
    )
