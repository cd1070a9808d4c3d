"""Load a network: weights from a file, geometry from the file itself or from a topology."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hwsim.errors import InputError
from hwsim.networks._carried_geometry import fit
from hwsim.networks._chain import follow
from hwsim.networks._matching import (
    closest,
    differences,
    find_topology,
    in_words,
    topology_names_of,
)
from hwsim.networks.geometry import Geometry, as_input_size
from hwsim.networks.network import Layer, Network
from hwsim.networks.readers import CarriedGeometry
from hwsim.networks.readers.registry import read_contents
from hwsim.networks.readers.weight_file import check_and_hash
from hwsim.networks.tensors import Weights, sort_tensors
from hwsim.networks.topology import Topology
from hwsim.networks.topology_file import load_topology

Size = tuple[int, int] | None


def load_network(
    path: str | Path,
    topology: str | Path | None = None,
    input_size: tuple[int, int] | int | None = None,
) -> Network:
    """Read a network from a weight file.

    Parameters
    ----------
    path : str or Path
        An ``.npz``, ``.safetensors``, ``.pt`` or ``.pth`` file with a state dict, or one that
        another package's reader takes: arrays named ``LAYER.weight``. Batch-norm, bias and other
        arrays are skipped and counted.
    topology : str or Path, optional
        A shipped topology (``"resnet18"``) or a YAML file, for the geometry. By default the
        file's own geometry if it carries one (hwsim writes it into ``.npz``), else the shipped
        topology with the same names and shapes.
    input_size : (int, int) or int, optional
        Rows and columns of the network's input, in place of the topology's.

    Returns
    -------
    Network
        Its layers, with float32 weights that are read-only.

    Raises
    ------
    InputError
        If the file cannot be used, or weights and geometry do not fit; the message names the
        file and the tensor.
    """
    path = Path(path)
    size = as_input_size(input_size)
    sha256 = check_and_hash(path)
    contents = read_contents(path)
    weights, skipped = sort_tensors(path, contents.tensors)
    if topology is not None:
        network = _with_topology(path, weights, skipped, load_topology(topology), size)
    elif contents.geometry is not None:
        network = _with_carried(path, weights, contents.geometry, size)
    else:
        network = _recognised(path, weights, skipped, size)
    return replace(
        network,
        path=str(path),
        sha256=sha256,
        skipped=dict(skipped),
        notes=(*contents.notes, *network.notes),
        provenance=contents.provenance,
    )


def _name(path: Path) -> str:
    """Name a network by its file; bytes of the name that are no text are written as escapes."""
    return path.stem.encode("utf-8", "backslashreplace").decode()


def _with_topology(
    path: Path, weights: Weights, skipped: Counter[str], topology: Topology, size: Size
) -> Network:
    expected = follow(topology, size)
    shapes = {name: weight.shape for name, weight in weights.items()}
    found = differences(shapes, expected)
    if found:
        rows, columns = size or topology.input.size
        raise InputError(
            f"{path}: contradicts topology {topology.name!r} at input {rows}x{columns}: "
            f"{in_words(found)}"
        )
    names = topology_names_of(shapes, expected)
    copies = len(weights) - len(names)
    if copies:
        skipped["copy of a layer"] += copies
    by_name = {plain: weights[name] for name, plain in names.items()}
    return Network(
        name=_name(path),
        layers=_joined(path, expected, by_name),
        topology=topology.name,
        quantized_layers=topology.quantized_names(),
    )


def _with_carried(path: Path, weights: Weights, carried: CarriedGeometry, size: Size) -> Network:
    own = fit(path, carried, weights)
    network = Network(
        name=carried.network,
        layers=_joined(path, own, weights),
        topology="embedded",
        quantized_layers=carried.quantized_layers,
    )
    if size is None or size == own[0].input_size:
        return network
    return replace(network, layers=_resized(path, own, weights, size))


def _resized(
    path: Path, own: Sequence[Geometry], weights: Weights, size: Size
) -> tuple[Layer, ...]:
    """Carried geometry has no chain to follow, unless it is that of a shipped topology."""
    shapes = {geometry.name: geometry.shape for geometry in own}
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
    return _joined(path, expected, weights)


def _same(own: Sequence[Geometry], expected: Sequence[Geometry]) -> bool:
    return [replace(g, shape=(), aka=()) for g in own] == [
        replace(g, shape=(), aka=()) for g in expected
    ]


def _recognised(path: Path, weights: Weights, skipped: Counter[str], size: Size) -> Network:
    shapes = {name: weight.shape for name, weight in weights.items()}
    topology = find_topology(shapes, size)
    if topology is not None:
        return _with_topology(path, weights, skipped, topology, size)
    if all(len(shape) == 2 for shape in shapes.values()):
        layers = tuple(Layer(name, "linear", weight) for name, weight in weights.items())
        note = "no topology: linear layers only, in the file's order, one input vector each"
        return Network(name=_name(path), layers=layers, notes=(note,))
    near, found = closest(shapes)
    raise InputError(
        f"{path}: no topology has the shapes of its {len(shapes)} layers; the closest is "
        f"{near.name!r}, but {in_words(found)}. Give --topology NAME|FILE (`hwsim network list` "
        "names those shipped; docs: hwsim.networks.topology), or write the file with "
        "hwsim.networks.save_network, which keeps the geometry"
    )


def _joined(path: Path, expected: Sequence[Geometry], weights: Weights) -> tuple[Layer, ...]:
    layers = tuple(geometry.layer(weights.get(geometry.name)) for geometry in expected)
    for layer in layers:
        if min(layer.output_size) < 1:
            (rows, columns), (high, wide) = layer.input_size, layer.kernel
            raise InputError(
                f"{path}: layer {layer.name!r} has no output: its input is {rows}x{columns}, "
                f"its kernel {high}x{wide}"
            )
        if layer.filters % layer.groups:
            raise InputError(
                f"{path}: layer {layer.name!r}: {layer.groups} groups do not divide "
                f"{layer.filters} filters"
            )
    return layers
