"""What a page shows of a sweep: its curves, from where on zeros pay off, every level and layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hwsim.reports._numbers import EnergyScale, percent, ratio, significant
from hwsim.reports._run_facts import header_facts, price_facts
from hwsim.reports.figures.palette import MEASURE_COLOURS, OTHER_COLOUR, Look
from hwsim.reports.page.bars import Bar, Bars, Segment, exact, lengths
from hwsim.reports.page.plane import Line, Mark, Plane
from hwsim.reports.page.priced_view import PricedView
from hwsim.reports.page.run_notes import (
    assumed,
    beyond_limits_of,
    idle_layers,
    not_counted,
    published_of,
    reproduction,
)
from hwsim.reports.page.run_rows import layer_rows_table
from hwsim.reports.page.tables import Cell, DataTable, number_cell, text_cell
from hwsim.studies.break_even import MEASURES, crossing
from hwsim.studies.columns import Columns

if TYPE_CHECKING:
    from hwsim.reports.page.swatches import Swatches
    from hwsim.studies import SweepResult
    from hwsim.studies.columns import Row

_PRUNED: Final = ("", "pruned layers")
_WHOLE: Final = ("network_", "whole network")
_MARKERS: Final = {"energy": "o", "cycles": "s"}
_DASHES: Final = {"energy": "", "cycles": "7 4"}


@dataclass(frozen=True)
class SweepView:
    """What a page shows of a sweep."""

    title: str
    subtitle: str
    facts: list[tuple[str, str]]
    tables: list[PricedView]
    layers: DataTable
    not_counted: list[str]
    warnings: list[str]
    assumed: list[tuple[str, str]]
    published: list[tuple[str, str]]
    reproduce: list[tuple[str, str]]
    command: str | None


def sweep_view(result: SweepResult, swatches: Swatches) -> SweepView:
    """Collect what a page shows of a sweep.

    Parameters
    ----------
    result : SweepResult
        From :func:`hwsim.sweep` or :func:`hwsim.studies.load_sweep`.
    swatches : Swatches
        Of the page.
    """
    manifest = result.manifest
    network, arch, settings = manifest["network"], manifest["arch"], manifest["sweep"]
    levels = Columns.of(result.table).records()
    scopes = [_WHOLE] if result.prunes_everything else [_PRUNED, _WHOLE]
    table = PricedView(
        manifest["energy"]["label"],
        [_headline(levels, *scope, measure, swatches) for scope in scopes for measure in MEASURES],
        [_against_sparsity(levels, *scope, swatches) for scope in scopes],
        [],
        _break_even(levels, scopes),
        _levels(levels, scopes),
    )
    return SweepView(
        title=f"{network['name']} on {arch['name']}, pruned",
        subtitle=f"{settings['method']} zeros, seed {settings['seed']}",
        facts=[*header_facts(manifest), *price_facts(manifest)],
        tables=[table],
        layers=layer_rows_table(Columns.of(result.layers)),
        not_counted=list(_not_counted(result)),
        warnings=[*idle_layers(manifest), *beyond_limits_of(Columns.of(result.beyond_limits))],
        assumed=list(assumed(manifest)),
        published=list(published_of(arch["name"])),
        reproduce=list(reproduction(manifest)),
        command=manifest.get("command"),
    )


def _headline(levels: list[Row], prefix: str, scope: str, measure: str, swatches: Swatches) -> Bars:
    """Show what each level needs, below the dense network."""
    name = f"{prefix}{measure}"
    unit = levels[0]["energy_unit"] or "units of the table" if measure == "energy" else "cycles"
    dense = levels[0][name] * levels[0][f"{name}_ratio"]
    rows = [("dense", OTHER_COLOUR, dense, "")]
    rows += [
        (
            f"{percent(row['sparsity'])} zeros",
            MEASURE_COLOURS[measure],
            row[name],
            ratio(row[f"{name}_ratio"]),
        )
        for row in levels
    ]
    scale = EnergyScale.of((row[2] for row in rows), levels[0]["energy_unit"], below=1000)
    divisor, label = (scale.divisor, scale.label) if measure == "energy" else (1, "cycles")
    bars = [
        Bar(
            "",
            level,
            [Segment(swatches.name(Look(colour)), 1.0, f"{exact(value)} {unit}")],
            length,
            f"{exact(value) if measure == 'cycles' else significant(value / divisor)} {label}",
            f"{exact(value)} {unit}",
            beside,
        )
        for (level, colour, value, beside), length in zip(
            rows, lengths(row[2] for row in rows), strict=True
        )
    ]
    return Bars(
        f"{measure.capitalize()} of the {scope}", label, [], bars, "dense / this", shares=False
    )


def _against_sparsity(levels: list[Row], prefix: str, scope: str, swatches: Swatches) -> Plane:
    marks, lines = [], [Line([(0.0, 1.0), (1.0, 0.0)], "rule", "2 4", "share of weights left")]
    legend = []
    for measure in MEASURES:
        look = swatches.name(Look(MEASURE_COLOURS[measure]))
        points = [
            (row["sparsity"], 1 / row[f"{prefix}{measure}_ratio"], row[f"{prefix}{measure}_ratio"])
            for row in levels
        ]
        lines.append(Line([(x, y) for x, y, _ in points], look, _DASHES[measure]))
        marks += [
            Mark(
                x,
                y,
                look,
                _MARKERS[measure],
                f"{measure}, {percent(x)} zeros: {exact(y)} of dense, dense / this {exact(times)}",
            )
            for x, y, times in points
        ]
        legend.append((look, _MARKERS[measure], measure))
    return Plane(
        f"{scope.capitalize()}, relative to dense",
        "sparsity of the pruned layers [% zeros]",
        "relative to dense [1]",
        marks,
        lines,
        legend,
        percent=True,
        note="The dotted line is the share of the weights that is left.",
    )


def _break_even(levels: list[Row], scopes: list[tuple[str, str]]) -> DataTable:
    rows = []
    for prefix, scope in scopes:
        for measure in MEASURES:
            pays, sparsity = crossing(
                [row["sparsity"] for row in levels],
                [1 / row[f"{prefix}{measure}_ratio"] for row in levels],
                1.0,
            )
            words = f"{100 * sparsity:.8g} % zeros" if sparsity == sparsity else ""
            rows.append(
                [
                    text_cell(scope),
                    text_cell(measure),
                    text_cell(pays),
                    Cell(percent(sparsity), sparsity, words),
                ]
            )
    heads = ("of", "measure", "pays off", "sparsity [% zeros]")
    note = "from which sparsity on no more is needed than by the dense network on the same machine"
    return DataTable("Break-even sparsity", heads, rows, note=note)


def _levels(levels: list[Row], scopes: list[tuple[str, str]]) -> DataTable:
    unit = levels[0]["energy_unit"] or "units of the table"
    heads = ["sparsity [%]", "density [%]"]
    for _, scope in scopes:
        heads += [f"{scope}: cycles", f"energy [{unit}]", "cycles ratio", "energy ratio"]
    rows = []
    for row in levels:
        cells = [
            _share(row["sparsity"], "zeros of the pruned layers"),
            _share(row["density"], "of the MACs of the pruned layers have a weight"),
        ]
        for prefix, _ in scopes:
            cycles, energy = row[f"{prefix}cycles"], row[f"{prefix}energy"]
            cells += [
                number_cell(f"{int(cycles):,}", cycles, "cycles"),
                number_cell(significant(energy), energy, unit),
                *(
                    number_cell(ratio(row[f"{prefix}{name}"]), row[f"{prefix}{name}"], "")
                    for name in ("cycles_ratio", "energy_ratio")
                ),
            ]
        rows.append(cells)
    return DataTable("Every level", heads, rows, note="ratio: dense / pruned")


def _share(value: float, what: str) -> Cell:
    return Cell(percent(value), float(value), f"{100 * value:.8g} % {what}")


def _not_counted(result: SweepResult) -> Iterator[str]:
    yield from not_counted(result.manifest)
    yield "components and operands: the folder of a sweep has sums; that of hwsim run -o has them"
