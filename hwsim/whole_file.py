"""A file that is there whole or not at all."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hwsim.aside import aside_name, remove_abandoned
from hwsim.errors import InputError
from hwsim.inputs_read import note_written, refuse_own_input

#: What a rename says of a file that is a mount point of its own, as a container's may be.
_MOUNTED = (errno.EBUSY, errno.EXDEV)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Write a file aside and move it into place when all of it is written.

    What is no regular file (a device, a pipe) or a mount point of its own cannot be replaced; the
    finished content is written into it.

    Parameters
    ----------
    path : Path
        The file; one that exists is replaced.

    Yields
    ------
    Path
        A file that does not exist, to write in its place. If the block raises, it vanishes.

    Raises
    ------
    InputError
        If the file cannot be written; the message names it.
    """
    name = aside_name(path.name)
    aside = path.parent / name
    try:
        remove_abandoned(path.parent, path.name)
        refuse_own_input(path)
        special = path.exists() and not (path.is_file() or path.is_dir())
        if special:
            aside = Path(tempfile.gettempdir()) / name
        yield aside
        refuse_own_input(path)  # it may have been read meanwhile
        if special:
            with aside.open("rb") as written, path.open("wb") as target:
                shutil.copyfileobj(written, target)
        else:
            _move(aside, path)
            note_written(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def _move(aside: Path, path: Path) -> None:
    try:
        aside.replace(path)
    except OSError as error:
        if error.errno not in _MOUNTED or not path.is_file():
            raise
        shutil.copyfile(aside, path)
