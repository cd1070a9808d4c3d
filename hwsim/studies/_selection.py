"""Restrict a study to some layers of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hwsim.networks.network import Network
from hwsim.networks.patterns import matching_layers


def select_layers(network: Network, patterns: str | Sequence[str] | None) -> Network:
    """Keep the layers whose names match any of the patterns, in the network's order.

    Parameters
    ----------
    network : Network
        The whole network.
    patterns : str, sequence of str or None
        Shell patterns such as ``layer1.*``; None keeps all layers.

    Returns
    -------
    Network
        The same network with fewer layers.

    Raises
    ------
    InputError
        If a pattern matches no layer.
    """
    if patterns is None:
        return network
    chosen = set(matching_layers(network, patterns))
    return replace(network, layers=tuple(la for la in network.layers if la.name in chosen))
