"""Print results: tables for people, JSON for machines."""

from __future__ import annotations

import io
import json
import os
import secrets
import shlex
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwsim.errors import InputError

if TYPE_CHECKING:
    from rich.console import RenderableType

#: Width when standard output is a file or a pipe: nothing is folded at a guessed 80 columns.
_PIPE_WIDTH = 120


def print_report(report: RenderableType) -> None:
    """Print a report on standard output; into a file or pipe without colour and padding."""
    from rich.console import Console

    if sys.stdout.isatty():
        Console(highlight=False).print(report)
        return
    text = io.StringIO()
    width = None if "COLUMNS" in os.environ else _PIPE_WIDTH
    Console(file=text, width=width, highlight=False).print(report)
    for line in text.getvalue().splitlines():
        print(line.rstrip())


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document on standard output and nothing else."""
    json.dump(document, sys.stdout, indent=2, allow_nan=False)
    sys.stdout.write("\n")


def command_line() -> str:
    """Return the command that is running, as it could be typed again."""
    return shlex.join(["hwsim", *sys.argv[1:]])


def write_json(file: Path, document: dict[str, Any]) -> None:
    """Write one JSON document into a file, whole or not at all."""
    aside = file.with_name(f".{file.name}-{secrets.token_hex(4)}")
    try:
        aside.write_text(json.dumps(document, indent=2, allow_nan=False) + "\n", encoding="utf-8")
        aside.replace(file)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        raise InputError(f"{file}: cannot be written: {error.strerror or error}") from error
