"""A weight file before a reader has it: is it there, how large, what is its hash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hwsim.errors import InputError, one_line
from hwsim.inputs_read import note_input
from hwsim.networks.readers.file_pass import pass_over

#: What a file may hold that cannot be mapped, so that its arrays are held in memory; VGG-16 in
#: 32-bit floats takes 0.55 GB.
MAX_BYTES = 4 * 2**30
#: What a file of any size may unpack to; above it the file's own size counts.
_ALWAYS_BYTES = 64_000_000
#: Deflate packs weights of a network that is pruned to 99 % about that well.
_MAX_RATIO = 100
_HEAD_BYTES = 4096


def check_and_hash(path: Path) -> str:
    """Check that a weight file can be read, and hash it.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        SHA-256 of its content, in hex.

    Raises
    ------
    InputError
        If it is missing, no regular file, empty or not readable.
    """
    try:
        if path.is_dir():
            raise InputError(f"{path}: is a folder; expected a weight file")
        if not path.exists():
            raise InputError(f"{path}: no such file")
        if not path.is_file():
            raise InputError(f"{path}: is no regular file; expected a weight file")
        size = path.stat().st_size
        if not size:
            raise InputError(f"{path}: is empty")
        note_input(path)
        return pass_over(path).sha256
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: cannot be read: {reason}") from error


def first_bytes(path: Path) -> bytes:
    """Read the bytes by which readers recognise a file."""
    with readable(path, "a weight file"), path.open("rb") as file:
        return file.read(_HEAD_BYTES)


@contextmanager
def readable(path: Path, what: str) -> Iterator[None]:
    """Turn whatever a library raises on a damaged file into one line about the file.

    Parameters
    ----------
    path : Path
        The file.
    what : str
        What it should be, e.g. ``"an .npz file"``.

    Raises
    ------
    InputError
        For any exception of the block.
    """
    try:
        yield
    except InputError:
        raise
    # zipfile, zlib, Python's parser under numpy, and torch each raise a dozen different types.
    except Exception as error:
        reason = one_line(error)[:200] or type(error).__name__
        raise InputError(f"{path}: not {what}, or damaged or truncated: {reason}") from error


def check_total(path: Path, total_bytes: int, advice: str, mapped: bool = False) -> None:
    """Refuse a file that unpacks to far more than it is, before anything is allocated.

    Parameters
    ----------
    path : Path
        The file.
    total_bytes : int
        What its arrays need as 32-bit floats, or as they are if they are wider.
    advice : str
        How to write the same without tripping over this, e.g. ``"save it with numpy.savez"``.
    mapped : bool
        Whether the arrays are mapped from the file, and take no memory.

    Raises
    ------
    InputError
        If the arrays need more than ``MAX_BYTES`` of memory, or more than 64 MB and 100 times the
        file.
    """
    stored_bytes = path.stat().st_size
    too_many = total_bytes > MAX_BYTES and not mapped
    if too_many or total_bytes > max(_ALWAYS_BYTES, _MAX_RATIO * stored_bytes):
        raise InputError(
            f"{path}: its arrays would take {total_bytes:,} bytes as 32-bit floats, the file has "
            f"{stored_bytes:,}; refused (at most {_MAX_RATIO} times the file's size, and "
            f"{MAX_BYTES:,} bytes); {advice}"
        )
