"""Print results: tables for people, JSON for machines."""

from __future__ import annotations

import io
import json
import math
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from hwsim.aside import aside_name
from hwsim.errors import InputError
from hwsim.shown_text import visible
from hwsim.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment
    from rich.table import Table

#: Width when standard output is a file or a pipe: nothing is folded at a guessed 80 columns.
_PIPE_WIDTH = 120
#: Texts are shown as they are: no numbers in colour, no ``:bug:`` of a name that becomes a picture.
_PLAIN: Final[dict[str, Any]] = {"highlight": False, "emoji": False}

#: How a column is set: never folded, folded where it is too wide, figures to the right, by itself.
_SET: Final[dict[str, dict[str, Any]]] = {
    "whole": {"no_wrap": True},
    "folded": {"overflow": "fold"},
    "figures": {"justify": "right", "no_wrap": True},
    "free": {},
}


class _Result(Protocol):
    def to_dict(self) -> dict[str, Any]: ...


def start_table(columns: dict[str, str]) -> Table:
    """Start a table: its headings, and how the column of each is set."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for heading, setting in columns.items():
        table.add_column(heading, **_SET[setting])
    return table


def print_report(report: RenderableType) -> None:
    """Print a report on standard output; into a file or pipe without colour and padding."""
    from rich.console import Console

    if sys.stdout.isatty():
        Console(**_PLAIN).print(_Visible(report))
        return
    # As wide and in the encoding of the output: rich draws its lines with what that has.
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    errors = getattr(sys.stdout, "errors", None) or "strict"
    text = io.TextIOWrapper(io.BytesIO(), encoding, errors, newline="")
    width = None if "COLUMNS" in os.environ else _PIPE_WIDTH
    Console(file=text, width=width, **_PLAIN).print(report)
    text.seek(0)
    for line in text.read().splitlines():
        print(line.rstrip())


class _Visible:
    """A report in whose texts control characters are written as escapes."""

    def __init__(self, report: RenderableType) -> None:
        self._report = report

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for segment in console.render(self._report, options):
            text = segment.text if segment.control else visible(segment.text)
            yield segment._replace(text=text)


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document on standard output and nothing else."""
    sys.stdout.write(_json_text(document))


def command_line() -> str:
    """Return the command that is running, as it could be typed again."""
    return shlex.join(["hwsim", *sys.argv[1:]])


def refuse_unwritable(file: Path | None) -> None:
    """Refuse what ``--json FILE`` names before anything is done, where no file can be written."""
    if file is None or file == Path("-"):
        return
    try:
        if file.is_dir():
            raise InputError(f"{file}: cannot be written: is a folder; name a file in it")
        if not file.parent.is_dir():
            raise InputError(f"{file}: cannot be written: there is no folder {file.parent}")
        if not file.exists() or file.is_file():  # and no device
            aside = file.parent / aside_name(file.name)
            aside.touch()
            aside.unlink()
    except OSError as error:
        raise InputError(f"{file}: cannot be written: {error.strerror or error}") from error


def wrote_json_alone(file: Path | None, result: _Result) -> bool:
    """Write what ``--json FILE`` asks for; True if it is standard output, for nothing else then."""
    if file is None:
        return False
    if file == Path("-"):
        print_json(result.to_dict())
        return True
    with whole_file(file) as aside:
        aside.write_text(_json_text(result.to_dict()), encoding="utf-8")
    return False


def _json_text(document: dict[str, Any]) -> str:
    return json.dumps(_finite(document), indent=2, allow_nan=False) + "\n"


def _finite(value: Any) -> Any:
    """Turn figures that are undefined, a ratio to nothing, into null: JSON has no NaN."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
