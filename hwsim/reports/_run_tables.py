"""The tables of a run by layer and in total, the energies of several energy tables side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from hwsim.reports._layout import add_row, figures
from hwsim.reports._numbers import EnergyScale, percent, ratio
from hwsim.studies.headline import tables_without_bits

if TYPE_CHECKING:
    import pandas as pd

    from hwsim.studies import RunResult

#: Two schemes whose results agree in these columns and in the energies run alike.
_ALIKE = ["density", "cycles", "utilization", "beyond"]
#: Stands beside a ratio of cycles that cannot be.
BEYOND = " !"
#: In place of a ratio that an energy table without bit widths cannot know.
UNKNOWN = "?"
UNKNOWN_MEANS = f"{UNKNOWN}: this table cannot tell, it has no bit widths"


def layers_report(result: RunResult) -> Table:
    """Lay out the layer table; schemes that run a layer alike share a row."""
    scales = _scales(result, result.layers)
    table = figures(
        ["layer\n M x K x N", "scheme"],
        ["den-\nsity", "cycles", "utili-\nzation", *_energy_headings(scales)],
        caption=_ratio_caption(result),
    )
    unknown = (
        result.layers["energy_table"].isin(tables_without_bits(result.table))
        & (result.layers["scheme"] != result.baseline)
        & (result.layers["scheme_applied"] != "dense")
        & (result.layers["energy_ratio"] == 1)
    )
    impossible = set(
        zip(result.beyond_limits["scheme"], result.beyond_limits["layer"], strict=True)
    )
    wide = _wide(result.layers, unknown)
    wide["beyond"] = [
        pair in impossible for pair in zip(wide["scheme"], wide["layer"], strict=True)
    ]
    for _, rows in wide.groupby("layer", sort=False):
        for line in _layer_lines(rows, scales):
            add_row(table, *line)
    return table


def _scales(result: RunResult, rows: pd.DataFrame) -> dict[str, EnergyScale]:
    """One scale for each energy table."""
    return {
        str(name): EnergyScale.of(mine["energy"], mine["energy_unit"].iloc[0])
        for name, mine in rows.groupby("energy_table", sort=False)
    }


def _energy_headings(scales: dict[str, EnergyScale]) -> list[str]:
    """Energies by table, then the ratio of the cycles, then those of the energies."""
    if len(scales) == 1:
        scale = next(iter(scales.values()))
        return [f"energy\n{scale.label}", "cycles\nratio", "energy\nratio"]
    energies = [f"energy\n{name}\n{scale.label}" for name, scale in scales.items()]
    return [*energies, "cycles\nratio", *(f"energy\nratio\n{name}" for name in scales)]


def _wide(rows: pd.DataFrame, unknown: pd.Series[bool]) -> pd.DataFrame:
    """Put the energies of every table, and their ratios as text, beside those of the first one."""
    rows = rows.assign(shown=rows["energy_ratio"].map(ratio).where(~unknown, UNKNOWN))
    keys = [name for name in ("scheme", "layer", "scope") if name in rows]
    tables = list(rows["energy_table"].unique())
    wide: pd.DataFrame = rows[rows["energy_table"] == tables[0]].drop(columns="shown")
    for name in tables:
        mine = rows.loc[rows["energy_table"] == name, [*keys, "energy", "shown"]]
        names = {"energy": f"energy {name}", "shown": f"ratio {name}"}
        wide = wide.merge(mine.rename(columns=names), on=keys, validate="one_to_one")
    return wide


def _energy_cells(row: Any, scales: dict[str, EnergyScale]) -> list[str]:
    return [
        *(scale.show(row[f"energy {name}"]) for name, scale in scales.items()),
        ratio(row["cycles_ratio"]) + (BEYOND if row.get("beyond", False) else ""),
        *(row[f"ratio {name}"] for name in scales),
    ]


def _ratio_caption(result: RunResult) -> str:
    if result.baseline is None:
        return "No ratios: they need the dense scheme, add --scheme dense."
    text = f"ratio: {result.baseline} / scheme, above 1 the scheme needs less"
    return f"{text}; {UNKNOWN_MEANS}" if result.headline["cannot_tell"].any() else text


def beyond_report(beyond: pd.DataFrame, baseline: str | None) -> Iterator[RenderableType]:
    """Name the ratios of cycles that are beyond their limit; nothing where there is none."""
    if beyond.empty:
        return
    lines = [
        f"{row['scheme']}, {row['layer']}: {baseline} takes {row['cycles_ratio']:.4g} times the "
        f"cycles; at most {row['cycles_limit']:.4g} can be ({row['limit_from']})"
        for _, row in beyond.iterrows()
    ]
    yield Text("\n".join([f"{BEYOND.strip()} beyond the limit:", *lines]), style="bold red")


def _layer_lines(rows: pd.DataFrame, scales: dict[str, EnergyScale]) -> Iterator[list[str]]:
    """Yield a line for each distinct result; name and shape stand in the first two."""
    first = rows.iloc[0]
    shape = f" {first['M']}x{first['K']}x{first['N']}"
    titles = [first["layer"], shape if first["groups"] == 1 else f"{shape} x{first['groups']}"]
    same_in = [*_ALIKE, *(f"{what} {name}" for name in scales for what in ("energy", "ratio"))]
    alike = [same for _, same in rows.groupby(same_in, sort=False)]
    for number in range(max(len(titles), len(alike))):
        title = titles[number] if number < len(titles) else ""
        if number >= len(alike):
            yield [title]
            continue
        same = alike[number]
        one = same.iloc[0]
        yield [
            title,
            "all" if len(same) == len(rows) > 1 else ", ".join(same["scheme"]),
            percent(one["density"]),
            f"{one['cycles']:,}",
            percent(one["utilization"]),
            *_energy_cells(one, scales),
        ]


def totals_report(result: RunResult) -> Table:
    """Lay out the sums over the network and over the layers that schemes change."""
    scales = _scales(result, result.totals)
    alone = len(scales) == 1  # by the side of another table there is no room for its static part
    energy, *ratios = _energy_headings(scales)
    static = ["of it\nstatic"] if alone else []
    table = figures(["total of", "scheme"], ["MACs\nleft", "cycles", energy, *static, *ratios])
    for scope, rows in _wide(result.totals, result.headline["cannot_tell"]).groupby(
        "scope", sort=False
    ):
        for number, (_, row) in enumerate(rows.iterrows()):
            first, *others = _energy_cells(row, scales)
            share = row["energy_static"] / row["energy"] if row["energy"] else 0.0
            add_row(
                table,
                f"{scope} ({row['layers']})" if number == 0 else "",
                row["scheme"],
                percent(row["density"]),
                f"{row['cycles']:,}",
                first,
                *([percent(share)] if alone else []),
                *others,
            )
    return table
