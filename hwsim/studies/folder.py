"""A folder of results that is there whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hwsim.errors import InputError


@contextmanager
def whole_folder(target: str | Path, *, stale: tuple[str, ...] = ()) -> Iterator[Path]:
    """Collect files aside and move them into a folder when all of them are written.

    Entering it proves that the folder can be written, so enter before a long computation. What
    is in the folder already stays, except the files that are written anew.

    Parameters
    ----------
    target : str or Path
        The folder; it is made if it does not exist.
    stale : tuple of str
        Names that a former result may have left in the folder and that would contradict the new
        one; removed when the new files move in.

    Yields
    ------
    Path
        An empty temporary folder on the same file system to write into: inside the target if that
        exists, since it may be a mount point, else beside it. If the block raises, it vanishes and
        the target stays as it was.

    Raises
    ------
    InputError
        If the target is a file, or cannot be written for any other reason (permission, a full
        disk); the message names it.
    """
    folder = Path(target)
    for place in (folder, *folder.parents):
        if place.is_file():
            raise InputError(f"{place}: is a file, not a folder for results; choose another one")
    made = _missing_parents(folder)
    aside: Path | None = None
    try:
        inside = folder.is_dir()
        if not inside:
            folder.parent.mkdir(parents=True, exist_ok=True)
        place = folder if inside else folder.absolute().parent
        aside = place / f".{folder.absolute().name}-{secrets.token_hex(4)}"
        aside.mkdir()
        yield aside
        _move(aside, folder, stale)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        raise InputError(f"{folder}: cannot write the results here: {reason}") from error
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)
        for parent in made:  # innermost first; one that holds the results is not empty and stays
            _remove_if_empty(parent)


def _missing_parents(folder: Path) -> list[Path]:
    try:
        return [parent for parent in folder.absolute().parents if not parent.exists()]
    except OSError:
        return []


def _move(aside: Path, folder: Path, stale: tuple[str, ...]) -> None:
    if not folder.exists():
        aside.rename(folder)
        return
    for name in stale:
        (folder / name).unlink(missing_ok=True)
    for file in aside.iterdir():
        file.replace(folder / file.name)


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return
