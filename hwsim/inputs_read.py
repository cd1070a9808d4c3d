"""The files that a command has read or written, so that what it writes is none of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from hwsim.errors import InputError

#: What stands before a value in a line of YAML, and around it.
_VALUE: Final = re.compile(r"^[\s-]*(?:[\w.-]+:)?\s*")
_QUOTES: Final = " \t\"'"
#: What no short name has in it.
_BETWEEN: Final = re.compile(r"[\s,:\[\]{}\"'#=]+")

#: Device and number of each file, whatever it is called; None outside of a command, as a program
#: in Python may well replace what it has read.
_read: set[tuple[int, int]] | None = None
_written: set[tuple[int, int]] = set()


@contextmanager
def protected_inputs() -> Iterator[None]:
    """Remember what is read and written in the block, and refuse to overwrite it."""
    global _read, _written
    before = _read, _written
    _read, _written = set(), set()
    try:
        yield
    finally:
        _read, _written = before


def note_input(path: Path) -> None:
    """Remember a file that is read."""
    if _read is not None:
        with suppress(OSError, ValueError):
            state = path.stat()
            _read.add((state.st_dev, state.st_ino))


def note_written(path: Path) -> None:
    """Remember a file that was written, which another output of the command would replace."""
    if _read is not None:
        with suppress(OSError, ValueError):
            state = path.stat()
            _written.add((state.st_dev, state.st_ino))


def note_named_files(text: str, folder: Path) -> None:
    """Remember the existing files that a text names, whether it can be understood or not.

    Parameters
    ----------
    text : str
        Of a study, whose networks and machines are read long after the study.
    folder : Path
        That its paths are relative to.
    """
    if _read is None:
        return
    lines = [_VALUE.sub("", line.split(" #")[0]).strip(_QUOTES) for line in text.splitlines()]
    for name in dict.fromkeys((*lines, *_BETWEEN.split(text))):
        with suppress(OSError, ValueError):
            if name and (folder / name).is_file():
                note_input(folder / name)


def refuse_own_input(path: Path) -> None:
    """Refuse a place to write that is a file which the command has read or written.

    Raises
    ------
    InputError
        If it is one.
    """
    if not _read and not _written:
        return
    try:
        state = path.stat()
    except (OSError, ValueError):
        return
    file = state.st_dev, state.st_ino
    if file in (_read or ()) and path.is_file():
        raise InputError(
            f"{path}: is an input of this command, which would overwrite it; name another file"
        )
    if file in _written and path.is_file():
        raise InputError(f"{path}: two outputs of this command are this file; name another one")
