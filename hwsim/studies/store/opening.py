"""The opening of a store: to write, or to read wherever it lies."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hwsim.errors import InputError
from hwsim.inputs_read import note_input
from hwsim.studies.store.faults import faults_of
from hwsim.studies.store.schema import ADDED, APPLICATION, FORMAT, TABLES

#: In place of a file: a store that ends with the process.
MEMORY: Final = ":memory:"
#: How long another process may hold the file for one transaction [s].
PATIENCE_S: Final = 60.0
#: What SQLite says when the files beside the store cannot be made, where readers meet writers.
_FILES_BESIDE: Final = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
}


def open_store(path: Path) -> sqlite3.Connection:
    """Open a store to be written; it is made where there is none.

    Raises
    ------
    InputError
        If it cannot be opened or written, is no store, or is another version's.
    """
    memory = str(path) == MEMORY
    if not memory:
        _refuse_folders(path)
    with faults_of(path), _open(MEMORY if memory else _uri(path, "mode=rwc")) as base:
        (tables,) = base.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables:
            _refuse_others(base, path)
        # Readers and one writer side by side; whole after a crash of the machine, too.
        _log_ahead(base)
        base.execute("PRAGMA synchronous = NORMAL")
        base.execute("PRAGMA foreign_keys = ON")
        base.execute("BEGIN IMMEDIATE")
        (tables,) = base.execute("SELECT count(*) FROM sqlite_master").fetchone()
        made = format_of(base) if tables else 0  # another may have made it meanwhile
        if not made:
            for statement in _statements(TABLES):
                base.execute(statement)
            base.execute(f"PRAGMA application_id = {APPLICATION}")
        for later in range(max(made, 1) + 1, FORMAT + 1):
            for statement in _statements(ADDED[later]):
                base.execute(statement)
        base.execute(f"PRAGMA user_version = {FORMAT}")  # fails here if nothing can be written
        base.execute("COMMIT" if made < FORMAT else "ROLLBACK")
        _refuse_others(base, path)
        return base


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a store to be read only, be its folder read-only, or the disk full.

    Raises
    ------
    InputError
        If there is none, it cannot be read, is no store, or is another version's.
    """
    _refuse_folders(path)
    if not path.is_file():
        raise InputError(f"{path}: no such store")
    with faults_of(path):
        try:
            with _open(_uri(path, "mode=ro")) as base:
                _refuse_others(base, path)
                return base
        except sqlite3.OperationalError as error:
            if _code(error) not in _FILES_BESIDE:
                raise
            beside = path.with_name(f"{path.name}-wal")
            if beside.is_file() and beside.stat().st_size:
                raise InputError(
                    f"{path}: cannot be read in its folder, as {beside.name} has the last of it; "
                    "copy both to where you may write"
                ) from None
            with _open(_uri(path, "immutable=1")) as base:
                _refuse_others(base, path)
                return base


def _code(error: sqlite3.Error) -> int | None:
    """Give the primary code of SQLite's error."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _uri(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?{mode}"


def _log_ahead(base: sqlite3.Connection) -> None:
    """Have changes go into a log beside the file; waits for others that open it as well.

    SQLite does not wait by itself here: two that ask for this at once on a new file would wait
    for one another, so that it refuses one of them there and then.
    """
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            base.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(random.uniform(0.001, 0.02))  # not in step with the other


@contextmanager
def _open(name: str) -> Iterator[sqlite3.Connection]:
    """Connect; what goes wrong in the block closes the connection."""
    base = sqlite3.connect(name, uri=True, timeout=PATIENCE_S, isolation_level=None)
    try:
        base.execute("PRAGMA cell_size_check = ON")  # sees more of what is damaged
        yield base
    except BaseException:
        base.close()
        raise


def store_beside(study: Path) -> Path:
    """Say where what a study finds is kept if nothing else is said: beside its file.

    Raises
    ------
    InputError
        If it is a folder.
    """
    if study.is_dir():
        raise InputError(f"{study}: is a folder; expected the file of a study")
    return study.with_suffix(".db")


def _refuse_folders(path: Path) -> None:
    if path.is_dir():
        raise InputError(f"{path}: is a folder, not a store; name a file in it")
    if not path.absolute().parent.is_dir():
        raise InputError(f"{path}: there is no folder {path.parent}; make it, or give another")


def _refuse_others(base: sqlite3.Connection, path: Path) -> None:
    """Refuse what another program or another hwsim has written, before anything is changed."""
    (application,) = base.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION:
        raise InputError(f"{path}: is no store of hwsim; give another file")
    version = format_of(base)
    if not 1 <= version <= FORMAT:
        raise InputError(
            f"{path}: a store of version {version}; this hwsim reads versions 1 to {FORMAT}. "
            "Use the hwsim that wrote it, or give another --store"
        )
    note_input(path)


def format_of(base: sqlite3.Connection) -> int:
    """Tell the format of a store that is open."""
    (version,) = base.execute("PRAGMA user_version").fetchone()
    return int(version)


def _statements(script: str) -> Iterator[str]:
    """Split the script: SQLite's own way of running one commits what is open."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
