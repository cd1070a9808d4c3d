"""Quantised weights as an ``.npz`` for other tools."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.save import all_but_weights, weight_name, write_arrays
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
    origins: list[str] = []

    def arrays() -> Iterator[tuple[str, NDArray[Any]]]:
        for layer in quantized.layers:
            if layer.scheme != "dense":
                origins.append(layer.origin)
            if not layer.layer.of_activations:
                yield weight_name(layer.layer), np.asarray(layer.values, dtype=np.float32)
        notes = (*network.notes, _note(quantized.scheme, origins))
        yield from all_but_weights(replace(network, notes=notes)).items()

    write_arrays(arrays(), path)


def _note(scheme: str, origins: list[str]) -> str:
    counts = ", ".join(f"{origins.count(origin)} {origin}" for origin in dict.fromkeys(origins))
    note = f"weights written by hwsim under the scheme {scheme}"
    return f"{note} ({counts})" if counts else note
