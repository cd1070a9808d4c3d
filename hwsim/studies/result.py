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
from hwsim.studies._saved_run import MAY_BE_MISSING, TEXT, check_manifest, check_tables
from hwsim.studies.efficiency import efficiency_table
from hwsim.studies.folder import whole_folder
from hwsim.studies.tables import component_table, operand_table, total_table

if TYPE_CHECKING:
    import pandas as pd

#: Names that a saved run may have for its long table.
LONG_TABLES = ("results.parquet", "results.csv")


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
    """

    table: pd.DataFrame
    layers: pd.DataFrame
    quantization: pd.DataFrame
    manifest: dict[str, Any] = field(repr=False)

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
        entry = next(each for each in self.manifest["energy_tables"] if each["table"] == name)
        area = {key: entry[key] for key in ("area", "area_unit")}
        arch = {**self.manifest["arch"], **area}
        one = {"arch": arch, "energy": entry, "energy_tables": [entry]}
        return RunResult(
            self.table[self.table["energy_table"] == name].reset_index(drop=True),
            self.layers[self.layers["energy_table"] == name].reset_index(drop=True),
            self.quantization,
            {**self.manifest, **one},
        )

    @cached_property
    def operands(self) -> pd.DataFrame:
        """Energy by scheme and operand; see :func:`hwsim.studies.tables.operand_table`."""
        return operand_table(self.table)

    @cached_property
    def efficiency(self) -> pd.DataFrame:
        """Time and power; see :func:`hwsim.studies.efficiency.efficiency_table`."""
        return efficiency_table(self.totals, self.manifest["arch"].get("technology"))

    @cached_property
    def totals(self) -> pd.DataFrame:
        """Sums by scheme and scope; see :func:`hwsim.studies.tables.total_table`."""
        return total_table(self.layers, self.baseline)

    @cached_property
    def components(self) -> pd.DataFrame:
        """Energy by scheme and component; see :func:`hwsim.studies.tables.component_table`."""
        return component_table(self.table)

    def to_dict(self) -> dict[str, Any]:
        """Return all but the long table as plain values, ready for JSON.

        Returns
        -------
        dict
            ``manifest``, and as lists of records ``totals``, ``layers``, ``components``,
            ``operands``, ``efficiency`` and ``quantization``.
        """
        return {
            "manifest": self.manifest,
            "totals": _records(self.totals),
            "layers": _records(self.layers),
            "components": _records(self.components),
            "operands": _records(self.operands),
            "efficiency": _records(self.efficiency),
            "quantization": _records(self.quantization),
        }

    def write(self, folder: Path) -> None:
        """Write the tables and the manifest into a folder that exists.

        The long table becomes ``results.parquet`` where pyarrow is installed, else
        ``results.csv``; the layer table ``summary.csv``; the rest ``quantization.csv`` and
        ``manifest.json``.
        """
        if find_spec("pyarrow") is not None:
            self.table.to_parquet(folder / LONG_TABLES[0], index=False)
        else:
            self.table.to_csv(folder / LONG_TABLES[1], index=False)
        self.layers.to_csv(folder / "summary.csv", index=False)
        self.quantization.to_csv(folder / "quantization.csv", index=False)
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
        with whole_folder(folder, stale=LONG_TABLES) as aside:
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
    long_tables = [folder / name for name in LONG_TABLES if (folder / name).is_file()]
    if not long_tables:
        raise InputError(f"{folder}: no saved run here; expected {' or '.join(LONG_TABLES)}")
    source = long_tables[0]
    try:
        table = _read_parquet(source) if source.suffix == ".parquet" else _read_csv(source)
        source = folder / "summary.csv"
        layers = _read_csv(source)
        source = folder / "quantization.csv"
        quantization = _read_csv(source)
        source = folder / "manifest.json"
        manifest = json.loads(source.read_text(encoding="utf-8"))
        check_manifest(manifest)
        source = folder
        check_tables(table, layers, quantization, manifest)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{source}: {error.strerror or error}") from error
    except Exception as error:  # pandas, pyarrow and json raise a dozen different types
        reason = one_line(error) or type(error).__name__
        raise InputError(f"{source}: not what a run saves: {reason}") from error
    return RunResult(table, layers, quantization, manifest)


def baseline_of(schemes: list[str]) -> str | None:
    """Find the scheme that ratios are relative to: the first dense one."""
    return next((scheme for scheme in schemes if scheme.split(":")[0] == "dense"), None)


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
