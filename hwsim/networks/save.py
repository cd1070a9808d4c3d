"""Write a network as an .npz that carries its own geometry."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.input_masks import packed
from hwsim.networks.mapped import let_go
from hwsim.networks.network import Layer, Network
from hwsim.networks.readers.embedded_geometry import KEY, encode
from hwsim.whole_file import whole_file


def save_network(network: Network, path: str | Path) -> None:
    """Write weights and geometry to an uncompressed ``.npz``.

    The file appears whole or not at all. The same network gives the same bytes.

    Parameters
    ----------
    network : Network
        What to write.
    path : str or Path
        The file, ending in ``.npz``; one that exists is replaced.

    Raises
    ------
    InputError
        If the name does not end in ``.npz``, the network cannot be written down, or the file not.
    """
    others = all_but_weights(network)  # refused before anything is written

    def arrays() -> Iterator[tuple[str, NDArray[Any]]]:
        for layer in network.layers:
            if not layer.of_activations:
                yield weight_name(layer), layer.weight
                let_go(layer.weight)
        yield from others.items()

    write_arrays(arrays(), path)


def weight_name(layer: Layer) -> str:
    """Name the array of a layer's weights."""
    return f"{layer.name}.weight"


def all_but_weights(network: Network) -> dict[str, NDArray[Any]]:
    """Give the arrays, by name, that carry all of a network but its weights."""
    return {**packed(network.layers), KEY: encode(network)}


def write_arrays(arrays: Iterable[tuple[str, NDArray[Any]]], path: str | Path) -> None:
    """Write named arrays as ``numpy.savez`` does, each when it comes.

    Parameters
    ----------
    arrays : iterable of (str, ndarray)
        What to write; one is in memory at a time.
    path : str or Path
        As for :func:`save_network`, which raises the same errors.
    """
    path = Path(path)
    if path.suffix.lower() != ".npz":
        raise InputError(f"{path}: networks are written as .npz; choose a name ending in .npz")
    if path.is_dir():
        raise InputError(f"{path}: is a folder; choose a file name ending in .npz")
    with whole_file(path) as aside, zipfile.ZipFile(aside, "x") as archive:
        for name, array in arrays:
            # Sizes of 64 bits, as numpy has them: how long a member will be is not known.
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
