"""A sweep read back from its folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from hwsim.csv_tables import text_of_cell
from hwsim.errors import InputError, one_line
from hwsim.inputs_read import note_input
from hwsim.studies._saved_run import TEXT, check_manifest
from hwsim.studies.columns import Columns
from hwsim.studies.limits import beyond_limits
from hwsim.studies.sparsity_sweep import METRICS, SweepResult

SWEEP_TABLE: Final = "sweep.csv"


def load_sweep(folder: str | Path) -> SweepResult:
    """Load a saved sweep.

    Parameters
    ----------
    folder : str or Path
        What :meth:`SweepResult.save` or ``hwsim sweep -o`` wrote.

    Raises
    ------
    InputError
        If a file of it is missing, cannot be read or holds anything else than a sweep saves.
    """
    import pandas as pd

    folder = Path(folder)
    source = folder / SWEEP_TABLE
    for name in (SWEEP_TABLE, "summary.csv", "manifest.json"):
        note_input(folder / name)
    try:
        table = pd.read_csv(source)
        for name in ("sparsity", "density", *METRICS):
            if name not in table or table[name].dtype.kind not in "iuf":
                raise ValueError(f"no column {name!r} of numbers")
        table["energy_unit"] = table["energy_unit"].fillna("")
        source = folder / "summary.csv"
        layers = pd.read_csv(source, dtype=dict.fromkeys(TEXT, "str"), keep_default_na=True)
        for name in (name for name in layers.columns if name in TEXT):
            layers[name] = layers[name].map(text_of_cell)
        source = folder / "manifest.json"
        manifest = json.loads(source.read_text(encoding="utf-8"))
        check_manifest(manifest)
        if not isinstance(manifest.get("sweep"), dict) or "method" not in manifest["sweep"]:
            raise ValueError("sweep.method: missing")
    except OSError as error:
        raise InputError(f"{source}: {error.strerror or error}") from error
    except Exception as error:  # pandas and json raise a dozen different types
        reason = one_line(error) or type(error).__name__
        raise InputError(f"{source}: not what a sweep saves: {reason}") from error
    beyond = beyond_limits(Columns.of(layers), "dense").frame()
    return SweepResult(table, layers, beyond, (), manifest)
