"""The network that a study is about: given, or read from a file and found fit to compare."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hwsim.errors import InputError
from hwsim.networks import Network, load_network
from hwsim.schemes.detection import trained_forms


def read_model(
    model: str | Path | Network,
    topology: str | Path | None = None,
    input_size: int | tuple[int, int] | None = None,
) -> Network:
    """Take a network as it is, or read it from a file.

    A layer of zeros in a file has nothing to multiply, so a comparison on it means nothing; as a
    rule it is an export that went wrong. The same goes for a filter of zeros among float weights;
    in a layer that was trained to few levels the scheme makes such filters, and they are kept.

    Parameters
    ----------
    model : str, Path or Network
        A weight file, or a network, which is not checked.
    topology, input_size : optional
        See :func:`hwsim.load_network`.

    Raises
    ------
    InputError
        If the file cannot be used, a layer is all zero, or a filter of a float layer is.
    """
    if isinstance(model, Network):
        return model
    network = load_network(model, topology, input_size)
    for layer in network.layers:
        alive = layer.weight.reshape(layer.filters, -1).any(axis=1)
        if alive.all():
            continue
        where = f"{model}: {layer.name}.weight"
        if not alive.any():
            raise InputError(f"{where}: every weight is zero; export the trained weights")
        if not trained_forms(layer.weight):
            dead = np.flatnonzero(~alive)
            raise InputError(
                f"{where}: filter {dead[0]} is all zero, as are {len(dead)} of {layer.filters}; "
                "remove such filters from the network, or give hwsim.run what hwsim.load_network "
                "returns, which is not checked"
            )
    return network
