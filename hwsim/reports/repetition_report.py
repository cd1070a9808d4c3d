"""What repeated weights save, as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table

from hwsim.engines.repetition import AS_THEY_ARE, METHODS, TILED
from hwsim.reports._layout import add_row, facts, figures
from hwsim.reports._numbers import percent, significant

if TYPE_CHECKING:
    import pandas as pd

    from hwsim.studies.repetition import RepetitionResult

_WAYS = {"skipped": "skipped", "a level": "like others"}
_MEANING = (
    "operations: multiplications and additions a multiply-accumulate of the dense layer, which "
    "takes 2; at the tile (filters x positions) with the fewest, for each layer and method; behind "
    "it the groups of a tile"
)


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
            ("counted", _MEANING),
            *(("note", note) for note in result.notes),
        ]
    )
    schemes = list(dict.fromkeys(result.totals["scheme"]))
    by_layer = [part for each in schemes for part in ("", _layers(result.layers, each))]
    return Group(header, "", _totals(result.totals), *by_layer)


def _totals(totals: pd.DataFrame) -> Table:
    table = figures(["scheme", "zeros"], ["layers", "sparsity", *METHODS])
    for _, rows in totals.groupby(["scheme", "zeros"], sort=False):
        of_method = rows.set_index("method")["arithmetic_per_mac"]
        first = rows.iloc[0]
        cells = [significant(of_method[each], 4) if each in of_method else "-" for each in METHODS]
        sparsity, ways = percent(first["sparsity"]), _WAYS[first["zeros"]]
        add_row(table, first["scheme"], ways, first["layers"], sparsity, *cells)
    return table


def _layers(layers: pd.DataFrame, scheme: str) -> Table:
    """Give the layers of a scheme, zeros skipped: operations, tile and groups of a tile."""
    table = figures([f"{scheme}\nlayer"], ["sparsity", AS_THEY_ARE, *TILED])
    chosen = layers[(layers["scheme"] == scheme) & (layers["zeros"] == "skipped")]
    for name, rows in chosen.groupby("layer", sort=False):
        of_method = {row["method"]: row for _, row in rows.iterrows()}
        cells = [_cell(of_method.get(method)) for method in TILED]
        as_they_are = significant(of_method[AS_THEY_ARE]["arithmetic_per_mac"], 4)
        add_row(table, name, percent(rows["sparsity"].iloc[0]), as_they_are, *cells)
    return table


def _cell(row: Any) -> str:
    if row is None:
        return "-"
    groups = f"{row['groups_per_tile']:,.0f}"
    return f"{significant(row['arithmetic_per_mac'], 4)} {row['G']}x{row['T']} {groups:>5}"
