"""Where a tensor is not zero, from a text file of 0 and 1."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from hwsim.errors import InputError
from hwsim.inputs_read import note_input

#: What may stand between digits.
_BETWEEN: Final = b" \t\r\n,"
#: As much of it as there are digits, and this many bytes more.
_MORE_BYTES: Final = 65_536


def read_mask(
    name: str, folder: Path | None, box: tuple[int, ...], error: Callable[[str], InputError]
) -> npt.NDArray[np.bool_]:
    """Read a mask: one digit a point, the first rank of the data space running fastest.

    Parameters
    ----------
    name : str
        Path of the file. If it is not there, as on another machine than the one it was written
        on, its last parts are looked for in the folder.
    folder : Path or None
        Of the file that names it.
    box : tuple of int
        Lengths of the tensor along its ranks.
    error : callable
        Makes the error of a problem.
    """
    path = _found(Path(name), folder)
    if path is None:
        raise error(f"no file {name!r}, nor its last parts beside the file that names it")
    points = math.prod(box)
    note_input(path)
    try:
        with path.open("rb") as file:
            digits = file.read(2 * points + _MORE_BYTES + 1).translate(None, _BETWEEN)
    except OSError as problem:
        raise error(f"{path} cannot be read: {problem.strerror}") from None
    if digits.translate(None, b"01"):
        raise error(f"{path}: expected nothing but 0 and 1, a digit a point")
    if len(digits) != points:
        shape = "x".join(map(str, box))
        raise error(f"{path}: expected {points} digits ({shape}). Got {len(digits)}")
    flat = np.frombuffer(digits, dtype=np.uint8) == ord("1")
    return np.ascontiguousarray(flat.reshape(box, order="F"))


def _found(path: Path, folder: Path | None) -> Path | None:
    candidates = [path if folder is None else folder / path]
    if folder is not None:
        parts = [part for part in path.parts if part != path.anchor]
        candidates += [folder.joinpath(*parts[first:]) for first in range(len(parts))]
    return next((candidate for candidate in candidates if candidate.is_file()), None)
