"""A study as files for other tools."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from hwsim.csv_tables import write_table
from hwsim.errors import InputError
from hwsim.studies.study_result import StudyResult
from hwsim.whole_file import whole_file


def export_study(result: StudyResult, target: Path, by: str = "layer") -> None:
    """Write a study.

    Parameters
    ----------
    result : StudyResult
        What to write.
    target : Path
        A ``.csv``, ``.parquet`` or ``.json`` file for one table, else a folder for all of them.
    by : {"layer", "point"}
        The table of a file.

    Raises
    ------
    InputError
        If the target cannot be written, or parquet is asked for and pyarrow is not installed.
    """
    table = result.layers if by == "layer" else result.points
    kind = target.suffix.lower()
    if kind == ".parquet":
        if find_spec("pyarrow") is None:
            raise InputError("parquet needs pyarrow: pip install 'hwsim[parquet]'")
        with whole_file(target) as aside, aside.open("wb") as file:
            table.to_parquet(file, index=False)
    elif kind == ".csv":
        with whole_file(target) as aside:
            write_table(table, aside)
    elif kind == ".json":
        with whole_file(target) as aside:
            table.to_json(aside, orient="records", indent=1)
    elif kind:
        raise InputError(f"{target}: expected .csv, .parquet, .json, or a folder")
    else:
        result.save(target)
