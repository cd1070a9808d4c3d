"""Studies as text for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.table import Table

from hwsim.reports._layout import add_row, facts, figures
from hwsim.reports._numbers import EnergyScale, count, percent, ratio, significant

if TYPE_CHECKING:
    from hwsim.studies.exploration import Exploration
    from hwsim.studies.study_diff import StudyDiff
    from hwsim.studies.study_result import StudyResult
    from hwsim.studies.study_run import StudyForecast
    from hwsim.studies.study_store import StudyEntry

#: Machines that are named one by one.
_NAMED = 4
#: In place of the energy table of a run that a store has in part.
_UNPRICED = "not priced; it has not ended, or an older hwsim kept it"
#: Rows of a table on a terminal; files have all of them.
_SHOWN = 60


def study_report(result: StudyResult) -> Group:
    """Lay out a study: what it rests on, a row a point, what failed or is missing."""
    entry = result.entry
    parts: list[RenderableType] = [facts(_entry_facts(entry)), ""]
    for name, rows in result.points.groupby("energy_table", sort=False, dropna=False):
        title = str(name) if name == name else _UNPRICED
        parts += [_points(result, rows, title), ""]
    tables = entry.provenance.get("energy_tables", [])
    parts.append(facts([("prices", f"{each['label']}: {each['provenance']}") for each in tables]))
    for failure in result.failures:
        parts.append(f"failed: {failure}")
    if result.missing:
        parts.append(f"missing: {count(result.missing, 'layer')} not evaluated yet; run it again")
    return Group(*parts)


def study_list(entries: Sequence[StudyEntry]) -> Table:
    """Lay out the studies of a store."""
    table = figures(["study", "last run", "rests on"], ["points", "tasks", "done", "failed"])
    for each in entries:
        machines = each.provenance.get("machines", [])
        archs = _machines(machines)
        cells = (each.points, each.tasks, each.done, each.failed)
        add_row(table, each.name, each.updated, archs, *cells)
    return table


def forecast_report(forecast: StudyForecast) -> Table:
    """Lay out what a study would do."""
    left = forecast.tasks - forecast.known
    if not left:
        time = "none"
    elif forecast.seconds is None:
        time = "not known: the store has no task of that engine yet"
    else:
        time = f"about {significant(forecast.seconds, 2)} s on one worker"
    return facts(
        [
            ("points", str(forecast.points)),
            ("layers", f"{forecast.layers} of all points, {forecast.tasks} different tasks"),
            ("known", f"{forecast.known} are in the store, {left} to evaluate"),
            ("time", time),
        ]
    )


def diff_report(diff: StudyDiff) -> Group:
    """Lay out what differs between two studies."""
    parts: list[RenderableType] = []
    if len(diff.rows):
        axes = [name for name in diff.rows if name in _axes(diff)]
        table = figures(axes, ["cycles", "now", "change", "energy", "now", "change"])
        for _, row in diff.rows.head(_SHOWN).iterrows():
            numbers = [
                significant(float(row[f"{measure}_{side}"]))
                if side != "change"
                else percent(float(row[f"{measure}_change"]), 2)
                for measure in ("cycles", "energy")
                for side in ("before", "after", "change")
            ]
            add_row(table, *(_plain(row[name]) for name in axes), *numbers)
        parts += [table, *_more(len(diff.rows)), ""]
    words = [
        f"{count(len(diff.rows), 'row')} differ",
        f"{diff.equal} equal",
        f"{diff.only_before} only before",
        f"{diff.only_after} only after",
    ]
    return Group(*parts, ", ".join(words))


def exploration_report(found: Exploration) -> Group:
    """Lay out a search: what was looked at, and the points that no other one beats."""
    result, front = found.result, found.front
    how = "all of the study" if found.whole else "of those that were proposed"
    heading = (
        f"{count(len(front), 'point')} that no other one beats in "
        f"{' and '.join(found.objectives)}, {how}"
    )
    title = str(front["energy_table"].iloc[0]) if len(front) else "none"
    return Group(
        facts([*_entry_facts(result.entry), ("front", heading)]),
        "",
        _points(result, front, title, found.objectives),
        "",
        *(f"failed: {failure}" for failure in result.failures),
    )


def _entry_facts(entry: StudyEntry) -> list[tuple[str, str]]:
    provenance = entry.provenance
    networks = [
        f"{each['name']} ({each['file'] or each['provenance'] or 'made'})"
        for each in provenance.get("networks", [])
    ]
    done = f"{count(entry.points, 'point')}, {count(entry.tasks, 'task')}, {entry.done} done"
    return [
        ("study", f"{entry.name}, last run {entry.updated}, hwsim {provenance.get('hwsim')}"),
        ("networks", ", ".join(networks)),
        ("machines", _machines(provenance.get("machines", []))),
        ("size", done + (f", {entry.failed} failed" if entry.failed else "")),
    ]


def _machines(machines: Sequence[Mapping[str, Any]]) -> str:
    """Name the machines; many of one spec by their number."""
    labels = list(dict.fromkeys(each["arch"] for each in machines))
    if len(labels) <= _NAMED:
        return ", ".join(labels)
    specs = Counter(label.partition(" (")[0] for label in labels)
    return ", ".join(f"{spec} in {number} variants" for spec, number in specs.items())


def _points(
    result: StudyResult, rows: Any, energy_table: str, objectives: Sequence[str] = ()
) -> Table:
    varied = result.varied or ["scheme"]
    scale = EnergyScale.of(rows["energy"].dropna(), rows["energy_unit"].iloc[0])
    headings = ["density", "cycles", f"energy\n{scale.label}", "cycles\nratio", "energy\nratio"]
    area = "area" in objectives
    square = rows["area_unit"].iloc[0] == "um2"  # else as the table has it
    headings += ["area\nmm2" if square else "area"] if area else []
    baseline = "ratio: baseline / point, above 1 the point needs less"
    more = "".join(_more(len(rows)))
    caption = f"{energy_table}; {baseline}" + (f"\n{more}" if more else "")
    table = figures(varied, headings, caption=caption)
    for _, row in rows.head(_SHOWN).iterrows():
        done = row["done"] == row["layers"]
        cells = [
            percent(row["density"]) if done else "-",
            f"{int(row['cycles']):,}" if done else "-",
            scale.show(row["energy"]) if done else "-",
            ratio(row["cycles_ratio"]),
            ratio(row["energy_ratio"]),
            *([significant(row["area"] / (1e6 if square else 1))] if area else []),
        ]
        add_row(table, *(_plain(row[axis]) for axis in varied), *cells)
    return table


def _more(rows: int) -> list[str]:
    if rows <= _SHOWN:
        return []
    return [f"{rows - _SHOWN} more rows: hwsim study export has all of them"]


def _axes(diff: StudyDiff) -> list[str]:
    ends = ("_before", "_after", "_change")
    names = [str(name) for name in diff.rows if not str(name).endswith(ends)]
    return [name for name in names if diff.rows[name].nunique(dropna=False) > 1 or name == "layer"]


def _plain(value: Any) -> str:
    return (
        "-"
        if value is None or value != value
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
