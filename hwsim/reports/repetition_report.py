"""What repeated weights save, as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.table import Table

from hwsim.engines.repetition import AS_THEY_ARE, METHODS, TILED
from hwsim.reports._layout import add_row, facts, figures
from hwsim.reports._numbers import percent, significant

if TYPE_CHECKING:
    import pandas as pd

    from hwsim.studies.repetition import RepetitionResult

_HEADINGS: Final = {
    AS_THEY_ARE: "dot\nproducts",
    **{name: name.replace("-", "\n-") for name in TILED},
}
_MEANING: Final = (
    "multiplications and additions a multiply-accumulate of the dense layer, which takes 2; for "
    "each layer and method at the tile with the fewest, filters x positions (K: all of them); "
    "behind it the groups of a tile"
)
_TABLES: Final = "bits of the tables a weight, zeros skipped; with jumps: of ucnn"


def repetition_report(result: RepetitionResult) -> Group:
    """Lay out the network's totals, then a row for each layer, scheme by scheme.

    Parameters
    ----------
    result : RepetitionResult
        From :func:`hwsim.studies.repetition.count_repetition`.

    Returns
    -------
    rich.console.Group
        To print on a :class:`rich.console.Console`.
    """
    network = result.manifest["network"]
    header = facts(
        [
            ("network", network["name"]),
            ("operations", _MEANING),
            *(("note", note) for note in result.notes),
        ]
    )
    schemes = list(dict.fromkeys(result.totals["scheme"]))
    by_layer = [part for each in schemes for part in ("", _layers(result.layers, each))]
    return Group(header, "", _totals(result.totals), "", _sizes(result.totals), *by_layer)


def _totals(totals: pd.DataFrame) -> Table:
    table = figures(["operations", "zeros"], ["sparsity", *_HEADINGS.values()])
    for (scheme, zeros), rows in totals.groupby(["scheme", "zeros"], sort=False):
        of_method = rows.set_index("method")["arithmetic_per_mac"]
        cells = [significant(of_method[each], 4) if each in of_method else "-" for each in METHODS]
        add_row(table, scheme, zeros, percent(rows["sparsity"].iloc[0]), *cells)
    return table


def _sizes(totals: pd.DataFrame) -> Table:
    headings = ["ucnn\nwith jumps" if each == "ucnn-16" else _HEADINGS[each] for each in TILED]
    table = figures(["tables"], headings, _TABLES)
    skipped = totals[totals["zeros"] == "skipped"].set_index(["scheme", "method"])
    for scheme in dict.fromkeys(totals["scheme"]):
        rows = skipped.loc[scheme]
        bits = {name: rows["table_bits"].get(name) for name in TILED}
        bits["ucnn-16"] = rows["jump_table_bits"].get("ucnn")
        weights = rows["weights"].iloc[0]
        cells = ("-" if each is None else significant(each / weights, 4) for each in bits.values())
        add_row(table, scheme, *cells)
    return table


def _layers(layers: pd.DataFrame, scheme: str) -> Table:
    """Give the layers of a scheme, zeros skipped: operations, and below them the tile."""
    table = figures([f"{scheme}\nlayer, sparsity"], [*_HEADINGS.values()])
    chosen = layers[(layers["scheme"] == scheme) & (layers["zeros"] == "skipped")]
    for name, rows in chosen.groupby("layer", sort=False):
        of_method = {row["method"]: row for _, row in rows.iterrows()}
        counted = [of_method.get(method) for method in METHODS]
        add_row(table, name, *map(_operations, counted))
        sparsity = percent(rows["sparsity"].iloc[0])
        add_row(table, sparsity, *map(_tile, counted))
    return table


def _operations(row: Any) -> str:
    return "-" if row is None else significant(row["arithmetic_per_mac"], 4)


def _tile(row: Any) -> str:
    if row is None or not row["G"]:  # a product weight by weight has none
        return ""
    positions = "K" if row["T"] == row["reduction"] else row["T"]
    return f"{row['G']}x{positions} {row['groups_per_tile']:,.0f}"
