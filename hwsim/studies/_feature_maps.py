"""The inputs of layers, of which an engine wants to know where they are zero."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError, did_you_mean
from hwsim.networks.network import Layer, Network
from hwsim.networks.readers.npz import NpzReader
from hwsim.networks.readers.weight_file import check_and_hash

Bools = NDArray[np.bool_]


def read_feature_maps(path: str | Path, network: Network, chosen: Network) -> Mapping[str, Bools]:
    """Read where the inputs of layers are not zero.

    Parameters
    ----------
    path : str or Path
        An ``.npz`` file: for each layer, by its name, the array of its input, (channels, rows,
        columns) without padding, or (vectors, features) of a linear layer; before them an axis of
        samples, if there are several. Numbers or booleans; what equals 0 is a zero.
    network : Network
        The whole of it: its layers may be in the file.
    chosen : Network
        The layers to evaluate: all of them have to be.

    Returns
    -------
    mapping of str to ndarray of bool
        By layer; the first axis counts samples.

    Raises
    ------
    InputError
        If the file cannot be used, an array is of no layer or of another shape, or one is missing.
    """
    path = Path(path)
    check_and_hash(path)
    arrays = NpzReader().read(path).tensors
    names = [layer.name for layer in network.layers]
    for name in arrays:
        if name not in names:
            raise InputError(
                f"{path}: array {name!r} is of no layer of the network"
                f"{did_you_mean(name, names)}; name arrays as the layers whose inputs they are"
            )
    for layer in chosen.layers:
        if layer.name not in arrays:
            raise InputError(
                f"{path}: no array {layer.name!r}; give the input of every layer, or leave layers "
                "out (--layers)"
            )
    return {layer.name: _present(path, layer, arrays[layer.name]) for layer in chosen.layers}


def _present(path: Path, layer: Layer, array: NDArray[Any]) -> Bools:
    expected = layer.input_shape
    if array.shape not in (expected, (len(array) if array.ndim else 0, *expected)):
        ranks = "vectors, features" if layer.kind != "conv" else "channels, rows, columns"
        raise InputError(
            f"{path}: array {layer.name!r}: expected the input of the layer, {_by(expected)} "
            f"({ranks}). Got {_by(array.shape)}"
        )
    if array.dtype.kind not in "biuf":
        raise InputError(
            f"{path}: array {layer.name!r}: expected numbers or booleans. Got {array.dtype}"
        )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise InputError(f"{path}: array {layer.name!r} holds NaN or infinite values")
    present: Bools = array != 0
    return present.reshape(-1, *expected)


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "a number"
