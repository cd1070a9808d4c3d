"""Load a network: weights from a file, geometry from the file itself or from a topology."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hwsim.errors import InputError
from hwsim.networks._carried_geometry import check_fit
from hwsim.networks._graph_files import load_graph
from hwsim.networks._joined_layers import joined
from hwsim.networks._vectors import with_tokens
from hwsim.networks.arrays.copies import ALL
from hwsim.networks.arrays.options import FileOptions
from hwsim.networks.geometry import Size, as_input_size
from hwsim.networks.input_masks import with_masks
from hwsim.networks.network import Network
from hwsim.networks.readers import CarriedGeometry
from hwsim.networks.reading_steps import Report, unseen
from hwsim.networks.shards import read_network_files
from hwsim.networks.tensors import Weights, sort_tensors


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
    if topology is None and contents.geometry is not None:
        known = [layer.name for layer in contents.geometry.layers]
        arrays = sort_tensors(path, contents.tensors, options, known, report)
        network = _with_carried(path, arrays.weights, contents.geometry, size)
        network = replace(network, ordered=contents.ordered)
    else:
        # Most runs need no topology, which takes a while to import.
        from hwsim.networks._by_topology import by_topology

        contents, arrays, network = by_topology(path, contents, topology, size, options, report)
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


def _with_carried(path: Path, weights: Weights, carried: CarriedGeometry, size: Size) -> Network:
    check_fit(path, carried, weights)
    own = carried.layers
    network = Network(
        name=carried.network,
        layers=with_masks(path, joined(path, own, weights), carried.masks),
        topology="embedded",
        quantized_layers=carried.quantized_layers,
    )
    if size is None or size == own[0].input_size:
        return network
    from hwsim.networks._by_topology import resized

    return replace(network, layers=resized(path, own, weights, size))


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
    from hwsim.networks._by_topology import named_by
    from hwsim.networks.topology_template import topology_template

    path = Path(path)
    contents, _ = read_network_files(path)
    if contents.geometry is not None and options is not None:
        _refuse_lying_otherwise(path, options)
    arrays = sort_tensors(path, contents.tensors, options)
    return topology_template(named_by(path), arrays.shapes)
