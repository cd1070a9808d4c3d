"""The tables of a run by layer and in total, the energies of several energy tables side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from hwsim.reports._layout import add_row, figures
from hwsim.reports._numbers import EnergyScale, percent, ratio
from hwsim.studies.columns import Columns, Row

if TYPE_CHECKING:
    from hwsim.studies import RunResult

#: Two schemes whose results agree in these columns and in the energies run alike.
_ALIKE = ("density", "cycles", "utilization", "beyond")
#: Stands beside a ratio of cycles that cannot be.
BEYOND = " !"
#: In place of a ratio that an energy table without bit widths cannot know.
UNKNOWN = "?"
UNKNOWN_MEANS = f"{UNKNOWN}: this table cannot tell, it has no bit widths"


def layers_report(result: RunResult) -> Table:
    """Lay out the layer table; schemes that run a layer alike share a row."""
    sums = result.sums
    scales = _scales(sums.layers)
    table = figures(
        ["layer\n M x K x N", "scheme"],
        ["den-\nsity", "cycles", "utili-\nzation", *_energy_headings(scales)],
        caption=_ratio_caption(result),
    )
    blind = sums.without_bits
    unknown = [
        name in blind and scheme != result.baseline and applied != "dense" and ratio_is == 1
        for name, scheme, applied, ratio_is in sums.layers.rows(
            "energy_table", "scheme", "scheme_applied", "energy_ratio"
        )
    ]
    impossible = set(sums.beyond_limits.rows("scheme", "layer"))
    by_layer: dict[str, list[Row]] = {}
    for row in _wide(sums.layers, unknown, "layer"):
        row["beyond"] = (row["scheme"], row["layer"]) in impossible
        by_layer.setdefault(row["layer"], []).append(row)
    for rows in by_layer.values():
        for line in _layer_lines(rows, scales):
            add_row(table, *line)
    return table


def _scales(rows: Columns) -> dict[str, EnergyScale]:
    """One scale for each energy table."""
    energies: dict[str, list[float]] = {}
    units: dict[str, str] = {}
    for name, energy, unit in rows.rows("energy_table", "energy", "energy_unit"):
        energies.setdefault(str(name), []).append(energy)
        units.setdefault(str(name), unit)
    return {name: EnergyScale.of(mine, units[name]) for name, mine in energies.items()}


def _energy_headings(scales: dict[str, EnergyScale]) -> list[str]:
    """Energies by table, then the ratio of the cycles, then those of the energies."""
    if len(scales) == 1:
        scale = next(iter(scales.values()))
        return [f"energy\n{scale.label}", "cycles\nratio", "energy\nratio"]
    energies = [f"energy\n{name}\n{scale.label}" for name, scale in scales.items()]
    return [*energies, "cycles\nratio", *(f"energy\nratio\n{name}" for name in scales)]


def _wide(rows: Columns, unknown: Sequence[bool], what: str) -> list[Row]:
    """Put the energies of every table, and their ratios as text, beside those of the first one."""
    wide: dict[tuple[str, str], Row] = {}
    for row, untold in zip(rows.records(), unknown, strict=True):
        name = row["energy_table"]
        mine = wide.setdefault((row["scheme"], row[what]), row)
        mine[f"energy {name}"] = row["energy"]
        mine[f"ratio {name}"] = UNKNOWN if untold else ratio(row["energy_ratio"])
    return list(wide.values())


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
    return f"{text}; {UNKNOWN_MEANS}" if any(result.sums.headline["cannot_tell"]) else text


def beyond_report(beyond: Columns, baseline: str | None) -> Iterator[RenderableType]:
    """Name the ratios of cycles that are beyond their limit; nothing where there is none."""
    if not len(beyond):
        return
    lines = [
        f"{row['scheme']}, {row['layer']}: {baseline} takes {row['cycles_ratio']:.4g} times the "
        f"cycles; at most {row['cycles_limit']:.4g} can be ({row['limit_from']})"
        for row in beyond.records()
    ]
    yield Text("\n".join([f"{BEYOND.strip()} beyond the limit:", *lines]), style="bold red")


def _layer_lines(rows: Sequence[Row], scales: dict[str, EnergyScale]) -> Iterator[list[str]]:
    """Yield a line for each distinct result; name and shape stand in the first two."""
    first = rows[0]
    shape = f" {first['M']}x{first['K']}x{first['N']}"
    titles = [first["layer"], shape if first["groups"] == 1 else f"{shape} x{first['groups']}"]
    same_in = [*_ALIKE, *(f"{what} {name}" for name in scales for what in ("energy", "ratio"))]
    alike: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        alike.setdefault(tuple(row[name] for name in same_in), []).append(row)
    results = list(alike.values())
    for number in range(max(len(titles), len(results))):
        title = titles[number] if number < len(titles) else ""
        if number >= len(results):
            yield [title]
            continue
        same = results[number]
        one = same[0]
        yield [
            title,
            "all" if len(same) == len(rows) > 1 else ", ".join(row["scheme"] for row in same),
            percent(one["density"]),
            f"{one['cycles']:,}",
            percent(one["utilization"]),
            *_energy_cells(one, scales),
        ]


def totals_report(result: RunResult) -> Table:
    """Lay out the sums over the network and over the layers that schemes change."""
    sums = result.sums
    scales = _scales(sums.totals)
    alone = len(scales) == 1  # by the side of another table there is no room for its static part
    energy, *ratios = _energy_headings(scales)
    static = ["of it\nstatic"] if alone else []
    numbers = ["MACs\nleft", "cycles", energy, *static, *ratios]
    table = figures(["total of"], numbers, caption=_ratio_caption(result))
    by_scope: dict[str, list[Row]] = {}
    for row in _wide(sums.totals, sums.headline["cannot_tell"], "scope"):
        by_scope.setdefault(row["scope"], []).append(row)
    for scope, rows in by_scope.items():
        add_row(table, f"{scope.removesuffix(' layers')} ({rows[0]['layers']})")
        for row in rows:
            first, *others = _energy_cells(row, scales)
            share = row["energy_static"] / row["energy"] if row["energy"] else 0.0
            add_row(
                table,
                f" {row['scheme']}",
                percent(row["density"]),
                f"{row['cycles']:,}",
                first,
                *([percent(share)] if alone else []),
                *others,
            )
    return table
