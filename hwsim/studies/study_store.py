"""Studies in a store: what was asked for, and the rows that have been found."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hwsim.content_key import content_key
from hwsim.energy import EnergyBreakdown
from hwsim.errors import InputError, did_you_mean
from hwsim.studies.layer_task import LAYER_FIELDS
from hwsim.studies.store.faults import damage_of
from hwsim.studies.store.schema import WITH_PARTS
from hwsim.studies.store.store import Store


@dataclass(frozen=True)
class StoredPoint:
    """A point of a study as it is kept.

    Parameters
    ----------
    coordinates : mapping
        By axis, plain JSON.
    baseline : int or None
        Number of the point that ratios are relative to.
    prices : sequence of str
        Keys of its energy tables, in the order of the study.
    layers : sequence of (str, str)
        Name and task of each layer, in order.
    """

    coordinates: Mapping[str, Any]
    baseline: int | None
    prices: Sequence[str]
    layers: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class StudyEntry:
    """A study in the list of a store.

    Parameters
    ----------
    name : str
        What it is called.
    created, updated : str
        When it was first and last run, ISO 8601, UTC.
    points, tasks, done, failed : int
        How many it has; of the distinct tasks, how many are done and how many failed.
    spec, provenance : mapping
        What was asked for, and what it rests on.
    """

    name: str
    created: str
    updated: str
    points: int
    tasks: int
    done: int
    failed: int
    spec: Mapping[str, Any]
    provenance: Mapping[str, Any]


def keep_study(
    store: Store,
    name: str,
    spec: Mapping[str, Any],
    points: Sequence[StoredPoint],
    provenance: Mapping[str, Any],
) -> None:
    """Write down what a study asks for; one of the same name is replaced, its results stay.

    Parameters
    ----------
    store : Store
        Where.
    name : str
        Of the study.
    spec : mapping
        Plain JSON.
    points : sequence of StoredPoint
        In order.
    provenance : mapping
        Plain JSON.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with store.writing() as base:
        before = base.execute("SELECT created FROM studies WHERE name = ?", (name,)).fetchone()
        base.execute("DELETE FROM studies WHERE name = ?", (name,))
        created = before[0] if before else now
        texts = json.dumps(spec), json.dumps(provenance)
        base.execute("INSERT INTO studies VALUES (?, ?, ?, ?, ?)", (name, created, now, *texts))
        base.executemany(
            "INSERT INTO points VALUES (?, ?, ?, ?)",
            [
                (name, number, json.dumps(each.coordinates), each.baseline)
                for number, each in enumerate(points)
            ],
        )
        base.executemany(
            "INSERT INTO point_prices VALUES (?, ?, ?, ?)",
            [
                (name, number, place, price)
                for number, each in enumerate(points)
                for place, price in enumerate(each.prices)
            ],
        )
        base.executemany(
            "INSERT INTO point_layers VALUES (?, ?, ?, ?, ?)",
            [
                (name, number, place, layer, task)
                for number, each in enumerate(points)
                for place, (layer, task) in enumerate(each.layers)
            ],
        )


#: What an energy of a breakdown is of: unit, component, action, operand, entry of the prices.
PartName = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class PricedTask:
    """What a task costs by one energy table.

    Parameters
    ----------
    task, price : str
        Keys of the task and of the prices.
    dynamic, static : float
        Energy in the unit of the prices.
    names : tuple of PartName
        What each row of its breakdown is of.
    energies : bytes
        Of each row, float64, least byte first.
    """

    task: str
    price: str
    dynamic: float
    static: float
    names: tuple[PartName, ...]
    energies: bytes


def keep_energies(
    store: Store, prices: Mapping[str, EnergyBreakdown], priced: Sequence[PricedTask]
) -> None:
    """Keep what activities cost.

    Parameters
    ----------
    store : Store
        Where.
    prices : mapping of str to EnergyBreakdown
        By key of the prices, any breakdown by them: it knows unit, area and source.
    priced : sequence of PricedTask
        What each costs; what is there already stays.
    """
    layouts = {names: content_key("layout 1", names) for names in {each.names for each in priced}}
    with store.writing() as base:
        base.executemany(
            "INSERT OR IGNORE INTO prices VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    *(key, each.table, each.label, each.provenance, each.unit or ""),
                    *(each.area, each.area_unit),
                )
                for key, each in prices.items()
            ],
        )
        base.executemany(
            "INSERT OR IGNORE INTO energies VALUES (?, ?, ?, ?)",
            [(each.task, each.price, each.dynamic, each.static) for each in priced],
        )
        base.executemany(
            "INSERT OR IGNORE INTO layouts VALUES (?, ?)",
            [(key, json.dumps(names)) for names, key in layouts.items()],
        )
        base.executemany(
            "INSERT OR IGNORE INTO parts VALUES (?, ?, ?, ?)",
            [(each.task, each.price, layouts[each.names], each.energies) for each in priced],
        )


def unpriced_tasks(store: Store, study: str) -> list[tuple[str, str]]:
    """List what of a study is done and has no energy yet, or none by part: task and prices."""
    return [
        (task, price)
        for task, price in store.query(
            "SELECT DISTINCT l.task, p.price FROM point_layers l "
            "JOIN point_prices p ON p.study = l.study AND p.point = l.point "
            "JOIN tasks t ON t.key = l.task "
            "LEFT JOIN parts e ON e.task = l.task AND e.price = p.price "
            "WHERE l.study = ? AND e.task IS NULL",
            (study,),
        )
    ]


def list_studies(store: Store) -> list[StudyEntry]:
    """List the studies of a store, the one that ran last first."""
    rows = store.query("SELECT name FROM studies ORDER BY updated DESC, name")
    return [study_entry(store, name) for (name,) in rows]


def study_entry(store: Store, name: str | None = None) -> StudyEntry:
    """Find a study.

    Parameters
    ----------
    store : Store
        Where.
    name : str, optional
        Of the study; the only one that there is when not given.

    Raises
    ------
    InputError
        If there is none of the name, or several to choose from.
    """
    with damage_of(store.path):
        names = [_text(each) for (each,) in store.query("SELECT name FROM studies ORDER BY name")]
    if name is None:
        if len(names) != 1:
            found = f"has the studies {', '.join(names)}; name one" if names else "has no study"
            raise InputError(f"{store.path}: {found}")
        [name] = names
    if name not in names:
        raise InputError(f"{store.path}: has no study {name!r}{did_you_mean(name, names)}")
    with damage_of(store.path):
        [(created, updated, spec, provenance)] = store.query(
            "SELECT created, updated, spec, provenance FROM studies WHERE name = ?", (name,)
        )
        texts = json.loads(spec), json.loads(provenance)
    [(points,)] = store.query("SELECT count(*) FROM points WHERE study = ?", (name,))
    [(tasks, done, failed)] = store.query(
        "SELECT count(*), count(t.key), count(f.task) "
        "FROM (SELECT DISTINCT task FROM point_layers WHERE study = ?) l "
        "LEFT JOIN tasks t ON t.key = l.task LEFT JOIN failures f ON f.task = l.task",
        (name,),
    )
    return StudyEntry(name, created, updated, points, tasks, done, failed, *texts)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a text. Got {value!r:.80}")
    return value


def study_rows(store: Store, name: str) -> Iterator[dict[str, Any]]:
    """Give a row for each energy table, point and layer, whether it is done or not.

    Yields
    ------
    dict
        ``point``, ``layer``, ``state`` (``done``, ``failed`` or ``missing``), ``error``, the
        fields of the layer's task, ``engine``, ``cycles``, ``utilization``, ``energy_table``,
        ``energy_dynamic``, ``energy_static``, ``energy_unit``, ``area`` and ``area_unit``; None
        for what is not there.
    """
    fields: dict[str, dict[str, Any]] = {}
    for row in store.query(
        "SELECT l.point, l.layer, l.task, t.document, f.error, a.engine, a.cycles, "
        "a.utilization, r.energy_table, e.dynamic, e.static, r.unit, r.area, r.area_unit "
        "FROM point_layers l "
        "LEFT JOIN point_prices p ON p.study = l.study AND p.point = l.point "
        "LEFT JOIN tasks t ON t.key = l.task "
        "LEFT JOIN failures f ON f.task = l.task "
        "LEFT JOIN activities a ON a.key = t.activity "
        "LEFT JOIN prices r ON r.key = p.price "
        "LEFT JOIN energies e ON e.task = l.task AND e.price = p.price "
        "WHERE l.study = ? ORDER BY p.place, l.point, l.place",
        (name,),
    ):
        point, layer, task, document, error, *found = row
        if document is not None and task not in fields:
            with damage_of(store.path):
                fields[task] = {**json.loads(document)}
        state = "done" if document is not None else "failed" if error else "missing"
        yield {
            "point": point,
            **fields.get(task, _NOTHING),
            "layer": layer,
            "state": state,
            "error": error,
            **dict(zip(_FOUND, found, strict=True)),
        }


_NOTHING = {name: None for name in LAYER_FIELDS if name != "scheme"}
_FOUND = (
    *("engine", "cycles", "utilization", "energy_table", "energy_dynamic", "energy_static"),
    *("energy_unit", "area", "area_unit"),
)


def part_rows(store: Store, name: str) -> Iterator[tuple[int, str, list[PartName], bytes]]:
    """Give what the energies of a study are made of, for each point, energy table and layer.

    Yields
    ------
    (int, str, list of PartName, bytes)
        Point, energy table, and as :class:`PricedTask` has them ``names`` and ``energies``.
        Nothing from a store of the first format, which keeps sums alone.
    """
    if store.format < WITH_PARTS:
        return
    layouts: dict[str, list[PartName]] = {}
    for key, document in store.query("SELECT key, document FROM layouts"):
        with damage_of(store.path):
            layouts[key] = [(*each,) for each in json.loads(document)]
    for point, table, layout, energies in store.query(
        "SELECT l.point, r.energy_table, k.layout, k.energies FROM point_layers l "
        "JOIN point_prices p ON p.study = l.study AND p.point = l.point "
        "JOIN prices r ON r.key = p.price "
        "JOIN parts k ON k.task = l.task AND k.price = p.price "
        "WHERE l.study = ? ORDER BY p.place, l.point, l.place",
        (name,),
    ):
        with damage_of(store.path):
            yield point, table, layouts[layout], energies


def stored_coordinates(store: Store, name: str) -> list[tuple[dict[str, Any], int | None]]:
    """Give the coordinates and the baseline of each point of a study, in order."""
    rows = store.query(
        "SELECT coordinates, baseline FROM points WHERE study = ? ORDER BY number", (name,)
    )
    with damage_of(store.path):
        return [({**json.loads(coordinates)}, baseline) for coordinates, baseline in rows]


def collect_garbage(store: Store) -> dict[str, int]:
    """Remove what no study asks for any more, and give the room back.

    Returns
    -------
    dict of str to int
        How many rows of each table went.
    """
    gone: dict[str, int] = {}
    with store.writing() as base:
        for table, condition in (
            ("energies", "task NOT IN (SELECT task FROM point_layers)"),  # and with each its parts
            ("energies", "price NOT IN (SELECT price FROM point_prices)"),
            ("layouts", "key NOT IN (SELECT layout FROM parts)"),
            ("tasks", "key NOT IN (SELECT task FROM point_layers)"),
            ("failures", "task NOT IN (SELECT task FROM point_layers)"),
            ("prices", "key NOT IN (SELECT price FROM point_prices)"),
            ("activities", "key NOT IN (SELECT activity FROM tasks)"),
            ("timings", "activity NOT IN (SELECT key FROM activities)"),
        ):
            cursor = base.execute(f"DELETE FROM {table} WHERE {condition}")
            gone[table] = gone.get(table, 0) + cursor.rowcount
    store.query("VACUUM")
    return gone
