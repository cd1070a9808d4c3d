"""What a page shows of a run: everything derived from its tables and its manifest."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hwsim.errors import InputError
from hwsim.reports._numbers import EnergyScale, against, interval, percent, ratio, significant
from hwsim.reports._run_facts import header_facts, price_facts, scheme_facts
from hwsim.reports.figures.palette import scheme_looks
from hwsim.reports.figures.parts import parts_of
from hwsim.reports.page.bars import Bar, Bars, Segment, exact, in_groups, lengths, segments
from hwsim.reports.page.cycles_by_layer import beside, beside_words, cycles_by_layer
from hwsim.reports.page.energy_stacks import energy_stacks
from hwsim.reports.page.plane import Line, Mark, Plane
from hwsim.reports.page.run_notes import (
    assumed,
    not_counted,
    published_of,
    reproduction,
    warnings_of,
)
from hwsim.reports.page.run_rows import (
    efficiency_rows,
    layer_rows_table,
    price_rows,
    structure_rows,
)
from hwsim.reports.page.swatches import Swatches
from hwsim.reports.page.tables import DataTable
from hwsim.reports.roofline import roofline

if TYPE_CHECKING:
    from hwsim.studies import RunResult


@dataclass(frozen=True)
class Card:
    """A scheme's headline: ratios with their interval, and what they are of."""

    place: int
    scheme: str
    look: str
    scope: str
    energy: str
    energy_exact: str
    energy_between: str
    energy_ratio: str
    gain: str
    ratio_exact: str
    ratio_between: str
    whisker: tuple[float, float, float] | None
    cycles: str
    cycles_against: str
    cannot_tell: bool
    baseline: bool


@dataclass(frozen=True)
class TableView:
    """What one energy table says."""

    name: str
    label: str
    cards: list[Card]
    bars: list[Bars]
    by_layer: Bars
    efficiency: DataTable | None
    prices: DataTable
    facts: list[tuple[str, str]]


@dataclass(frozen=True)
class RunView:
    """What a page shows of a run."""

    title: str
    subtitle: str
    facts: list[tuple[str, str]]
    tables: list[TableView]
    cycles: Bars
    shares: list[Bars]
    roofline: Plane | None
    no_roofline: str
    layers: DataTable
    structures: DataTable | None
    not_counted: list[str]
    warnings: list[str]
    assumed: list[tuple[str, str]]
    published: list[tuple[str, str]]
    reproduce: list[tuple[str, str]]
    command: str | None


def run_view(result: RunResult, swatches: Swatches) -> RunView:
    """Collect what a page shows of a run.

    Parameters
    ----------
    result : RunResult
        From :func:`hwsim.run` or :func:`hwsim.studies.load_run`.
    swatches : Swatches
        Of the page.
    """
    each_table = [result.by_energy_table(name) for name in result.energy_tables]
    manifest = result.manifest
    network, arch = manifest["network"], manifest["arch"]
    plane, reason = None, ""
    try:
        plane = _roofline(each_table[0], swatches)
    except InputError as error:
        reason = str(error)
    return RunView(
        title=f"{network['name']} on {arch['name']}",
        subtitle=arch.get("title") or arch["name"],
        facts=[*header_facts(manifest), *scheme_facts(manifest)],
        tables=[_table_view(one, swatches) for one in each_table],
        cycles=cycles_by_layer(each_table[0], swatches),
        shares=_shares(each_table[0], swatches),
        roofline=plane,
        no_roofline=reason,
        layers=layer_rows_table(result.sums.layers),
        structures=structure_rows(result),
        not_counted=list(not_counted(manifest)),
        warnings=list(warnings_of(result)),
        assumed=list(assumed(manifest)),
        published=list(published_of(arch["name"])),
        reproduce=list(reproduction(manifest)),
        command=manifest.get("command"),
    )


def _table_view(result: RunResult, swatches: Swatches) -> TableView:
    return TableView(
        name=result.manifest["energy"]["table"],
        label=result.manifest["energy"]["label"],
        cards=list(_cards(result, swatches)),
        bars=energy_stacks(result.sums.actions, _unit(result), swatches),
        by_layer=_by_layer(result, swatches),
        efficiency=efficiency_rows(result),
        prices=price_rows(result),
        facts=list(price_facts(result.manifest)),
    )


def _unit(result: RunResult) -> str:
    return str(result.sums.layers["energy_unit"][0])


def _cards(result: RunResult, swatches: Swatches) -> Iterator[Card]:
    headline = result.sums.headline.records()
    totals = {(row["scheme"], row["scope"]): row for row in result.sums.totals.records()}
    scale = EnergyScale.of((row["energy"] for row in headline), _unit(result), below=1000)
    ends = [row[name] for row in headline for name in ("ratio_high", "energy_ratio")]
    most = max([1.0, *(end for end in ends if math.isfinite(end))]) * 1.05
    looks = scheme_looks(result.schemes)
    for place, row in enumerate(headline):
        total = totals[row["scheme"], row["scope"]]
        low, high, value = row["ratio_low"], row["ratio_high"], row["energy_ratio"]
        known = math.isfinite(low) and math.isfinite(high) and math.isfinite(value)
        yield Card(
            place=place,
            scheme=row["scheme"],
            look=swatches.name(looks[row["scheme"]]),
            scope=f"{row['scope']} ({total['layers']})",
            energy=f"{scale.show(row['energy'])} {scale.label}",
            energy_exact=f"{exact(row['energy'])} {row['energy_unit'] or 'units of the table'}",
            energy_between=interval(
                row["energy_low"] / scale.divisor, row["energy_high"] / scale.divisor
            ),
            energy_ratio="?" if row["cannot_tell"] else ratio(value),
            gain=against(value, "less", "more", "energy") if math.isfinite(value) else "",
            ratio_exact=exact(value),
            ratio_between=interval(low, high),
            whisker=(low / most, value / most, high / most) if known and low < high else None,
            cycles=exact(total["cycles"]),
            cycles_against=_against(total["cycles_ratio"]),
            cannot_tell=row["cannot_tell"],
            baseline=row["scheme"] == result.baseline,
        )


def _against(value: float) -> str:
    return against(value, "fewer", "more", "").strip() if math.isfinite(value) else ""


def _by_layer(result: RunResult, swatches: Swatches) -> Bars:
    parts = parts_of(result)
    looks = {name: swatches.name(look) for name, look in parts.looks.items()}
    rows = result.sums.layers.records()
    scale = EnergyScale.of((row["energy"] for row in rows), _unit(result), below=1000)
    bars = [
        Bar(
            row["layer"],
            row["scheme"],
            segments(parts.energy[row["scheme"], row["layer"]], looks, scale.label, scale.divisor),
            length,
            scale.show(row["energy"]),
            f"{exact(row['energy'])} {_unit(result)}".rstrip(),
            beside(result, row, "energy_ratio"),
        )
        for row, length in zip(rows, lengths(row["energy"] for row in rows), strict=True)
    ]
    legend = [(look, name) for name, look in looks.items()]
    return Bars("Energy by layer", scale.label, legend, in_groups(bars), beside_words(result))


def _shares(result: RunResult, swatches: Swatches) -> list[Bars]:
    """Density and utilisation: bars of 0 to 100 %, not scaled to the longest."""
    looks = {name: swatches.name(look) for name, look in scheme_looks(result.schemes).items()}
    rows = result.sums.layers.records()
    found = []
    for measure, title, what in (
        ("density", "Density of the weights by layer", "of the weights are not zero"),
        ("utilization", "Utilisation by layer", "of units x cycles multiply"),
    ):
        bars = [
            Bar(
                row["layer"],
                row["scheme"],
                [Segment(looks[row["scheme"]], 1.0, f"{percent(row[measure], 4)} {what}")],
                min(1.0, row[measure]),
                percent(row[measure]),
                f"{100 * row[measure]:.8g} % {what}",
            )
            for row in rows
        ]
        legend = [(look, name) for name, look in looks.items()]
        found.append(Bars(title, "%", legend, in_groups(bars), shares=False))
    return found


def _roofline(result: RunResult, swatches: Swatches) -> Plane:
    found = roofline(result)
    looks = scheme_looks(result.schemes)
    points = found.points.records()
    marks = [
        Mark(
            row["intensity"],
            row["macs_per_cycle"],
            swatches.name(looks[row["scheme"]]),
            looks[row["scheme"]].marker,
            f"{row['layer']}, {row['scheme']}: {exact(row['macs_per_cycle'])} MAC/cycle, "
            f"{exact(row['intensity'])} MAC/B, {exact(row['dram_read_bytes'])} B read from DRAM",
        )
        for row in points
    ]
    across = [row["intensity"] for row in points]
    lines = []
    peak = found.peak
    if across:
        left, right = min(across) / 1.2, max(across) * 1.2
        ridge = left
        if found.bandwidth is not None:
            top = peak if peak is not None else max(row["macs_per_cycle"] for row in points)
            ridge = top / found.bandwidth
            start = min(left, ridge)
            words = f"DRAM: {exact(found.bandwidth)} B/cycle"
            lines.append(Line([(start, start * found.bandwidth), (ridge, top)], "roof", "", words))
        if peak is not None:
            words = f"all units busy: {significant(peak)} MAC/cycle"
            lines.append(Line([(ridge, peak), (max(right, ridge), peak)], "roof", "", words))
    known = (
        "The slope is the bandwidth that the machine states for DRAM."
        if found.bandwidth is not None
        else "The machine states no bandwidth of DRAM, and its cycles know none."
    )
    left_out = (
        f" Without reads of DRAM, and so not shown: {len(found.left_out)}."
        if found.left_out
        else ""
    )
    counted = "A point a layer; only products with a weight that is not zero count."
    return Plane(
        "Roofline",
        "multiply-accumulates a byte read from DRAM [MAC/B]",
        "multiply-accumulates a cycle [MAC/cycle]",
        marks,
        lines,
        [(swatches.name(look), look.marker, name) for name, look in looks.items()],
        log=True,
        note=f"{counted} {known}{left_out}",
    )
