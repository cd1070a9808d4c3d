"""Load a network: weights from a file, geometry from the file itself or from a topology."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from pathlib import Path

from hwsim.errors import InputError
from hwsim.networks._carried_geometry import check_fit
from hwsim.networks._chain import follow
from hwsim.networks._graph_files import load_graph
from hwsim.networks._matching import (
    differences,
    few,
    find_topology,
    in_words,
    no_topology,
    topology_names_of,
)
from hwsim.networks._tied_head import with_tied_head
from hwsim.networks._vectors import notes_of_order, with_tokens
from hwsim.networks.arrays.copies import ALL
from hwsim.networks.arrays.options import FileOptions
from hwsim.networks.arrays.order import likely_order
from hwsim.networks.geometry import Geometry, as_input_size
from hwsim.networks.input_masks import with_masks
from hwsim.networks.network import Layer, Network
from hwsim.networks.readers import CarriedGeometry
from hwsim.networks.reading_steps import Report, unseen
from hwsim.networks.shards import read_network_files
from hwsim.networks.tensors import Sorted, Weights, sort_tensors
from hwsim.networks.topology import Topology, entry_name
from hwsim.networks.topology_file import load_topology
from hwsim.networks.topology_template import topology_template
from hwsim.networks.uncounted import Uncounted

Size = tuple[int, int] | None


def load_network(
    path: str | Path,
    topology: str | Path | None = None,
    input_size: tuple[int, int] | int | None = None,
    *,
    skip: str | Sequence[str] = (),
    take: str | Sequence[str] = (),
    transpose: str | Sequence[str] = (),
    unpack: str | Sequence[str] = (),
    tokens: str | Sequence[str] = (),
    inputs: str | Sequence[str] = (),
    values: str | Sequence[str] = (),
    key: str | None = None,
    layout: str = "torch",
    report: Report = unseen,
) -> Network:
    """Read a network from a weight file.

    Parameters
    ----------
    path : str or Path
        An ``.onnx`` model, an ``.npz``, ``.safetensors``, ``.pt`` or ``.pth`` file with a state
        dict, a folder of
        shards or their ``model.safetensors.index.json``, or a file that another package's reader
        takes: arrays named ``LAYER.weight``. Every other array is known to cost no
        multiply-accumulates (:attr:`Network.uncounted`), or refused.
    topology : str or Path, optional
        A shipped topology (``"resnet18"``) or a YAML file, for the geometry. By default the
        file's own geometry if it carries one (hwsim writes it into ``.npz``), else the shipped
        topology with the same names and shapes.
    input_size : (int, int) or int, optional
        Rows and columns of the network's input, in place of the topology's.
    skip, take, transpose, unpack, tokens, inputs, values, key, layout : optional
        What the names of arrays do not say; see
        :class:`hwsim.networks.arrays.options.FileOptions`.
    report : callable, optional
        Told how far it is: what is read, how many have been and how many there are.

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
    options = FileOptions(skip, take, transpose, unpack, tokens, inputs, values, key, layout)
    graph = load_graph(path, topology, size, options)
    if graph is not None:
        return graph
    contents, sha256 = read_network_files(path, report)
    if contents.geometry is not None:
        _refuse_lying_otherwise(path, options)
    if key is None and contents.geometry is not None:
        # A file that carries its geometry names its layers: none is a copy, whatever it is called.
        options = replace(options, key=ALL)
    given = None if topology is None else load_topology(topology)
    if given is None and contents.geometry is None:
        contents = with_tied_head(path, contents)
    known = _known(given, contents.geometry)
    arrays = sort_tensors(path, contents.tensors, options, known, report)
    if given is not None:
        network = _with_topology(path, arrays, given, size)
    elif contents.geometry is not None:
        network = _with_carried(path, arrays.weights, contents.geometry, size)
        network = replace(network, ordered=contents.ordered)
    else:
        network = _recognised(path, arrays, size, options, contents.ordered)
    return replace(
        network,
        layers=with_tokens(path, network.layers, options),
        path=str(path),
        sha256=sha256,
        uncounted=(*contents.uncounted, *arrays.uncounted),
        notes=(*contents.notes, *arrays.notes, *network.notes),
        provenance=contents.provenance,
    )


def _refuse_lying_otherwise(path: Path, options: FileOptions) -> None:
    """Refuse another order of weights than that of a file which says how they lie itself."""
    for option, given in (("transpose", options.transpose), ("layout", options.layout == "keras")):
        if given:
            raise InputError(
                f"{path}: {option}: the file carries its geometry, by which its weights lie as "
                "hwsim has them; leave it out"
            )


def _known(topology: Topology | None, carried: CarriedGeometry | None) -> list[str]:
    """Name the layers that a topology has, or else the file itself."""
    if topology is not None:
        return [name for entry in topology.weighted for name in (entry_name(entry), *entry.aka)]
    return [] if carried is None else [layer.name for layer in carried.layers]


def network_topology(path: str | Path, options: FileOptions | None = None) -> str:
    """Write a topology file of a network's weights, with marks where they do not tell.

    Parameters
    ----------
    path : str or Path
        A weight file, as for :func:`load_network`.
    options : FileOptions, optional
        What the names of its arrays do not say.

    Returns
    -------
    str
        YAML to complete, see :mod:`hwsim.networks.topology`.

    Raises
    ------
    InputError
        If the file cannot be used.
    """
    path = Path(path)
    contents, _ = read_network_files(path)
    if contents.geometry is not None and options is not None:
        _refuse_lying_otherwise(path, options)
    arrays = sort_tensors(path, contents.tensors, options)
    return topology_template(_name(path), arrays.shapes)


def _name(path: Path) -> str:
    """Name a network by its file; bytes of the name that are no text are written as escapes."""
    stem = Path(path.name.removesuffix(".index.json")).stem
    return stem.encode("utf-8", "backslashreplace").decode()


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
        name=_name(path),
        layers=_joined(path, expected, by_name),
        topology=topology.name,
        quantized_layers=topology.quantized_names(),
    )


def _with_carried(path: Path, weights: Weights, carried: CarriedGeometry, size: Size) -> Network:
    check_fit(path, carried, weights)
    own = carried.layers
    network = Network(
        name=carried.network,
        layers=with_masks(path, _joined(path, own, weights), carried.masks),
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
    return _joined(path, expected, weights)


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
        return Network(_name(path), layers, notes=notes, ordered=ordered)
    raise InputError(f"{path}: {no_topology(shapes, file_name=path.name)}")


def _joined(path: Path, expected: Sequence[Geometry], weights: Weights) -> tuple[Layer, ...]:
    """Make the layers; of those alike the first is looked at."""
    first: dict[Hashable, Layer] = {}
    layers: list[Layer] = []
    for geometry in expected:
        weight = weights.get(geometry.name)
        kind = id(geometry.first), None if weight is None else weight.shape
        alike = first.get(kind)
        if alike is None:
            alike = first[kind] = geometry.layer(weight)
            _check_output(path, alike)
            layers.append(alike)
        else:
            weight = alike.weight if weight is None else weight
            layers.append(alike.with_weight(geometry.name, weight))
    return tuple(layers)


def _check_output(path: Path, layer: Layer) -> None:
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
