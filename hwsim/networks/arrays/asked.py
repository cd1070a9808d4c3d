"""The arrays that a user wants of a file: those of one network, without those that are skipped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hwsim.errors import InputError
from hwsim.networks.arrays.copies import chosen
from hwsim.networks.arrays.names import Arrays
from hwsim.networks.arrays.options import FileOptions, matches
from hwsim.networks.uncounted import Uncounted


def asked_for(path: Path, tensors: Arrays, options: FileOptions) -> tuple[Arrays, list[Uncounted]]:
    """Leave out what the user does not want, by its name in the file or in the network.

    Parameters
    ----------
    path : Path
        The file, for the messages.
    tensors : mapping of str to ndarray
        All its arrays.
    options : FileOptions
        ``skip`` and ``key`` of them.

    Returns
    -------
    named : mapping of str to ndarray
        The arrays of the network, by their names in it.
    uncounted : list of Uncounted
        The others.

    Raises
    ------
    InputError
        If a pattern matches nothing, the key is none, or there are several networks and no key.
    """
    named, skipped = _without(tensors, options.skip)
    named, others = chosen(path, named, options.key)
    named, also = _without(named, options.skip)
    for pattern in options.skip:
        if not any(matches(each.name, [pattern]) for each in (*skipped, *also)):
            raise InputError(f"{path}: no array matches {pattern!r}")
    return named, skipped + others + also


def _without(named: Arrays, patterns: Sequence[str]) -> tuple[Arrays, list[Uncounted]]:
    if not patterns:
        return named, []
    out = {key for key in named if matches(key, patterns)}
    skipped = [
        Uncounted(key, named[key].shape, "skipped by the user") for key in named if key in out
    ]
    return {key: array for key, array in named.items() if key not in out}, skipped
