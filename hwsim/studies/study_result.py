"""The result of a study: a table of its layers and one of its points, from the store."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hwsim.csv_tables import write_table
from hwsim.errors import InputError
from hwsim.studies._manifest import manifest_text
from hwsim.studies.columns import Columns
from hwsim.studies.folder import whole_folder
from hwsim.studies.store.faults import damage_of
from hwsim.studies.store.store import Store
from hwsim.studies.study_store import (
    StudyEntry,
    part_rows,
    stored_coordinates,
    study_entry,
    study_rows,
)

if TYPE_CHECKING:
    import pandas as pd

#: What a row of the table of layers can be about.
LEVELS: Final = ("layer", "point")
_ENERGIES: Final = ["energy", "energy_dynamic", "energy_static"]
_SUMMED: Final = ["macs", "effectual_macs", "cycles", *_ENERGIES]
_NUMBERS: Final = (
    *("groups", "M", "K", "N", "density", "macs", "effectual_macs", "weight_bits"),
    *("cycles", "utilization", "energy_dynamic", "energy_static", "area"),
)
#: Points that a notebook shows of a study.
_SHOWN: Final = 60
_RATIOS: Final = ("cycles", "energy")
_OF_ACTION: Final = (*("energy_table", "point", "unit", "component", "action", "operand", "entry"),)


@dataclass(frozen=True, eq=False)
class StudyResult:
    """What a study found so far.

    Parameters
    ----------
    entry : StudyEntry
        Name, dates, what was asked for, what it rests on.
    layers : DataFrame
        A row for each energy table, point and layer: ``point``, the coordinates, ``layer``,
        ``state`` (``done``, ``failed``, ``missing``) and ``error``; the shape of the GEMMs,
        ``density`` of the weights, ``cycles``, ``utilization``; ``energy`` and its parts in
        ``energy_unit``; ``cycles_ratio`` and ``energy_ratio``, baseline over point: above 1 the
        point needs less.
    points : DataFrame
        The same summed over the layers, with ``area`` in ``area_unit``, how many ``layers`` there
        are and how many are ``done``. Sums are NaN where a layer is not done: part of a network is
        no network.
    axes : tuple of str
        Names of the coordinates, the outermost first.
    actions : Columns
        What the energies of points are made of, where it was asked for: a row for each energy
        table and point whose layers are all priced, ``unit``, ``component``, ``action``,
        ``operand`` and ``entry``, with its ``energy``. Stores of an older hwsim keep sums alone.
    """

    entry: StudyEntry
    layers: pd.DataFrame
    points: pd.DataFrame
    axes: tuple[str, ...] = field(default=())
    actions: Columns = field(default=Columns({}))

    @property
    def failures(self) -> list[str]:
        """A line for each layer that failed, with where and why."""
        failed = self.layers[self.layers["state"] == "failed"]
        once = failed.drop_duplicates(["point", "layer"])
        return [f"point {row.point}, layer {row.layer!r}: {row.error}" for row in once.itertuples()]

    @property
    def varied(self) -> list[str]:
        """Axes that tell points apart: not an engine that each machine has, nor the only seed."""
        axes = [axis for axis in self.axes if self.points[axis].nunique(dropna=False) > 1]
        machines = self.points.groupby("arch") if {"arch", "engine"} <= set(axes) else None
        if machines is not None and machines["engine"].nunique().max() < 2:
            axes.remove("engine")
        if "seed" in axes and self.points["seed"].nunique() < 2:
            axes.remove("seed")
        return axes

    @property
    def missing(self) -> int:
        """How many layers of points are neither done nor failed."""
        once = self.layers.drop_duplicates(["point", "layer"])
        return int((once["state"] == "missing").sum())

    def _repr_html_(self) -> str:
        from hwsim.html_table import energy_words, html_table

        varied = self.varied
        rows = [
            (
                row["energy_table"],
                *("-" if row[axis] != row[axis] else row[axis] for axis in varied),
                "-" if row["cycles"] != row["cycles"] else int(row["cycles"]),
                "-"
                if row["energy"] != row["energy"]
                else energy_words(row["energy"], row["energy_unit"] or None),
                *(
                    "-"
                    if row[f"{name}_ratio"] != row[f"{name}_ratio"]
                    else f"{row[f'{name}_ratio']:.2f}"
                    for name in _RATIOS
                ),
            )
            for row in self.points.head(_SHOWN).to_dict(orient="records")
        ]
        heads = ("prices", *varied, "cycles", "energy", "cycles ratio", "energy ratio")
        note = f"{self.entry.points} points, {self.entry.done} of {self.entry.tasks} tasks done"
        more = len(self.points) - len(rows)
        note += f"; {more} more rows" if more > 0 else ""
        note += "; ratio: baseline / point, above 1 the point needs less"
        return html_table(self.entry.name, heads, rows, note)

    def to_dict(self) -> dict[str, Any]:
        """Return all but the table of layers as plain values, ready for JSON."""
        return {
            "study": self.entry.name,
            "spec": dict(self.entry.spec),
            "provenance": dict(self.entry.provenance),
            "axes": list(self.axes),
            "points": self.points.to_dict(orient="records"),
            "failures": self.failures,
            "missing": self.missing,
        }

    def write(self, folder: Path) -> None:
        """Write ``points.csv``, ``layers.csv`` and ``manifest.json`` into an existing folder."""
        write_table(self.points, folder / "points.csv")
        write_table(self.layers, folder / "layers.csv")
        manifest = {"study": self.entry.name, **self.entry.provenance, "spec": self.entry.spec}
        (folder / "manifest.json").write_text(manifest_text(manifest), encoding="utf-8")

    def save(self, folder: str | Path) -> Path:
        """Save the tables into a folder, all files at once.

        Raises
        ------
        InputError
            If the folder cannot be written; nothing is left half-written.
        """
        with whole_folder(folder) as aside:
            self.write(aside)
        return Path(folder)


def load_study(
    store: str | Path | Store, name: str | None = None, *, by: str = "layer"
) -> pd.DataFrame:
    """Read a study from a store as one table.

    Parameters
    ----------
    store : str, Path or Store
        The file.
    name : str, optional
        Of the study; the only one in the store when not given.
    by : {"layer", "point"}
        What a row is about; see :class:`StudyResult`.

    Raises
    ------
    InputError
        If the store cannot be read or has no such study.

    Examples
    --------
    >>> import hwsim
    >>> hwsim.load_study("x.db")
    Traceback (most recent call last):
    hwsim.errors.InputError: x.db: no such store
    """
    if by not in LEVELS:
        raise InputError(f"by {by!r}: expected {' or '.join(LEVELS)}")
    result = load_study_result(store, name)
    return result.layers if by == "layer" else result.points


def load_study_result(
    store: str | Path | Store, name: str | None = None, *, actions: bool = False
) -> StudyResult:
    """Read a study from a store, whole.

    Parameters
    ----------
    store, name
        As for :func:`load_study`, which raises the same errors.
    actions : bool
        Whether to read as well what the energies are made of.
    """
    if not isinstance(store, Store):
        with Store(store, read_only=True) as opened:
            return load_study_result(opened, name, actions=actions)
    import pandas as pd

    entry = study_entry(store, name)
    places = stored_coordinates(store, entry.name)
    axes = tuple(places[0][0]) if places else ()
    rows = pd.DataFrame(list(study_rows(store, entry.name)))
    coordinates = pd.DataFrame([each for each, _ in places], columns=list(axes))
    baselines = pd.Series([baseline for _, baseline in places], dtype="Int64")
    layers = _layer_table(rows, coordinates, baselines)
    points = _point_table(layers, coordinates, baselines)
    parts = _action_table(store, points, entry.name) if actions else Columns({})
    return StudyResult(entry, layers, points, axes, parts)


def _action_table(store: Store, points: pd.DataFrame, name: str) -> Columns:
    """Sum what energies are made of over the layers of each point that is whole."""
    import numpy as np

    summed: dict[tuple[Any, ...], float] = {}
    priced: Counter[tuple[str, int]] = Counter()
    for point, table, names, energies in part_rows(store, name):
        priced[table, point] += 1
        with damage_of(store.path):
            amounts = np.frombuffer(energies, dtype="<f8").tolist()
            for part, amount in zip(names, amounts, strict=True):
                key = table, point, *part
                summed[key] = summed.get(key, 0.0) + amount
    layers = points.set_index(["energy_table", "point"])["layers"].to_dict()
    keys = [key for key in summed if priced[key[:2]] == layers.get(key[:2])]
    columns = zip(*keys, strict=True) if keys else [()] * len(_OF_ACTION)
    return Columns(
        {
            **{name: list(column) for name, column in zip(_OF_ACTION, columns, strict=True)},
            "energy": [summed[key] for key in keys],
        }
    )


def _layer_table(
    rows: pd.DataFrame, coordinates: pd.DataFrame, baselines: pd.Series[Any]
) -> pd.DataFrame:
    import pandas as pd

    for name in _NUMBERS:  # None where nothing is known yet, and of a layer that failed
        rows[name] = pd.to_numeric(rows[name])
    rows["energy"] = rows["energy_dynamic"] + rows["energy_static"]
    at = coordinates.iloc[rows["point"]].reset_index(drop=True)
    first = ["layer", "state"]
    taken = {"point", *first, *at}  # a coordinate such as engine stands for what was asked for
    rest = [name for name in rows if name not in taken and name not in ("area", "area_unit")]
    parts = [rows[["point"]], at, rows[[*first, *rest]], rows[["area", "area_unit"]]]
    return _with_ratios(pd.concat(parts, axis=1), baselines, ["energy_table", "layer"])


def _point_table(
    layers: pd.DataFrame, coordinates: pd.DataFrame, baselines: pd.Series[Any]
) -> pd.DataFrame:
    import pandas as pd

    keys = ["energy_table", "point"]
    groups = layers.groupby(keys, sort=False, dropna=False)
    summed = groups[_SUMMED].sum(min_count=1)
    layer_count = groups["layer"].size()
    # Part of a network is no network.
    summed = summed.where(groups[_SUMMED].count().eq(layer_count, axis=0))
    done = layers.assign(done=layers["state"] == "done").groupby(keys, sort=False, dropna=False)
    summed.insert(0, "done", done["done"].sum())
    summed.insert(0, "layers", layer_count)
    for name in ("energy_unit", "area", "area_unit"):
        summed[name] = groups[name].first()
    table = summed.reset_index()
    table["density"] = table["effectual_macs"] / table["macs"]
    at = coordinates.iloc[table["point"]].reset_index(drop=True)
    table = pd.concat([table[["point"]], at, table.drop(columns="point")], axis=1)
    return _with_ratios(table, baselines, ["energy_table"])


def _with_ratios(table: pd.DataFrame, baselines: pd.Series[Any], keys: list[str]) -> pd.DataFrame:
    """Add the baseline's cycles and energy over each row's own."""
    reference = table[["point", *keys, *_RATIOS]].rename(columns={"point": "_baseline"})
    looked = table[keys].assign(_baseline=baselines.iloc[table["point"]].to_numpy())
    reference["_baseline"] = reference["_baseline"].astype("Int64")
    looked["_baseline"] = looked["_baseline"].astype("Int64")
    merged = looked.merge(reference, on=["_baseline", *keys], how="left")
    ratios = {
        f"{name}_ratio": (merged[name] / table[name]).where(table[name] > 0) for name in _RATIOS
    }
    return table.assign(**ratios)
