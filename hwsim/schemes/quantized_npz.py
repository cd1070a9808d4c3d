"""Quantised weights as an ``.npz`` for other tools."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from hwsim.networks.save import save_network
from hwsim.schemes.quantized import QuantizedNetwork


def write_quantized_npz(quantized: QuantizedNetwork, path: str | Path) -> None:
    """Write a network with its quantised weights in place of the float ones.

    Parameters
    ----------
    quantized : QuantizedNetwork
        The network under a scheme.
    path : str or Path
        The ``.npz``: one float32 array ``LAYER.weight`` a layer, scales multiplied in, and the
        geometry, so that hwsim reads the file again. A note in it tells how often the weights
        came to be how; hwsim shows it whenever it reads the file.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    network = quantized.network
    layers = tuple(
        replace(layer.layer, weight=np.asarray(layer.values, dtype=np.float32))
        for layer in quantized.layers
    )
    origins = [layer.origin for layer in quantized.layers if layer.scheme != "dense"]
    counts = ", ".join(f"{origins.count(origin)} {origin}" for origin in dict.fromkeys(origins))
    note = f"weights written by hwsim under the scheme {quantized.scheme}"
    save_network(
        replace(
            network,
            layers=layers,
            notes=(*network.notes, f"{note} ({counts})" if counts else note),
        ),
        path,
    )
