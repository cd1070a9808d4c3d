"""A folder of results that is there whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from hwsim.aside import aside_name, remove_abandoned
from hwsim.errors import InputError
from hwsim.inputs_read import refuse_own_input

#: What was written whole and moves into its folder now: whoever comes finishes that.
_COMPLETE: Final = ".hwsim-complete"
#: In it, the names that a former result may have left.
_STALE: Final = ".stale.json"
#: Says what the other files are: it comes last.
_LAST: Final = "manifest.json"
#: What a rename says of a place where another writer's is.
_TAKEN: Final = (errno.ENOTEMPTY, errno.EEXIST)


@contextmanager
def whole_folder(target: str | Path, *, stale: tuple[str, ...] = ()) -> Iterator[Path]:
    """Collect files aside and move them into a folder when all of them are written.

    Entering it proves that the folder can be written, so enter before a long computation. What
    is in the folder already stays, except the files that are written anew. Whoever is killed
    before all is written leaves the folder as it was; whoever is killed later leaves what
    :func:`finish` moves into place. Both are cleared away by the next who writes or reads.

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
        if place.exists() and not place.is_dir():
            raise InputError(f"{place}: is a file, not a folder for results; choose another one")
    made = _missing_parents(folder)
    name = folder.absolute().name
    aside: Path | None = None
    try:
        inside = folder.is_dir()
        if not inside:
            folder.parent.mkdir(parents=True, exist_ok=True)
        place = folder if inside else folder.absolute().parent
        remove_abandoned(place, name)
        aside = place / aside_name(name)
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


def finish(folder: str | Path) -> None:
    """Move into a folder what was written whole for it and is not in place yet.

    Parameters
    ----------
    folder : str or Path
        Where results are, or are to be.

    Raises
    ------
    InputError
        If it has to be done and cannot be.
    """
    folder = Path(folder)
    if not (folder / _COMPLETE).is_dir() or (folder / _COMPLETE).is_symlink():
        return
    try:
        _finish(folder)
    except (OSError, ValueError, TypeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"{folder}: its writer was killed before all results were in place, which cannot be "
            f"finished here: {reason}"
        ) from error


def _missing_parents(folder: Path) -> list[Path]:
    try:
        return [parent for parent in folder.absolute().parents if not parent.exists()]
    except OSError:
        return []


def _move(aside: Path, folder: Path, stale: Iterable[str]) -> None:
    if not folder.exists():
        aside.rename(folder)
        return
    names = {file.name for file in aside.iterdir()}
    for name in (*names, *stale):
        refuse_own_input(folder / name)
    gone = sorted(set(stale) - names)
    (aside / _STALE).write_text(json.dumps(gone), encoding="utf-8")
    while True:
        _finish(folder)  # what another left, or is about to move in
        try:
            # From here on the new result is the folder's, however this process ends.
            aside.rename(folder / _COMPLETE)
            break
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
    _finish(folder)


def _finish(folder: Path) -> None:
    """Do what is left to do; another process may do it at the same time."""
    complete = folder / _COMPLETE
    with suppress(FileNotFoundError):
        if (complete / _STALE).is_file():
            for name in json.loads((complete / _STALE).read_text(encoding="utf-8")):
                # By its last part: a folder from elsewhere may say anything.
                (folder / Path(str(name)).name).unlink(missing_ok=True)
        files = sorted(complete.iterdir(), key=lambda file: (file.name == _LAST, file.name))
        for file in files:
            if file.name != _STALE:
                with suppress(FileNotFoundError):
                    file.replace(folder / file.name)
        (complete / _STALE).unlink(missing_ok=True)
        complete.rmdir()


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return
