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
    return b"".join(_parts(kind, header, arrays))


def frame_digest(kind: str, header: Mapping[str, Any], arrays: Arrays) -> str:
    """Hash a frame without building it; 32 hexadecimal digits, the same on every machine."""
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for part in _parts(kind, header, arrays):
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


def _parts(kind: str, header: Mapping[str, Any], arrays: Arrays) -> Iterator[bytes | memoryview]:
    plain = {name: _as_written(array) for name, array in arrays.items()}
    layout = [[name, array.dtype.str, array.shape] for name, array in plain.items()]
    document = {"header": header, "arrays": layout}
    yield _first_line(kind) + b"\n"
    yield _ENCODER.encode(document).encode() + b"\n"
    for array in plain.values():
        yield _content(array).reshape(-1).view(np.uint8).data


def _as_written(array: NDArray[Any] | BitRows) -> NDArray[Any] | BitRows:
    """Make numbers little-endian, so that the digest of a big-endian machine is the same."""
    if isinstance(array, BitRows):
        return array
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def _content(array: NDArray[Any] | BitRows) -> NDArray[Any]:
    if isinstance(array, BitRows) and not array.width % 8:
        return np.ascontiguousarray(array.packed)
    bits = array.bits() if isinstance(array, BitRows) else array
    return np.packbits(bits) if bits.dtype == np.bool_ else np.ascontiguousarray(bits)


def _first_line(kind: str) -> bytes:
    return f"hwsim {kind}".encode()
