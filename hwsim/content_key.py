"""Names made of contents: equal for equal contents, in every process and on every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_DIGEST_BYTES: Final = 16
#: Made once: a task of a study is named several times.
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))


def content_key(kind: str, *parts: object) -> str:
    """Name something by its contents.

    Parameters
    ----------
    kind : str
        What it is, with a version: raised when the parts come to mean something else.
    *parts : object
        Texts, numbers, arrays, and tuples, sets, mappings and dataclasses of them. Of a dataclass
        the fields that are compared count.

    Returns
    -------
    str
        32 hexadecimal digits.

    Raises
    ------
    TypeError
        If a part has contents that are not known, such as an object of another package.
    """
    text = _ENCODER.encode([kind, *(_plain(part) for part in parts)])
    return hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def array_key(array: NDArray[Any]) -> str:
    """Name an array by type, shape and values; one value broadcast to all is read once."""
    repeated = array.size > 1 and not any(array.strides)
    values = array.reshape(-1)[:1] if repeated else array
    little = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("<"), copy=False))
    digest = hashlib.blake2b(little.reshape(-1).view(np.uint8).data, digest_size=_DIGEST_BYTES)
    return content_key("array 1", little.dtype.str, array.shape, digest.hexdigest())


def file_key(path: Path) -> str:
    """Name a file by its contents; read once a process while size and time stay.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    state = path.stat()
    return _file_key(path.absolute(), state.st_size, state.st_mtime_ns)


def folder_key(*folders: Path, pattern: str = "*") -> str:
    """Name folders by the contents of the files in them, those of compiled code left out.

    Parameters
    ----------
    *folders : Path
        With all that is below them.
    pattern : str
        Of the names of files that count.

    Raises
    ------
    OSError
        If one cannot be read.
    """
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for folder in folders:
        for path in sorted(folder.rglob(pattern)):
            if path.is_file() and path.parent.name != "__pycache__":
                content = path.read_bytes()
                name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
                digest.update(f"{name} {len(content)}\n".encode())
                digest.update(content)
    return digest.hexdigest()


@lru_cache(maxsize=256)
def _file_key(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[: 2 * _DIGEST_BYTES]


def _plain(part: object) -> Any:
    if part is None or isinstance(part, str | bool | int | float):
        return part
    if isinstance(part, np.generic):
        return part.item()
    if isinstance(part, tuple | list):
        return [_plain(each) for each in part]
    if isinstance(part, set | frozenset):
        return {"set": sorted(_plain(each) for each in part)}
    if isinstance(part, np.ndarray):
        return {"array": array_key(part)}
    if isinstance(part, Mapping):
        return {"of": [[str(name), _plain(part[name])] for name in sorted(part)]}
    if is_dataclass(part) and not isinstance(part, type):
        # What does not decide whether two are equal is remembered and no content.
        decide = [each.name for each in fields(part) if each.compare]
        named = [[name, _plain(getattr(part, name))] for name in decide]
        return {type(part).__name__: named}
    raise TypeError(f"no content is known of {type(part).__name__}")
