"""Which arrays of a weight file are layer weights, and which are something else."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.arrays import packed
from hwsim.networks.arrays.asked import asked_for
from hwsim.networks.arrays.claims import is_a_layer, layer_name, layers_and_others
from hwsim.networks.arrays.hints import hints
from hwsim.networks.arrays.integers import may_be_levels, values_of
from hwsim.networks.arrays.layout import check_biases, from_keras, transposed
from hwsim.networks.arrays.names import Arrays, unwrapped
from hwsim.networks.arrays.options import FileOptions, matches
from hwsim.networks.arrays.rebuilt import rebuilt
from hwsim.networks.arrays.scratch import stored
from hwsim.networks.arrays.small_floats import decoded, is_small_float
from hwsim.networks.arrays.unpack import parse_unpack, unpack
from hwsim.networks.arrays.weights import as_weights
from hwsim.networks.mapped import let_go
from hwsim.networks.reading_steps import Report, unseen
from hwsim.networks.uncounted import Uncounted

Weights = dict[str, NDArray[np.float32]]


class Sorted(NamedTuple):
    """The arrays of a file, each in its place.

    Parameters
    ----------
    weights : dict of str to ndarray of float32
        By layer name (the key without ``.weight``), in the file's order, read-only.
    uncounted : list of Uncounted
        All the others.
    notes : tuple of str
        What a reader of results should know of how weights were read.
    shapes : dict of str to tuple of int
        By layer name, the shapes as they are in the file, with the steps of a window over volumes.
    """

    weights: Weights
    uncounted: list[Uncounted]
    notes: tuple[str, ...]
    shapes: dict[str, tuple[int, ...]]


def sort_tensors(
    path: Path,
    tensors: Mapping[str, NDArray[Any]],
    options: FileOptions | None = None,
    known: Collection[str] = (),
    report: Report = unseen,
) -> Sorted:
    """Pick the weights of convolutions and linear layers out of a state dict.

    Parameters
    ----------
    path : Path
        The file, for the messages.
    tensors : mapping of str to ndarray
        All its arrays.
    options : FileOptions, optional
        What the user says of them.
    known : collection of str
        Names of layers, from a topology or the geometry that the file carries: their arrays are
        weights, whatever they are called.
    report : callable
        Told the weights of each layer that have been read.

    Raises
    ------
    InputError
        If there is no weight at all, an array of two or more dimensions is not known, or a weight
        has the wrong rank or type, no elements, or values that are no finite numbers.
    """
    options = options or FileOptions()
    named, left_out = asked_for(path, tensors, options)
    unpacked = tuple(parse_unpack(text)[0] for text in options.unpack)
    wanted = _Wanted((*options.take, *unpacked), frozenset(known))
    named = _readable(unwrapped(path, named), wanted)
    named, notes = packed.unpacked(path, _unpacked(path, named, options))
    named = rebuilt(path, named)
    if options.layout == "keras":
        named = from_keras(path, named)
    named = transposed(path, named, options.transpose)
    named = _with_values(path, named, options, wanted)
    layers, others = layers_and_others(path, named, wanted)
    check_biases(path, layers, named)
    found = as_weights(path, {key: named[key] for key in layers.values()}, report)
    weights = dict(zip(layers, found, strict=True))
    shapes = {layer: named[key].shape for layer, key in layers.items()}
    others = left_out + others
    return Sorted(weights, others, (*notes, *hints(list(tensors), shapes, others)), shapes)


@dataclass(frozen=True)
class _Wanted:
    """Arrays that are weights because the user or the geometry says so."""

    take: Sequence[str]
    known: frozenset[str]

    def __call__(self, key: str) -> bool:
        return layer_name(key) in self.known or matches(key, self.take)

    def weight(self, key: str, array: NDArray[Any]) -> bool:
        """Tell a layer's weight, by its name or because it is wanted."""
        return array.ndim > 1 and (self(key) or is_a_layer(key, array))


def _readable(named: Arrays, wanted: _Wanted) -> dict[str, NDArray[Any]]:
    """Decode small floats, those of layers' weights excepted: they are large, and wait."""
    return {
        key: decoded(array) if is_small_float(array) and not wanted.weight(key, array) else array
        for key, array in named.items()
    }


def _unpacked(path: Path, named: Arrays, options: FileOptions) -> dict[str, NDArray[Any]]:
    """Unpack what the user says how; the last that matches counts."""
    found = dict(named)
    for text in options.unpack:
        pattern, form, argument = parse_unpack(text)
        keys = [key for key in named if matches(key, [pattern]) and named[key].ndim]
        if not keys:
            raise InputError(f"{path}: unpack: no array matches {pattern!r}")
        found.update({key: unpack(path, key, named[key], form, argument) for key in keys})
    return found


def _with_values(
    path: Path, named: Arrays, options: FileOptions, wanted: _Wanted
) -> dict[str, NDArray[Any]]:
    """Put the values of integers and 8-bit floats in their place, and drop the scales used."""
    for pattern in options.take:
        if not any(matches(key, [pattern]) and array.ndim > 1 for key, array in named.items()):
            raise InputError(f"{path}: no array of two dimensions or more matches {pattern!r}")
    found = dict(named)
    used: set[str] = set()
    unpacked = [parse_unpack(text)[0] for text in options.unpack]
    windows = bool(wanted.known) or any(
        array.ndim > 2 and is_a_layer(key, array) for key, array in named.items()
    )
    for key, array in named.items():
        are_levels = matches(key, unpacked)
        if (are_levels or may_be_levels(array)) and wanted.weight(key, array):
            values, scales = values_of(path, key, named, are_levels, windows)
            found[key] = values if values is array else stored(values)
            let_go(array)
            used |= scales
    return {key: array for key, array in found.items() if key not in used}
