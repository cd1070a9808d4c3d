"""Output that prints in any encoding and on any terminal: what it lacks is written in ASCII."""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import Any, TextIO

from hwsim.shown_text import visible

_ERRORS = "hwsim.ascii"
_ASCII = {
    **dict.fromkeys("─━═–—‐‑−", "-"),
    **dict.fromkeys("│┃║", "|"),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("“”", '"'),
    "×": "x",
    "µ": "u",
    "μ": "u",
    "·": ".",
    "…": "...",
    "²": "^2",
    "³": "^3",
    "±": "+-",
}


class PlainStream:
    """A text stream to which control characters are written as escapes.

    Names of layers, files and tables are other people's: none of them may speak to the terminal.
    What rich writes itself, colours and bars, goes past it, as rich asks for by the attribute.
    """

    def __init__(self, stream: TextIO) -> None:
        self.rich_proxied_file = stream

    def write(self, text: str) -> int:
        """Write a text."""
        return self.rich_proxied_file.write(visible(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)


def print_in_any_encoding() -> None:
    """Keep names, notes and rules printable under ``LC_ALL=C``, latin-1 or for odd file names.

    A stream that was closed before the start is one into which everything vanishes.
    """
    codecs.register_error(_ERRORS, _in_ascii)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            stream = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)
        if not isinstance(stream, PlainStream):
            setattr(sys, name, PlainStream(stream))


def _in_ascii(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    plain = (
        _ASCII.get(each) or each.encode("ascii", "backslashreplace").decode() for each in missing
    )
    return "".join(plain), error.end
