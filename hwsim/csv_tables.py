"""CSV that no spreadsheet takes for formulas, whatever layers and schemes are called."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

#: What spreadsheets calculate: a cell that begins so, or that was quoted for it once already.
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_QUOTED: Final = re.compile(r"'+[=+\-@\t\r]")


def quoted_cell(value: Any) -> Any:
    """Put a quote before a text that a spreadsheet would calculate; leave all else."""
    if isinstance(value, str) and _FORMULA.match(value):
        return f"'{value}"
    return value


def text_of_cell(value: Any) -> Any:
    """Give the text that :func:`quoted_cell` quoted."""
    return value[1:] if isinstance(value, str) and _QUOTED.match(value) else value


def write_table(table: pd.DataFrame, file: Path) -> None:
    """Write a table without its index."""
    texts = [name for name in table.columns if table[name].dtype.kind not in "iufb"]
    quoted = {name: table[name].map(quoted_cell) for name in texts}
    table.assign(**quoted).to_csv(file, index=False)


def text_of_table(rows: Sequence[Mapping[str, object]]) -> str:
    """Write rows of one kind, the keys of the first above them."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: quoted_cell(value) for key, value in row.items()})
    return text.getvalue()
