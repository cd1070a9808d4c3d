"""Text of others made fit to be shown: no control characters, and a line of bounded length."""

from __future__ import annotations

import re
from typing import Final

#: The longest line that is printed of a message.
LONGEST_LINE: Final = 300
#: Of a value that is cut, so much is left: its beginning and its end.
_KEPT_OF_VALUE: Final = 60
_GAP: Final = "..."
#: What moves a cursor, colours a terminal or turns the direction of writing: all control
#: characters but the tab and the end of a line, and the marks that reverse what is read.
_UNSEEN: Final = {
    *(code for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"),
    *(0x061C, 0x200E, 0x200F, 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)),
}
_ESCAPES: Final = {code: ascii(chr(code))[1:-1] for code in _UNSEEN}
_QUOTED: Final = re.compile(r"(['\"])(?:(?!\1).){61,}\1")
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,79}")
_WORD: Final = re.compile(r"\S{61,}")


def visible(text: str) -> str:
    r"""Write control characters as escapes, ``\x1b``, so that none reaches a terminal."""
    return text.translate(_ESCAPES)


def bounded(line: str, most: int = LONGEST_LINE) -> str:
    """Cut a line to a length: long values in the middle first, then the line itself.

    Parameters
    ----------
    line : str
        Without an end of line.
    most : int, optional
        Characters that it may have.
    """
    line = visible(line)
    for pattern in (_QUOTED, _WORD):
        if len(line) > most:
            line = pattern.sub(lambda found: _cut(found[0], _KEPT_OF_VALUE), line)
    return _cut(line, most)


def is_file_name(text: str) -> bool:
    """Whether a text can be part of a file's name anywhere: letters, digits and ``._-+``."""
    return _FILE_NAME.fullmatch(text) is not None


def _cut(text: str, most: int) -> str:
    """Leave out the middle of a text that is longer."""
    if len(text) <= most:
        return text
    front = (most - len(_GAP)) * 2 // 3
    return f"{text[:front]}{_GAP}{text[len(text) - (most - len(_GAP) - front) :]}"
