"""Output that prints in any encoding: what it lacks is written in ASCII."""

from __future__ import annotations

import codecs
import io
import sys

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


def print_in_any_encoding() -> None:
    """Keep names, notes and rules printable under ``LC_ALL=C``, latin-1 or for odd file names."""
    codecs.register_error(_ERRORS, _in_ascii)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)


def _in_ascii(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    plain = (
        _ASCII.get(each) or each.encode("ascii", "backslashreplace").decode() for each in missing
    )
    return "".join(plain), error.end
