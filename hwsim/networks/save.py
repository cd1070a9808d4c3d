"""Write a network as an .npz that carries its own geometry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.input_masks import packed
from hwsim.networks.network import Network
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
    path = Path(path)
    if path.suffix.lower() != ".npz":
        raise InputError(f"{path}: networks are written as .npz; choose a name ending in .npz")
    if path.is_dir():
        raise InputError(f"{path}: is a folder; choose a file name ending in .npz")
    weights = {
        f"{layer.name}.weight": layer.weight for layer in network.layers if not layer.of_activations
    }
    masks = packed(network.layers)
    arrays: dict[str, NDArray[Any]] = {**weights, **masks, KEY: encode(network)}
    with whole_file(path) as aside, aside.open("xb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
