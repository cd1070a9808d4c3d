"""Layers whose geometry a topology says: one that is given, or that names and shapes tell.

Apart from files that carry their geometry, which need nothing of this: it takes a while to import.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hwsim.errors import InputError
from hwsim.networks._chain import follow
from hwsim.networks._joined_layers import joined
from hwsim.networks._matching import (
    differences,
    few,
    find_topology,
    in_words,
    no_topology,
    topology_names_of,
)
from hwsim.networks._tied_head import with_tied_head
from hwsim.networks._vectors import notes_of_order
from hwsim.networks.arrays.options import FileOptions
from hwsim.networks.arrays.order import likely_order
from hwsim.networks.geometry import Geometry, Size
from hwsim.networks.network import Layer, Network
from hwsim.networks.readers import Contents
from hwsim.networks.reading_steps import Report
from hwsim.networks.tensors import Sorted, Weights, sort_tensors
from hwsim.networks.topology import Topology, entry_name
from hwsim.networks.topology_file import load_topology
from hwsim.networks.uncounted import Uncounted


def by_topology(
    path: Path,
    contents: Contents,
    topology: str | Path | None,
    size: Size,
    options: FileOptions,
    report: Report,
) -> tuple[Contents, Sorted, Network]:
    """Sort the arrays of a file, and give each layer its geometry.

    Parameters
    ----------
    path : Path
        The file.
    contents : Contents
        What it holds.
    topology : str or Path, optional
        A shipped topology or a YAML file; the shipped one with the file's names and shapes when
        not given.
    size : (int, int), optional
        Rows and columns of the network's input, in place of the topology's.
    options : FileOptions
        What the names of arrays do not say.
    report : callable
        Told how far it is.

    Returns
    -------
    Contents, Sorted, Network
        What the file holds, with a head that is tied to embeddings; its arrays; the network.

    Raises
    ------
    InputError
        If weights and topology do not fit, or none fits.
    """
    if topology is None:
        contents = with_tied_head(path, contents)
        arrays = sort_tensors(path, contents.tensors, options, [], report)
        return contents, arrays, _recognised(path, arrays, size, options, contents.ordered)
    given = load_topology(topology)
    known = [name for entry in given.weighted for name in (entry_name(entry), *entry.aka)]
    arrays = sort_tensors(path, contents.tensors, options, known, report)
    return contents, arrays, _with_topology(path, arrays, given, size)


def _with_topology(path: Path, arrays: Sorted, topology: Topology, size: Size) -> Network:
    weights = arrays.weights
    expected = follow(topology, size)
    shapes = {name: weight.shape for name, weight in weights.items()}
    found = differences(shapes, expected)
    if len(found) == len(shapes) + len(expected):
        raise InputError(
            f"{path}: none of its {len(shapes)} layers ({few(list(shapes))}) is in topology "
            f"{topology.name!r} ({few([each.name for each in expected])}); `hwsim network "
            f"topology {path.name}` writes one with these names"
        )
    if found:
        rows, columns = size or topology.input.size
        raise InputError(
            f"{path}: contradicts topology {topology.name!r} at input {rows}x{columns}: "
            f"{in_words(found)}"
        )
    names = topology_names_of(shapes, expected)
    arrays.uncounted.extend(
        Uncounted(name, shape, "copy") for name, shape in shapes.items() if name not in names
    )
    by_name = {plain: weights[name] for name, plain in names.items()}
    return Network(
        name=named_by(path),
        layers=joined(path, expected, by_name),
        topology=topology.name,
        quantized_layers=topology.quantized_names(),
    )


def resized(path: Path, own: Sequence[Geometry], weights: Weights, size: Size) -> tuple[Layer, ...]:
    """Give layers of carried geometry another input: by the shipped topology that it is of.

    Raises
    ------
    InputError
        If it is of none, which alone could tell how the layers follow each other; or if the weights
        do not fit the input.
    """
    shapes = {
        geometry.name: weights[geometry.name].shape if geometry.name in weights else geometry.shape
        for geometry in own
    }
    topology = find_topology(shapes, own[0].input_size)
    if topology is None or not _same(own, follow(topology, own[0].input_size)):
        rows, columns = own[0].input_size
        raise InputError(
            f"{path}: carries its geometry for an input of {rows}x{columns} only; "
            "for another input size give its topology as well (--topology NAME|FILE)"
        )
    expected = follow(topology, size)
    found = differences(shapes, expected)
    if found:
        raise InputError(f"{path}: does not fit this input size: {in_words(found)}")
    return joined(path, expected, weights)


def _same(own: Sequence[Geometry], expected: Sequence[Geometry]) -> bool:
    return [replace(g, shape=(), aka=()) for g in own] == [
        replace(g, shape=(), aka=()) for g in expected
    ]


def _recognised(
    path: Path, arrays: Sorted, size: Size, options: FileOptions, ordered: bool
) -> Network:
    weights = arrays.weights
    shapes = {name: weight.shape for name, weight in weights.items()}
    topology = find_topology(shapes, size)
    if topology is not None:
        return _with_topology(path, arrays, topology, size)
    if all(len(shape) == 2 for shape in shapes.values()):
        if size is not None:
            raise InputError(
                f"{path}: all its layers are linear and no topology says what they read, so that "
                "an input size changes nothing; leave it out, or give --topology NAME|FILE"
            )
        names = list(weights) if ordered else sorted(weights, key=likely_order)
        layers = tuple(Layer(name, "linear", weights[name]) for name in names)
        notes = tuple(notes_of_order(weights, options, ordered))
        return Network(named_by(path), layers, notes=notes, ordered=ordered)
    raise InputError(f"{path}: {no_topology(shapes, file_name=path.name)}")


def named_by(path: Path) -> str:
    """Name a network by its file; bytes of the name that are no text are written as escapes."""
    stem = Path(path.name.removesuffix(".index.json")).stem
    return stem.encode("utf-8", "backslashreplace").decode()
