"""What a page shows of a study: curves, the front, where zeros pay off, every point."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hwsim.errors import InputError
from hwsim.reports._numbers import EnergyScale, percent, ratio, significant
from hwsim.reports.figures.curves import MOST_CURVES, Curve, curves_of, varied
from hwsim.reports.figures.palette import Look
from hwsim.reports.page.bars import Bar, Bars, Segment, exact, lengths
from hwsim.reports.page.plane import Line, Mark, Plane
from hwsim.reports.page.tables import Cell, DataTable, number_cell, text_cell
from hwsim.studies.break_even import break_even
from hwsim.studies.pareto import pareto_front

if TYPE_CHECKING:
    import pandas as pd

    from hwsim.reports.page.swatches import Swatches
    from hwsim.studies.study_result import StudyResult

_DASHES: Final = ("", "7 4", "2 4", "9 4 2 4", "1 6", "12 5", "4 2")
#: Rows of the table of layers that a page has room for; exports have all of them.
_MOST_ROWS: Final = 6000


@dataclass(frozen=True)
class PricedView:
    """What one energy table says of a study."""

    name: str
    planes: list[Plane]
    best: Bars
    break_even: DataTable | None
    points: DataTable


@dataclass(frozen=True)
class StudyView:
    """What a page shows of a study."""

    title: str
    subtitle: str
    facts: list[tuple[str, str]]
    tables: list[PricedView]
    layers: DataTable
    not_counted: list[str]
    warnings: list[str]
    published: list[tuple[str, str]]
    reproduce: list[tuple[str, str]]
    command: str | None
    spec: str


def study_view(result: StudyResult, swatches: Swatches) -> StudyView:
    """Collect what a page shows of a study.

    Parameters
    ----------
    result : StudyResult
        From :func:`hwsim.run_study`.
    swatches : Swatches
        Of the page.

    Raises
    ------
    InputError
        If no point is done and priced.
    """
    from hwsim.reports.page.run_notes import published_of

    entry, provenance = result.entry, result.entry.provenance
    names = [str(name) for name in result.points["energy_table"].dropna().unique()]
    done = result.points[result.points["energy"].notna()]
    if done.empty:
        raise InputError(
            f"study {entry.name!r}: no point is done and priced yet; run it first, or give the "
            "folder that hwsim run -o wrote"
        )
    machines = provenance.get("machines", [])
    specs = dict.fromkeys(str(each["arch"]).partition(" (")[0] for each in machines)
    return StudyView(
        title=entry.name,
        subtitle=f"{entry.points} points, {entry.done} of {entry.tasks} tasks done",
        facts=list(_facts(result)),
        tables=[_priced(result, done[done["energy_table"] == name], swatches) for name in names],
        layers=_layers(result),
        not_counted=list(_not_counted(provenance)),
        warnings=[*result.failures, *_missing(result)],
        published=[pair for spec in specs for pair in published_of(spec)],
        reproduce=list(_reproduce(result)),
        command=provenance.get("command"),
        spec=json.dumps(dict(entry.spec), indent=1, ensure_ascii=False),
    )


def _priced(result: StudyResult, points: pd.DataFrame, swatches: Swatches) -> PricedView:
    names = varied(result, points)
    planes = [_pareto(points, names, swatches)]
    crossings = None
    if points["sparsity"].notna().any():
        planes = [
            _against_sparsity(points, names, measure, swatches) for measure in ("energy", "cycles")
        ] + planes
        crossings = _break_even(result, str(points["energy_table"].iloc[0]), names)
    return PricedView(
        str(points["energy_table"].iloc[0]),
        planes,
        _best(points, names, swatches),
        crossings,
        _points(points, names),
    )


def _scale(points: pd.DataFrame, measure: str) -> tuple[float, str]:
    """Divisor and unit of a measure."""
    if measure == "energy":
        scale = EnergyScale.of(points["energy"], points["energy_unit"].iloc[0], below=1000)
        return scale.divisor, scale.label
    return (1e6, "million cycles") if points["cycles"].max() >= 1e7 else (1.0, "cycles")


def _look(curve: Curve, swatches: Swatches) -> str:
    return swatches.name(Look(curve.colour))


def _legend(curves: Sequence[Curve], swatches: Swatches) -> list[tuple[str, str, str]]:
    return [(_look(curve, swatches), curve.marker, curve.label) for curve in curves]


def _left_out(curves: Sequence[Curve]) -> str:
    more = len(curves) - MOST_CURVES
    return f"{more} more curves are in the table of points." if more > 0 else ""


def _against_sparsity(
    points: pd.DataFrame, names: Sequence[str], measure: str, swatches: Swatches
) -> Plane:
    divisor, unit = _scale(points, measure)
    pruned, level = (points[points["sparsity"].notna() == some] for some in (True, False))
    curves, flat = curves_of(pruned, names), curves_of(level, names)
    marks, lines = [], []
    dashes = list(dict.fromkeys(curve.marker for curve in curves))
    for curve in curves[:MOST_CURVES]:
        mean = curve.rows.groupby("sparsity")[measure].mean() / divisor
        levels = [(float(x), float(y)) for x, y in zip(mean.index, mean, strict=True)]
        look = _look(curve, swatches)
        stroke = _DASHES[dashes.index(curve.marker) % len(_DASHES)]
        lines.append(Line(levels, look, stroke))
        marks += [
            Mark(x, y, look, curve.marker, f"{curve.label}, {x:.1%} zeros: {exact(y)} {unit}")
            for x, y in levels
        ]
    for number, each in enumerate(flat[:MOST_CURVES]):
        height = each.rows[measure].mean() / divisor
        words = f"{each.label}: {exact(height)} {unit}"
        lines.append(
            Line([(0, height), (1, height)], "rule", _DASHES[number % len(_DASHES)], words)
        )
    return Plane(
        f"{measure.capitalize()} against sparsity",
        "sparsity of the pruned layers [% zeros]",
        f"{measure} [{unit}]",
        marks,
        lines,
        _legend(curves[:MOST_CURVES], swatches),
        percent=True,
        note=f"Seeds are averaged. Level lines have no sparsity. {_left_out(curves)}".strip(),
    )


def _pareto(points: pd.DataFrame, names: Sequence[str], swatches: Swatches) -> Plane:
    energy, energy_unit = _scale(points, "energy")
    cycles, cycles_unit = _scale(points, "cycles")
    front = pareto_front(points[["cycles", "energy"]].to_numpy(float))
    curves = curves_of(points, names)
    marks = [
        Mark(
            row["cycles"] / cycles,
            row["energy"] / energy,
            _look(curve, swatches),
            curve.marker,
            f"{curve.label}{_level(row)}: {exact(row['energy'] / energy)} {energy_unit}, "
            f"{int(row['cycles']):,} cycles",
        )
        for curve in curves[:MOST_CURVES]
        for _, row in curve.rows.iterrows()
    ]
    best = points[front].sort_values("cycles")
    stairs: list[tuple[float, float]] = []
    for x, y in zip(best["cycles"] / cycles, best["energy"] / energy, strict=True):
        if stairs:
            stairs.append((x, stairs[-1][1]))
        stairs.append((x, y))
    joined = f"The line joins the {len(best)} that no other point beats in both."
    return Plane(
        "Energy against cycles",
        f"cycles [{cycles_unit}]" if cycles > 1 else "cycles",
        f"energy [{energy_unit}]",
        marks,
        [Line(stairs, "roof")],
        _legend(curves[:MOST_CURVES], swatches),
        note=f"{joined} {_left_out(curves)}".strip(),
    )


def _level(row: Any) -> str:
    return "" if row["sparsity"] != row["sparsity"] else f", {row['sparsity']:.1%} zeros"


def _best(points: pd.DataFrame, names: Sequence[str], swatches: Swatches) -> Bars:
    """Show the point with the least energy of each kind, one below the other."""
    divisor, unit = _scale(points, "energy")
    curves = curves_of(points, names)
    best = [curve.rows.sort_values("energy", kind="stable").iloc[0] for curve in curves]
    rows = [
        Bar(
            "",
            f"{curve.label}{_level(row)}",
            [Segment(_look(curve, swatches), 1.0, f"{exact(row['energy'])} {row['energy_unit']}")],
            length,
            f"{significant(row['energy'] / divisor)} {unit}",
            f"{exact(row['energy'])} {row['energy_unit']}",
            ratio(row["energy_ratio"]),
        )
        for curve, row, length in zip(
            curves, best, lengths(row["energy"] for row in best), strict=True
        )
    ]
    return Bars(
        "Machines and schemes side by side, at the least energy of each",
        unit,
        [],
        rows,
        "baseline / this",
        "The baseline of each is on its own machine.",
        shares=False,
    )


def _break_even(result: StudyResult, table: str, names: Sequence[str]) -> DataTable:
    found = break_even(result)
    found = found[found["energy_table"] == table]
    rows = [
        [
            *(text_cell(_plain(row[name])) for name in names),
            text_cell(row["measure"]),
            text_cell(row["pays_off"]),
            Cell(
                percent(row["sparsity"]),
                float(row["sparsity"]),
                f"{100 * row['sparsity']:.8g} % zeros"
                if row["sparsity"] == row["sparsity"]
                else "",
            ),
        ]
        for _, row in found.iterrows()
    ]
    heads = (*names, "measure", "pays off", "sparsity [% zeros]")
    note = "from which sparsity on less is needed than by the baseline on the same machine"
    return DataTable(f"Break-even sparsity by {table}", heads, rows, ("measure",), note)


def _points(points: pd.DataFrame, names: Sequence[str]) -> DataTable:
    unit = points["energy_unit"].iloc[0] or "units of the table"
    front = pareto_front(points[["cycles", "energy"]].to_numpy(float))
    rows = [
        [
            number_cell(str(row["point"]), row["point"], ""),
            *(text_cell(_plain(row[name])) for name in names),
            _share_cell(row["sparsity"], "zeros"),
            _share_cell(row["density"], "of the MACs have a weight"),
            number_cell(f"{int(row['cycles']):,}", row["cycles"], "cycles"),
            number_cell(significant(row["energy"]), row["energy"], unit),
            number_cell(ratio(row["cycles_ratio"]), row["cycles_ratio"], ""),
            number_cell(ratio(row["energy_ratio"]), row["energy_ratio"], ""),
            text_cell("front" if best else ""),
        ]
        for (_, row), best in zip(points.iterrows(), front, strict=True)
    ]
    heads = (
        *("point", *names, "sparsity [%]", "density [%]", "cycles", f"energy [{unit}]"),
        *("cycles ratio", "energy ratio", "no other beats it"),
    )
    return DataTable(
        f"Every point by {points['energy_table'].iloc[0]}",
        heads,
        rows,
        tuple(names),
        "ratio: baseline / point, above 1 the point needs less",
    )


def _layers(result: StudyResult) -> DataTable:
    names = varied(result, result.points)
    table = result.layers
    rows = []
    for _, row in table.head(_MOST_ROWS).iterrows():
        rows.append(
            [
                number_cell(str(row["point"]), row["point"], ""),
                text_cell(row["layer"]),
                text_cell(_plain(row["energy_table"])),
                *(text_cell(_plain(row[name])) for name in names),
                _share_cell(row["sparsity"], "zeros"),
                _share_cell(row["density"], "of the weights"),
                _share_cell(row["utilization"], "of units x cycles"),
                number_cell(significant(row["cycles"], 9), row["cycles"], "cycles"),
                number_cell(significant(row["energy"]), row["energy"], _plain(row["energy_unit"])),
                number_cell(ratio(row["energy_ratio"]), row["energy_ratio"], ""),
                text_cell(row["state"]),
            ]
        )
    heads = (
        *("point", "layer", "energy table", *names, "sparsity [%]", "density [%]"),
        *("utilisation [%]", "cycles", "energy [table's unit]", "energy ratio", "state"),
    )
    more = len(table) - _MOST_ROWS
    note = f"{more} more rows: hwsim study export has all of them" if more > 0 else ""
    return DataTable("Every layer", heads, rows, ("energy table",), note)


def _share_cell(value: float, what: str) -> Cell:
    known = value == value
    return Cell(percent(value), float(value), f"{100 * value:.8g} % {what}" if known else "")


def _plain(value: Any) -> str:
    if value is None or value != value:
        return "-"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _facts(result: StudyResult) -> Iterator[tuple[str, str]]:
    provenance = result.entry.provenance
    for each in provenance.get("networks", []):
        yield "network", f"{each['name']} ({each['file'] or each['provenance'] or 'made'})"
        for note in each.get("notes", []):
            yield "", note
    for each in provenance.get("machines", []):
        yield "machine", f"{each['arch']}: {each['source'] or 'source not stated'}"
    for each in provenance.get("energy_tables", []):
        yield "prices", f"{each['label']}: {each['provenance']}"


def _not_counted(provenance: Any) -> Iterator[str]:
    from hwsim.networks.uncounted import from_described, in_one_line

    for each in provenance.get("networks", []):
        if uncounted := from_described(each.get("uncounted", ())):
            yield f"{each['name']}: {in_one_line(uncounted)}"
    yield "components and operands: a store keeps sums; the folder of hwsim run -o has them"
    yield "one image: other images of a batch, and what the host does, are not in these figures"


def _missing(result: StudyResult) -> Iterator[str]:
    if result.missing:
        yield f"{result.missing} layers of points are not evaluated yet; run it again"


def _reproduce(result: StudyResult) -> Iterator[tuple[str, str]]:
    provenance = result.entry.provenance
    for each in provenance.get("networks", []):
        yield "weights", f"{each['file'] or each['name']}, SHA-256 {each['sha256'] or 'not known'}"
    yield "versions", f"hwsim {provenance.get('hwsim')}, Python {provenance.get('python')}"
    yield "last run", result.entry.updated
