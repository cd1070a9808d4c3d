"""A few values and arrays as bytes: how workloads and networks travel, and what is hashed.

A frame is a line that says what it is, a line of JSON, and the arrays one after the other;
booleans take one bit each.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.bit_rows import BitRows
from hwsim.errors import InputError, named_reason

_DIGEST_BYTES: Final = 16
#: Made once: it is asked twice a layer.
_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
Arrays = Mapping[str, NDArray[Any] | BitRows]


def frame(kind: str, header: Mapping[str, Any], arrays: Arrays) -> bytes:
    """Write a frame.

    Parameters
    ----------
    kind : str
        What it is, with a version, e.g. ``workload 1``.
    header : mapping
        Values that JSON knows.
    arrays : mapping of str to ndarray or BitRows
        Numbers or booleans of any shape.
    """
    return b"".join((opening(kind, header, arrays), *_contents(arrays)))


def frame_digest(kind: str, header: Mapping[str, Any], arrays: Arrays) -> str:
    """Hash a frame without building it; 32 hexadecimal digits, the same on every machine."""
    return digest_after(opening(kind, header, arrays), arrays)


def opening(kind: str, header: Mapping[str, Any], arrays: Arrays) -> bytes:
    """Write the two lines of a frame before its arrays, of which it says type and shape."""
    layout = [[name, _little(array.dtype).str, array.shape] for name, array in arrays.items()]
    document = {"header": header, "arrays": layout}
    return _first_line(kind) + b"\n" + _ENCODER.encode(document).encode() + b"\n"


def digest_after(beginning: bytes, arrays: Arrays) -> str:
    """Hash a frame of which the :func:`opening` is known."""
    digest = hashlib.blake2b(beginning, digest_size=_DIGEST_BYTES)
    for part in _contents(arrays):
        digest.update(part)
    return digest.hexdigest()


def read_frame(kind: str, content: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read a frame.

    Parameters
    ----------
    kind : str
        What it should be.
    content : bytes
        From :func:`frame`.

    Returns
    -------
    (dict, dict of str to ndarray)
        Header and arrays.

    Raises
    ------
    InputError
        If it is of another kind or version, not all of it is there, or there is more.
    """
    if not isinstance(content, bytes | bytearray):
        raise InputError(f"expected the bytes of a hwsim {kind}. Got {content!r:.40}")
    content = bytes(content)
    first, _, rest = content.partition(b"\n")
    if first != _first_line(kind):
        raise InputError(
            f"expected the bytes of a hwsim {kind}. Got {first[:40].decode(errors='replace')!r}; "
            "use the hwsim that wrote them"
        )
    line, _, body = rest.partition(b"\n")
    with reading(kind):
        document = json.loads(line)
        arrays: dict[str, NDArray[Any]] = {}
        place = 0
        for name, dtype, shape in document["arrays"]:
            kept = np.dtype(dtype)
            length = math.prod(shape)
            size = -(-length // 8) if kept == np.bool_ else length * kept.itemsize
            piece = np.frombuffer(body[place : place + size], dtype=np.uint8)
            if piece.size != size or kept.hasobject:
                raise InputError(f"the bytes of a hwsim {kind} are cut off in {name!r}")
            flat = np.unpackbits(piece, count=length) if kept == np.bool_ else piece
            arrays[name] = flat.view(kept).reshape(shape)
            place += size
        if place != len(body):
            raise InputError(
                f"the bytes of a hwsim {kind} are damaged: {len(body) - place} too many"
            )
        header: dict[str, Any] = document["header"]
    return header, arrays


@contextmanager
def reading(kind: str) -> Iterator[None]:
    """Refuse, in one line, what turns out not to be as it was written while it is taken apart.

    Raises
    ------
    InputError
        In place of what a wrong type, key or value raises.
    """
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(
            f"the bytes of a hwsim {kind} are damaged: {named_reason(error)}"
        ) from error


def _contents(arrays: Arrays) -> Iterator[memoryview]:
    for array in arrays.values():
        yield _content(array).reshape(-1).view(np.uint8).data


def _content(array: NDArray[Any] | BitRows) -> NDArray[Any]:
    if isinstance(array, BitRows) and not array.width % 8:
        return np.ascontiguousarray(array.packed)
    bits = array.bits() if isinstance(array, BitRows) else array
    if bits.dtype == np.bool_:
        return np.packbits(bits)
    return np.ascontiguousarray(bits, _little(bits.dtype))


def _little(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Make numbers little-endian, so that the digest of a big-endian machine is the same."""
    return dtype.newbyteorder("<")


def _first_line(kind: str) -> bytes:
    return f"hwsim {kind}".encode()
