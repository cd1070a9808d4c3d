"""What a scheme returns: a layer's quantised weights and how they came to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.network import Layer, Network

Origin = Literal["as given", "quantised after training", "trained"]


@dataclass(frozen=True, eq=False)
class QuantizedLayer:
    """A layer under a scheme.

    Parameters
    ----------
    layer : Layer
        The layer as it was read (float weights, geometry).
    scheme : str
        The scheme that made ``values``: ``"dense"`` for a layer that the run's scheme leaves
        alone.
    values : ndarray
        The quantised weights, same shape as ``layer.weight``. For dense and pruned these are the
        weights themselves; for binary, ternary and signed-binary a scale of the filter times
        -1, 0 or +1.
    bits : int
        Bits that store one weight (32 for fp32, 2 ternary, 1 binary and signed-binary).
    sign_bits : int
        Further bits for the whole layer: one a filter for signed-binary whose signs are not
        positional, else 0.
    origin : {"as given", "quantised after training", "trained"}
        ``"trained"``: the weights in the file already had this form.
    """

    layer: Layer
    scheme: str
    values: NDArray[np.floating]
    bits: int
    sign_bits: int = 0
    origin: Origin = "as given"

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Where the weights are not zero, same shape as ``values``."""
        return np.asarray(self.values != 0)

    @property
    def density(self) -> float:
        """Share of the weights that are not zero, 0 to 1."""
        return float(np.count_nonzero(self.values)) / self.values.size


@dataclass(frozen=True, eq=False)
class QuantizedNetwork:
    """A network under a scheme.

    Parameters
    ----------
    network : Network
        The network as it was read.
    scheme : str
        The scheme with its parameters as text, e.g. ``signed-binary:delta=0.05,p=0.5``.
    layers : tuple of QuantizedLayer
        One for each layer of the network, in order.
    parameters : mapping
        The scheme's parameters, defaults included.
    """

    network: Network
    scheme: str
    layers: tuple[QuantizedLayer, ...]
    parameters: Mapping[str, object] = field(default_factory=dict)
