"""What SQLite says when a store cannot be used, in one line that tells what to do."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hwsim.errors import InputError

_DAMAGED: Final = (
    "is damaged; keep a copy, and give another --store ('sqlite3 FILE .recover' may save what is "
    "in it)"
)
_BY_CODE: Final = {
    sqlite3.SQLITE_FULL: "the disk is full; free some room and run again, what was finished is "
    "kept",
    sqlite3.SQLITE_READONLY: "is read-only; make it writable, or give another --store",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; see that its folder is there and may be written",
    sqlite3.SQLITE_PERM: "may not be read; change its permissions",
    sqlite3.SQLITE_NOTADB: "is no store of hwsim; give another file",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_BUSY: "another process has held it for a minute; end that one and run again",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk reports an error; what was "
    "finished is kept",
}


@contextmanager
def faults_of(path: Path) -> Iterator[None]:
    """Word what goes wrong with a store.

    Raises
    ------
    InputError
        In place of SQLite's errors; names the file.
    """
    try:
        yield
    except UnicodeDecodeError as error:  # SQLite quotes what is damaged, and Python reads it
        raise InputError(f"{path}: {_DAMAGED}") from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        words = None if code is None else _BY_CODE.get(code & 0xFF)
        raise InputError(f"{path}: {words or f'the store cannot be used: {error}'}") from error


@contextmanager
def damage_of(path: Path) -> Iterator[None]:
    """Word what comes of rows that SQLite reads and nobody has written so.

    Raises
    ------
    InputError
        In place of what reading them raises; names the file.
    """
    try:
        yield
    except (zlib.error, ValueError, LookupError, TypeError, InputError) as error:
        raise InputError(f"{path}: {_DAMAGED}") from error
