"""What a page shows of a study: curves, the front, where zeros pay off, every point."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from hwsim.errors import InputError
from hwsim.reports._numbers import EnergyScale, count, percent, ratio, significant
from hwsim.reports.figures.curves import MOST_CURVES, Curve, curves_of, swept_and_level, varied
from hwsim.reports.figures.palette import Look
from hwsim.reports.page.bars import Bar, Bars, Segment, exact, lengths
from hwsim.reports.page.energy_stacks import energy_stacks
from hwsim.reports.page.plane import Line, Mark, Plane
from hwsim.reports.page.priced_view import PricedView
from hwsim.reports.page.tables import Cell, DataTable, number_cell, text_cell
from hwsim.studies.break_even import break_even
from hwsim.studies.pareto import pareto_front

if TYPE_CHECKING:
    import pandas as pd

    from hwsim.reports.page.swatches import Swatches
    from hwsim.studies.study_result import StudyResult

#: Dashes of SVG, and what they are called.
_DASHES: Final = {
    "": "solid",
    "7 4": "dashed",
    "2 4": "dotted",
    "9 4 2 4": "dashed and dotted",
    "1 6": "widely dotted",
    "12 5": "widely dashed",
    "4 2": "narrowly dashed",
}
#: Rows of the table of layers that a page has room for; exports have all of them.
_MOST_ROWS: Final = 6000


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
        If no point is done.
    """
    from hwsim.reports.page.run_notes import published_of

    result = _with_levels(result)
    entry, provenance = result.entry, result.entry.provenance
    done = result.points[result.points["cycles"].notna()]
    if done.empty:
        raise InputError(f"study {entry.name!r}: no point is done yet; run it again")
    priced = done[done["energy"].notna()]
    names = [str(name) for name in priced["energy_table"].unique()]
    tables = [_priced(result, priced[priced["energy_table"] == name], swatches) for name in names]
    machines = provenance.get("machines", [])
    specs = dict.fromkeys(str(each["arch"]).partition(" (")[0] for each in machines)
    return StudyView(
        title=entry.name,
        subtitle=f"{entry.points} points, {entry.done} of {entry.tasks} tasks done",
        facts=list(_facts(result)),
        tables=tables or [_unpriced(result, done, swatches)],
        layers=_layers(result),
        not_counted=list(_not_counted(provenance)),
        warnings=[*result.failures, *_missing(result, priced)],
        published=[pair for spec in specs for pair in published_of(spec)],
        reproduce=list(_reproduce(result)),
        command=provenance.get("command"),
        spec=json.dumps(dict(entry.spec), indent=1, ensure_ascii=False),
    )


def _with_levels(result: StudyResult) -> StudyResult:
    """Give points of a run, which have no level, none."""
    if "sparsity" in result.points:
        return result
    layers, points = (each.assign(sparsity=math.nan) for each in (result.layers, result.points))
    return replace(result, layers=layers, points=points)


def _priced(result: StudyResult, points: pd.DataFrame, swatches: Swatches) -> PricedView:
    names = varied(result, points)
    planes = [_pareto(points, names, swatches)]
    crossings = None
    if points["sparsity"].notna().any():
        planes = [
            _against_sparsity(points, names, measure, swatches) for measure in ("energy", "cycles")
        ] + planes
        crossings = _break_even(result, str(points["energy_table"].iloc[0]), names)
    best = _best_points(points, names, "energy")
    return PricedView(
        str(points["energy_table"].iloc[0]),
        [_best(best, points, "energy", swatches)],
        planes,
        _where_it_goes(result, best, swatches),
        crossings,
        _points(points, names),
    )


def _unpriced(result: StudyResult, points: pd.DataFrame, swatches: Swatches) -> PricedView:
    """Show cycles alone, of what was not priced."""
    names = varied(result, points)
    swept = points["sparsity"].notna().any()
    return PricedView(
        "cycles, no energies",
        [_best(_best_points(points, names, "cycles"), points, "cycles", swatches)],
        [_against_sparsity(points, names, "cycles", swatches)] if swept else [],
        [],
        None,
        _points(points, names),
    )


def _where_it_goes(
    result: StudyResult, best: Sequence[tuple[Curve, Any]], swatches: Swatches
) -> list[Bars]:
    """Stack the energies of the best points, of those of which it is known."""
    first = best[0][1]
    of_point = {row["point"]: f"{curve.label}{_level(row)}" for curve, row in best[:MOST_CURVES]}
    actions = result.actions
    if len(actions):
        of_table = actions.where("energy_table", first["energy_table"].__eq__)
        actions = of_table.where("point", of_point.__contains__)
    if not len(actions):
        return []
    labels = [of_point[point] for point in actions["point"]]
    named = actions.with_columns(scheme=labels, layer=[""] * len(labels))
    return energy_stacks(named, first["energy_unit"], swatches)


def _scale(points: pd.DataFrame, measure: str) -> tuple[float, str]:
    """Divisor and unit of a measure."""
    if measure == "energy":
        scale = EnergyScale.of(points["energy"], points["energy_unit"].iloc[0], below=1000)
        return scale.divisor, scale.label
    return (1e6, "million cycles") if points["cycles"].max() >= 1e7 else (1.0, "cycles")


def _short(amount: float, unit: str) -> str:
    return f"{exact(amount) if unit == 'cycles' else significant(amount)} {unit}"


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
    curves, flat = swept_and_level(points, names)
    marks, lines = [], []
    strokes = _strokes([*curves, *flat])
    for curve in curves[:MOST_CURVES]:
        mean = curve.rows.groupby("sparsity")[measure].mean() / divisor
        levels = [(float(x), float(y)) for x, y in zip(mean.index, mean, strict=True)]
        look = _look(curve, swatches)
        lines.append(Line(levels, look, strokes[curve.marker]))
        marks += [
            Mark(x, y, look, curve.marker, f"{curve.label}, {x:.1%} zeros: {exact(y)} {unit}")
            for x, y in levels
        ]
    for each in flat[:MOST_CURVES]:
        height = each.rows[measure].mean() / divisor
        words = f"{each.label}: {exact(height)} {unit}"
        lines.append(Line([(0, height), (1, height)], "rule", strokes[each.marker], words))
    named = [f"{each.label} ({_DASHES[strokes[each.marker]]})" for each in flat[:MOST_CURVES]]
    level = f" Level lines have no sparsity: {'; '.join(named)}." if named else ""
    return Plane(
        f"{measure.capitalize()} against sparsity",
        "sparsity of the pruned layers [% zeros]",
        unit if unit == measure else f"{measure} [{unit}]",
        marks,
        lines,
        _legend(curves[:MOST_CURVES], swatches),
        percent=True,
        note=f"Seeds are averaged.{level} {_left_out(curves)}".strip(),
    )


def _strokes(curves: Sequence[Curve]) -> dict[str, str]:
    """Give each machine, which has a marker, its dashes."""
    markers = list(dict.fromkeys(curve.marker for curve in curves))
    dashes = list(_DASHES)
    return {marker: dashes[place % len(dashes)] for place, marker in enumerate(markers)}


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
    joined = (
        f"The line joins the {len(best)} points that no other one beats in both."
        if len(best) > 1
        else "One point beats all others in both."
    )
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


def _best_points(
    points: pd.DataFrame, names: Sequence[str], measure: str
) -> list[tuple[Curve, Any]]:
    """Find the point of each curve that needs least."""
    return [
        (curve, curve.rows.sort_values(measure, kind="stable").iloc[0])
        for curve in curves_of(points, names)
    ]


def _best(
    best: Sequence[tuple[Curve, Any]], points: pd.DataFrame, measure: str, swatches: Swatches
) -> Bars:
    """Show the point that needs least of each kind, one below the other."""
    divisor, unit = _scale(points, measure)
    own = points["energy_unit"].iloc[0] if measure == "energy" else "cycles"
    rows = [
        Bar(
            "",
            f"{curve.label}{_level(row)}",
            [Segment(_look(curve, swatches), 1.0, f"{exact(row[measure])} {own}")],
            length,
            _short(row[measure] / divisor, unit),
            f"{exact(row[measure])} {own}",
            ratio(row[f"{measure}_ratio"]),
        )
        for (curve, row), length in zip(best, lengths(row[measure] for _, row in best), strict=True)
    ]
    least = "the least energy" if measure == "energy" else "the fewest cycles"
    return Bars(
        f"Machines and schemes side by side, at {least} of each",
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
    """Lay out every point, with an energy where it has one."""
    priced = points["energy"].notna().all()
    unit = (points["energy_unit"].iloc[0] if priced else "") or "units of the table"
    measures = ["cycles", "energy"] if priced else ["cycles"]
    front = pareto_front(points[measures].to_numpy(float))
    rows = [
        [
            number_cell(str(row["point"]), row["point"], ""),
            *(text_cell(_plain(row[name])) for name in names),
            _share_cell(row["sparsity"], "zeros"),
            _share_cell(row["density"], "of the MACs have a weight"),
            number_cell(f"{int(row['cycles']):,}", row["cycles"], "cycles"),
            number_cell(ratio(row["cycles_ratio"]), row["cycles_ratio"], ""),
            *(_energy_cells(row, unit) if priced else ()),
            text_cell("front" if best else ""),
        ]
        for (_, row), best in zip(points.iterrows(), front, strict=True)
    ]
    heads = (
        *("point", *names, "sparsity [%]", "density [%]", "cycles", "cycles ratio"),
        *((f"energy [{unit}]", "energy ratio") if priced else ()),
        "no other beats it",
    )
    by = f" by {points['energy_table'].iloc[0]}" if priced else ""
    return DataTable(
        f"Every point{by}",
        heads,
        rows,
        tuple(names),
        "ratio: baseline / point, above 1 the point needs less",
    )


def _energy_cells(row: Any, unit: str) -> tuple[Cell, Cell]:
    energy = number_cell(significant(row["energy"]), row["energy"], unit)
    return energy, number_cell(ratio(row["energy_ratio"]), row["energy_ratio"], "")


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
                number_cell(exact(row["cycles"]), row["cycles"], "cycles"),
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
    yield "one image: other images of a batch, and what the host does, are not in these figures"


def _missing(result: StudyResult, priced: pd.DataFrame) -> Iterator[str]:
    """Name what a store has not: it is not finished, or an older hwsim has kept it."""
    if result.missing:
        yield f"{result.missing} layers of points are not evaluated yet; run it again"
    whose = "it has not ended, or an older hwsim has kept it; the same command again adds them"
    if priced.empty:
        yield f"energies are not in this store: {whose}"
        return
    kept = set(result.actions.rows("energy_table", "point")) if len(result.actions) else set()
    lacking = set(zip(priced["energy_table"], priced["point"], strict=True)) - kept
    if lacking:
        yield (
            f"what the energy of {count(len({point for _, point in lacking}), 'point')} is made of "
            "is not in this store: "
            f"{whose}"
        )


def _reproduce(result: StudyResult) -> Iterator[tuple[str, str]]:
    provenance = result.entry.provenance
    for each in provenance.get("networks", []):
        yield "weights", f"{each['file'] or each['name']}, SHA-256 {each['sha256'] or 'not known'}"
    yield "versions", f"hwsim {provenance.get('hwsim')}, Python {provenance.get('python')}"
    yield "last run", result.entry.updated
