"""Names of arrays, taken apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hwsim.errors import InputError

Arrays = Mapping[str, NDArray[Any]]

#: Weights of a recurrent layer, or of its cell, as torch names them.
RECURRENT = re.compile(r"(^|[._])weight_(ih|hh|hr)(_l\d+(_reverse)?)?$")
#: Wrappers that put their own name before every key (DataParallel, torch.compile).
_WRAPPERS = ("module.", "_orig_mod.")


def unwrapped(path: Path, arrays: Arrays) -> dict[str, NDArray[Any]]:
    """Take the names of wrappers from the front of all names.

    Raises
    ------
    InputError
        If two arrays then have one name.
    """
    named: dict[str, NDArray[Any]] = {}
    for key, array in arrays.items():
        name = key
        while name.startswith(_WRAPPERS):
            name = name.split(".", 1)[1]
        if name in named:
            raise InputError(f"{path}: two arrays are named {name!r} (with and without 'module.')")
        named[name] = array
    return named


def place(path: Path, named: dict[str, NDArray[Any]], name: str, array: NDArray[Any]) -> None:
    """Put an array under a name that it was given.

    Raises
    ------
    InputError
        If there is another of this name.
    """
    if name in named:
        raise InputError(f"{path}: two arrays are {name!r}; leave one out with --skip")
    named[name] = array


def parts(key: str) -> tuple[list[str], str]:
    """Split a name into its modules and its parameter, by ``.`` and ``/``, without a last ``:0``.

    Numbers of a list of modules are left out at the end: ``tables.0.weight`` is of ``tables``.
    """
    *modules, parameter = key.removesuffix(":0").replace("/", ".").split(".")
    while modules and modules[-1].isdecimal():
        modules.pop()
    return modules, parameter


def beside(key: str, parameter: str) -> str:
    """Name another parameter of the same module: ``fc.weight`` and ``bias`` give ``fc.bias``."""
    for separator in (".", "/"):
        if separator in key:
            return key.rpartition(separator)[0] + separator + parameter
    return parameter


def is_vector(array: NDArray[Any]) -> bool:
    """Tell whether an array has one dimension or none, not counting those of 1 beyond two."""
    return array.ndim < 2 or (array.ndim > 2 and sum(size != 1 for size in array.shape) < 2)
