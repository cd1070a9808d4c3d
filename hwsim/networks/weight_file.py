"""Read the bytes of a weight file, and tell its format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hwsim.errors import InputError

#: Files and the arrays in them are held in memory; VGG-16 in 32-bit floats takes 0.55 GB.
MAX_BYTES = 4 * 2**30

FORMATS = {".npz": "npz", ".safetensors": "safetensors", ".pt": "torch", ".pth": "torch"}

_ZIP_MAGIC = b"PK"
_PICKLE_MAGIC = b"\x80"


def read_bytes(path: Path) -> bytes:
    """Read a whole weight file.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    bytes
        What it holds.

    Raises
    ------
    InputError
        If it is missing, no regular file, empty, larger than ``MAX_BYTES`` or not readable.
    """
    try:
        if path.is_dir():
            raise InputError(f"{path}: is a folder; expected a weight file")
        if not path.exists():
            raise InputError(f"{path}: no such file")
        if not path.is_file():
            raise InputError(f"{path}: is no regular file; expected a weight file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"{path}: {size:,} bytes; hwsim reads at most {MAX_BYTES:,}")
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: cannot be read: {reason}") from error
    if not data:
        raise InputError(f"{path}: is empty")
    return data


def format_of(path: Path, data: bytes) -> str:
    """Tell the format of a weight file by its suffix or, if that is unknown, by its content.

    Parameters
    ----------
    path : Path
        The file.
    data : bytes
        What it holds.

    Returns
    -------
    str
        ``"npz"``, ``"safetensors"`` or ``"torch"``.

    Raises
    ------
    InputError
        If it is neither.
    """
    suffix = path.suffix.lower()
    if suffix in FORMATS:
        return FORMATS[suffix]
    if data.startswith(_ZIP_MAGIC):
        return "torch" if b"data.pkl" in data[:4096] else "npz"
    if data.startswith(_PICKLE_MAGIC):
        return "torch"
    header_bytes = int.from_bytes(data[:8], "little")
    if data[8:9] == b"{" and header_bytes <= len(data) - 8:
        return "safetensors"
    raise InputError(f"{path}: not a weight file; hwsim reads {', '.join(FORMATS)}")


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
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(f"{path}: not {what}, or damaged or truncated: {reason}") from error


def check_total(path: Path, total_bytes: int, stored_bytes: int) -> None:
    """Refuse a file that unpacks to far more than it is, before anything is allocated.

    Parameters
    ----------
    path : Path
        The file.
    total_bytes : int
        What its arrays need, as it declares.
    stored_bytes : int
        Its size.

    Raises
    ------
    InputError
        If the arrays need more than ``MAX_BYTES``, or more than 256 MB and 100 times the file.
    """
    if total_bytes > MAX_BYTES or total_bytes > max(256_000_000, 100 * stored_bytes):
        raise InputError(
            f"{path}: its arrays would take {total_bytes:,} bytes, the file has {stored_bytes:,}; "
            f"refused (at most 100 times the file's size, and {MAX_BYTES:,} bytes)"
        )
