"""The result of a run: tables and a manifest, saved as files and loaded again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwsim.errors import InputError, did_you_mean, one_line
from hwsim.studies._manifest import manifest_text
from hwsim.studies._saved_run import (
    MAY_BE_MISSING,
    TEXT,
    check_manifest,
    check_structures,
    check_tables,
)
from hwsim.studies.efficiency import efficiency_table
from hwsim.studies.folder import whole_folder
from hwsim.studies.headline import headline_table, structure_totals
from hwsim.studies.limits import beyond_limits
from hwsim.studies.machine_table import machine_table
from hwsim.studies.tables import component_table, operand_table, total_table

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


@dataclass(frozen=True, eq=False)
class RunResult:
    """What a run found; every other figure is derived from its tables.

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
        :func:`hwsim.studies.structures.structure_table`. None where there is one structure only.
    """

    table: pd.DataFrame
    layers: pd.DataFrame
    quantization: pd.DataFrame
    manifest: dict[str, Any] = field(repr=False)
    structures: pd.DataFrame | None = None

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
        one = {"arch": arch, "energy": entry, "energy_tables": [entry]}
        ways = None if self.structures is None else _of_table(self.structures, name)
        part = RunResult(
            _of_table(self.table, name),
            _of_table(self.layers, name),
            self.quantization,
            {**self.manifest, **one},
            None if ways is None or ways.empty else ways,
        )
        for derived in ("totals", "by_structure", "headline"):
            # Has its rows by energy table already, and takes longest to derive.
            vars(part)[derived] = _of_table(getattr(self, derived), name)
        return part

    @cached_property
    def operands(self) -> pd.DataFrame:
        """Energy by scheme and operand; see :func:`hwsim.studies.tables.operand_table`."""
        return operand_table(self.table)

    @cached_property
    def efficiency(self) -> pd.DataFrame:
        """Time and power; see :func:`hwsim.studies.efficiency.efficiency_table`."""
        technology = self.manifest["arch"].get("technology")
        return efficiency_table(self.totals, self.headline["dram_share"], technology)

    @cached_property
    def by_structure(self) -> pd.DataFrame:
        """Totals by structure; see :func:`hwsim.studies.headline.structure_totals`."""
        return structure_totals(
            self.table, self.structures, self.layers, self.schemes, self.baseline
        )

    @cached_property
    def headline(self) -> pd.DataFrame:
        """Totals and ratios with intervals; see :func:`hwsim.studies.headline.headline_table`."""
        return headline_table(
            self.totals, self.by_structure, self.table, self.layers, self.baseline
        )

    @cached_property
    def machines(self) -> pd.DataFrame | None:
        """What each scheme's machine comes to, None where all schemes run on one.

        See :func:`hwsim.studies.machine_table.machine_table`.
        """
        if "equal_area" not in self.manifest:
            return None
        return machine_table(self.manifest["equal_area"], self.headline, self.totals, self.baseline)

    @cached_property
    def totals(self) -> pd.DataFrame:
        """Sums by scheme and scope; see :func:`hwsim.studies.tables.total_table`."""
        return total_table(self.layers, self.baseline)

    @cached_property
    def beyond_limits(self) -> pd.DataFrame:
        """Ratios that cannot be; see :func:`hwsim.studies.limits.beyond_limits`."""
        return beyond_limits(self.layers, self.baseline)

    @cached_property
    def components(self) -> pd.DataFrame:
        """Energy by scheme and component; see :func:`hwsim.studies.tables.component_table`."""
        return component_table(self.table)

    def to_dict(self) -> dict[str, Any]:
        """Return all but the long table as plain values, ready for JSON.

        Returns
        -------
        dict
            ``manifest``, and as lists of records ``headline``, ``structures`` (totals by
            structure), ``totals``, ``layers``, ``components``, ``operands``, ``efficiency``,
            ``quantization`` and ``beyond_limits``; at equal area also ``machines``.
        """
        machines = {} if self.machines is None else {"machines": _records(self.machines)}
        return {
            "manifest": self.manifest,
            "headline": _records(self.headline),
            "structures": _records(self.by_structure),
            "totals": _records(self.totals),
            "layers": _records(self.layers),
            "components": _records(self.components),
            "operands": _records(self.operands),
            "efficiency": _records(self.efficiency),
            "quantization": _records(self.quantization),
            "beyond_limits": _records(self.beyond_limits),
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
        self.layers.to_csv(folder / "summary.csv", index=False)
        self.quantization.to_csv(folder / "quantization.csv", index=False)
        if self.machines is not None:
            self.machines.to_csv(folder / MACHINES, index=False)
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
    folder = Path(folder)
    source = _there(folder, LONG_TABLES)
    if source is None:
        raise InputError(f"{folder}: no saved run here; expected {' or '.join(LONG_TABLES)}")
    try:
        table, structures = _read_large(source), None
        if (ways := _there(folder, STRUCTURE_TABLES)) is not None:
            source = ways
            structures = _read_large(source)
        source = folder / "summary.csv"
        layers = _read_csv(source)
        source = folder / "quantization.csv"
        quantization = _read_csv(source)
        source = folder / "manifest.json"
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


def _of_table(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    return rows[rows["energy_table"] == name].reset_index(drop=True)


def _there(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _write_large(table: pd.DataFrame, folder: Path, names: tuple[str, str]) -> None:
    """Write a long table by the first of two names where pyarrow is installed, else as CSV."""
    if find_spec("pyarrow") is not None:
        table.to_parquet(folder / names[0], index=False)
    else:
        table.to_csv(folder / names[1], index=False)


def _read_large(file: Path) -> pd.DataFrame:
    return _read_parquet(file) if file.suffix == ".parquet" else _read_csv(file)


def _read_parquet(file: Path) -> pd.DataFrame:
    import pandas as pd

    if find_spec("pyarrow") is None:
        raise InputError(f"{file}: reading it needs pyarrow; install hwsim[parquet]")
    return pd.read_parquet(file)


def _read_csv(file: Path) -> pd.DataFrame:
    import pandas as pd

    # An empty unit is an empty text, not a missing value, and a layer may be called "1"; missing
    # ratios are empty too.
    missing = dict.fromkeys(MAY_BE_MISSING, "")
    numbers = dict.fromkeys(MAY_BE_MISSING, "float64")
    types = {**dict.fromkeys(TEXT, "str"), **numbers}
    return pd.read_csv(file, keep_default_na=False, na_values=missing, dtype=types)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return list(table.astype(object).where(table.notna(), None).to_dict(orient="records"))  # type: ignore[arg-type]
