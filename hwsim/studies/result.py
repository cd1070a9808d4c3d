"""The result of a run: tables and a manifest, saved as files and loaded again."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from hwsim.csv_tables import text_of_cell, write_table
from hwsim.errors import InputError, did_you_mean, one_line
from hwsim.inputs_read import note_input
from hwsim.studies._manifest import manifest_text
from hwsim.studies.columns import Columns, Row
from hwsim.studies.folder import finish, whole_folder
from hwsim.studies.run_sums import RunSums
from hwsim.studies.spread import StructureRows, Structures

if TYPE_CHECKING:
    import pandas as pd

#: Names that a saved run may have for its long table.
LONG_TABLES = ("results.parquet", "results.csv")
#: Names that its table of structures may have.
STRUCTURE_TABLES = ("structures.parquet", "structures.csv")
#: The machines of a comparison at equal area.
MACHINES = "machines.csv"
#: What another run of the same folder may have left.
STALE = (*LONG_TABLES, *STRUCTURE_TABLES, MACHINES)


class _Table:
    """A field that is given as columns or as a DataFrame, and read as a DataFrame."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __set__(self, result: object, table: pd.DataFrame | Columns) -> None:
        vars(result)[_as_given(self._name)] = table

    def __get__(self, result: object, owner: type) -> pd.DataFrame:
        if result is None:
            raise AttributeError(self._name)  # for the dataclass: the field has no default
        given = vars(result)[_as_given(self._name)]
        columns = given.table if isinstance(given, Structures) else given
        if not isinstance(columns, Columns):
            return cast("pd.DataFrame", columns)
        made = f"{self._name} as a frame"
        if made not in vars(result):
            vars(result)[made] = columns.frame()
        return cast("pd.DataFrame", vars(result)[made])


class _StructureTable(_Table):
    """The same of structures, whose costs may be given, too; there is none unless it is given."""

    def __set__(self, result: object, table: pd.DataFrame | Columns | Structures | None) -> None:
        vars(result)[_as_given(self._name)] = table

    def __get__(self, result: object, owner: type) -> pd.DataFrame | None:  # type: ignore[override]
        return None if result is None else super().__get__(result, owner)


def _as_given(name: str) -> str:
    return f"{name} as given"


@dataclass(frozen=True, eq=False)
class RunResult:
    """What a run found; every other figure is derived from its tables.

    Tables are DataFrames, made when they are asked for: reports and JSON are made of
    :attr:`sums`, the same without pandas.

    Parameters
    ----------
    table : DataFrame
        The long table, one row for each energy table, scheme, layer, component and action; see
        :func:`hwsim.studies.tables.action_table`.
    layers : DataFrame
        One row for each energy table, scheme and layer; see
        :func:`hwsim.studies.tables.layer_table`.
    quantization : DataFrame
        What each scheme did to each layer's weights; see :func:`hwsim.schemes.describe`.
    manifest : dict
        Versions, input file and hash, architecture, schemes, prices and their provenance.
    structures : DataFrame or None
        Energy by entry of the prices under every structure of the machine; see
        :attr:`hwsim.studies.structures.StructureCosts.table`. None where there is one structure
        only.
    """

    table: _Table = _Table()
    layers: _Table = _Table()
    quantization: _Table = _Table()
    manifest: dict[str, Any] = field(repr=False)  # type: ignore[misc]  # no default before it
    structures: _StructureTable = _StructureTable()

    @property
    def schemes(self) -> list[str]:
        """The schemes in the order of the run."""
        return [str(entry["label"]) for entry in self.manifest["schemes"]]

    @property
    def baseline(self) -> str | None:
        """The scheme that ratios are relative to: the first dense one, None without any."""
        return baseline_of(self.schemes)

    @property
    def several(self) -> bool:
        """Whether the run was priced by the side of others; a restricted one remembers it."""
        return bool(self.manifest.get("several_energy_tables"))

    @property
    def energy_tables(self) -> list[str]:
        """Names of the energy tables, in the order of the run."""
        return [str(entry["table"]) for entry in self.manifest["energy_tables"]]

    def by_energy_table(self, name: str) -> RunResult:
        """Keep what one energy table says.

        Parameters
        ----------
        name : str
            One of ``energy_tables``.
        """
        if name not in self.energy_tables:
            raise InputError(
                f"the run has no energy table {name!r}{did_you_mean(name, self.energy_tables)}"
            )
        return self._by_energy_table[name]

    @cached_property
    def _by_energy_table(self) -> dict[str, RunResult]:
        """Each energy table's part; kept, because what is derived from it is kept with it."""
        entries = self.manifest["energy_tables"]
        if entries == [self.manifest["energy"]]:
            return {str(entries[0]["table"]): self}
        return {str(entry["table"]): self._part(entry) for entry in entries}

    def _part(self, entry: dict[str, Any]) -> RunResult:
        name = str(entry["table"])
        area = {key: entry[key] for key in ("area", "area_unit")}
        arch = {**self.manifest["arch"], **area}
        manifest = {**self.manifest, "arch": arch, "energy": entry, "energy_tables": [entry]}
        sums = self.sums.of_energy_table(name, manifest)
        part = RunResult(sums.actions, sums.layers, sums.quantization, manifest, sums.structures)
        vars(part)["sums"] = sums
        return part

    @cached_property
    def sums(self) -> RunSums:
        """The tables by column, and what is derived from them."""
        return RunSums(
            self._columns("table"),
            self._columns("layers"),
            self._columns("quantization"),
            self._structures(),
            self.manifest,
            self.schemes,
            self.baseline,
        )

    def _columns(self, name: str) -> Columns:
        return Columns.of(vars(self)[_as_given(name)])

    def _structures(self) -> Structures | None:
        given = vars(self)[_as_given("structures")]
        if given is None or isinstance(given, Structures):
            return given
        rows = Columns.of(given)
        return StructureRows(rows) if len(rows) else None

    @cached_property
    def operands(self) -> pd.DataFrame:
        """Energy by scheme and operand; see :func:`hwsim.studies.tables.operand_table`."""
        return self.sums.operands.frame()

    @cached_property
    def efficiency(self) -> pd.DataFrame:
        """Time and power; see :func:`hwsim.studies.efficiency.efficiency_table`."""
        return self.sums.efficiency.frame()

    @cached_property
    def by_structure(self) -> pd.DataFrame:
        """Totals by structure; see :func:`hwsim.studies.headline.structure_totals`."""
        return self.sums.by_structure.frame()

    @cached_property
    def headline(self) -> pd.DataFrame:
        """Totals and ratios with intervals; see :func:`hwsim.studies.headline.headline_table`."""
        return self.sums.headline.frame()

    @cached_property
    def machines(self) -> pd.DataFrame | None:
        """What each scheme's machine comes to, None where all schemes run on one.

        See :func:`hwsim.studies.machine_table.machine_table`.
        """
        return None if self.sums.machines is None else self.sums.machines.frame()

    @cached_property
    def totals(self) -> pd.DataFrame:
        """Sums by scheme and scope; see :func:`hwsim.studies.tables.total_table`."""
        return self.sums.totals.frame()

    @cached_property
    def beyond_limits(self) -> pd.DataFrame:
        """Ratios that cannot be; see :func:`hwsim.studies.limits.beyond_limits`."""
        return self.sums.beyond_limits.frame()

    @cached_property
    def components(self) -> pd.DataFrame:
        """Energy by scheme and component; see :func:`hwsim.studies.tables.component_table`."""
        return self.sums.components.frame()

    def _repr_html_(self) -> str:
        from hwsim.html_table import energy_words, html_table

        cycles = self.sums.totals.records()
        rows = [
            (
                row["energy_table"],
                row["scheme"],
                f"{row['scope']} ({total['layers']} layers)",
                energy_words(row["energy"], row["energy_unit"] or None),
                _times(row["energy_ratio"]),
                "-" if row["scheme"] == self.baseline else _between(row),
                total["cycles"],
                _times(total["cycles_ratio"]),
            )
            for row, total in zip(self.sums.headline.records(), cycles, strict=True)
        ]
        heads = ("prices", "scheme", "scope", "energy", "ratio", "interval", "cycles", "ratio")
        title = f"{self.manifest['network']['name']} on {self.manifest['arch']['name']}"
        labels = "; ".join(str(entry["label"]) for entry in self.manifest["energy_tables"])
        note = f"one image; ratio: {self.baseline} / scheme; {labels}"
        return html_table(title, heads, rows, note)

    def to_dict(self) -> dict[str, Any]:
        """Return all but the long table as plain values, ready for JSON.

        Returns
        -------
        dict
            ``manifest``, and as lists of records ``headline``, ``structures`` (totals by
            structure), ``totals``, ``layers``, ``components``, ``operands``, ``efficiency``,
            ``quantization`` and ``beyond_limits``; at equal area also ``machines``.
        """
        sums = self.sums
        machines = {} if sums.machines is None else {"machines": _records(sums.machines)}
        return {
            "manifest": self.manifest,
            "headline": _records(sums.headline),
            "structures": _records(sums.by_structure),
            "totals": _records(sums.totals),
            "layers": _records(sums.layers),
            "components": _records(sums.components),
            "operands": _records(sums.operands),
            "efficiency": _records(sums.efficiency),
            "quantization": _records(sums.quantization),
            "beyond_limits": _records(sums.beyond_limits),
            **machines,
        }

    def write(self, folder: Path) -> None:
        """Write the tables and the manifest into a folder that exists.

        The long table becomes ``results.parquet`` where pyarrow is installed, else
        ``results.csv``, and the table of structures, if there is one, ``structures.parquet`` or
        ``.csv``; the layer table ``summary.csv``; the rest ``quantization.csv``, ``manifest.json``
        and at equal area ``machines.csv``.
        """
        _write_large(self.table, folder, LONG_TABLES)
        if self.structures is not None:
            _write_large(self.structures, folder, STRUCTURE_TABLES)
        write_table(self.layers, folder / "summary.csv")
        write_table(self.quantization, folder / "quantization.csv")
        if self.machines is not None:
            write_table(self.machines, folder / MACHINES)
        (folder / "manifest.json").write_text(manifest_text(self.manifest), encoding="utf-8")

    def save(self, folder: str | Path) -> Path:
        """Save the result; :func:`load_run` reads it back.

        Parameters
        ----------
        folder : str or Path
            Made if it does not exist. Its files of the same names are replaced, all at once.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        InputError
            If the folder cannot be written; nothing is left half-written.
        """
        with whole_folder(folder, stale=STALE) as aside:
            self.write(aside)
        return Path(folder)


def load_run(folder: str | Path) -> RunResult:
    """Load a saved run.

    Parameters
    ----------
    folder : str or Path
        What :meth:`RunResult.save` or ``hwsim run -o`` wrote.

    Returns
    -------
    RunResult
        The tables and the manifest of that run.

    Raises
    ------
    InputError
        If a file of it is missing, cannot be read or holds anything else than a run saves.
    """
    from hwsim.studies._saved_run import check_manifest, check_structures, check_tables

    folder = Path(folder)
    finish(folder)
    source = _there(folder, LONG_TABLES)
    if source is None:
        raise InputError(f"{folder}: no saved run here; expected {' or '.join(LONG_TABLES)}")
    try:
        table, structures = _read_large(source), None
        if (ways := _there(folder, STRUCTURE_TABLES)) is not None:
            source = ways
            structures = _read_large(source)
        source = folder / "summary.csv"
        layers = _read_large(source)
        source = folder / "quantization.csv"
        quantization = _read_large(source)
        source = folder / "manifest.json"
        note_input(source)
        manifest = json.loads(source.read_text(encoding="utf-8"))
        check_manifest(manifest)
        source = folder
        check_tables(table, layers, quantization, manifest)
        if structures is not None:
            check_structures(structures, table)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{source}: {error.strerror or error}") from error
    except Exception as error:  # pandas, pyarrow and json raise a dozen different types
        reason = one_line(error) or type(error).__name__
        raise InputError(f"{source}: not what a run saves: {reason}") from error
    return RunResult(table, layers, quantization, manifest, structures)


def baseline_of(schemes: list[str]) -> str | None:
    """Find the scheme that ratios are relative to: the first dense one."""
    return next((scheme for scheme in schemes if scheme.split(":")[0] == "dense"), None)


def _times(ratio: float) -> str:
    return f"{ratio:.2f}" if math.isfinite(ratio) else "-"


def _between(row: Row) -> str:
    low, high = row["ratio_low"], row["ratio_high"]
    return f"{low:.2f} to {high:.2f}" if math.isfinite(low) and math.isfinite(high) else "-"


def _there(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _write_large(table: pd.DataFrame, folder: Path, names: tuple[str, str]) -> None:
    """Write a long table by the first of two names where pyarrow is installed, else as CSV."""
    if find_spec("pyarrow") is not None:
        with (folder / names[0]).open("wb") as file:  # pyarrow takes no names that are no UTF-8
            table.to_parquet(file, index=False)
    else:
        write_table(table, folder / names[1])


def _read_large(file: Path) -> pd.DataFrame:
    note_input(file)
    return _read_parquet(file) if file.suffix == ".parquet" else _read_csv(file)


def _read_parquet(file: Path) -> pd.DataFrame:
    import pandas as pd

    if find_spec("pyarrow") is None:
        raise InputError(f"{file}: reading it needs pyarrow; install hwsim[parquet]")
    from pyarrow import parquet

    with file.open("rb") as content:
        # pandas takes texts as they are, and fails on those that are no UTF-8 when they are shown.
        parquet.read_table(content).validate(full=True)
        content.seek(0)
        return pd.read_parquet(content)


def _read_csv(file: Path) -> pd.DataFrame:
    import pandas as pd

    from hwsim.studies._saved_run import MAY_BE_MISSING, TEXT

    # An empty unit is an empty text, not a missing value, and a layer may be called "1"; missing
    # ratios are empty too.
    missing = dict.fromkeys(MAY_BE_MISSING, "")
    numbers = dict.fromkeys(MAY_BE_MISSING, "float64")
    types = {**dict.fromkeys(TEXT, "str"), **numbers}
    table = pd.read_csv(file, keep_default_na=False, na_values=missing, dtype=types)
    texts = [name for name in TEXT if name in table]
    return table.assign(**{name: table[name].map(text_of_cell) for name in texts})


def _records(table: Columns) -> list[dict[str, Any]]:
    """Give the rows, what is missing as None."""
    return [
        {name: None if value != value else value for name, value in row.items()}
        for row in table.records()
    ]
