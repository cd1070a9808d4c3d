"""Restrict a study to some layers of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hwsim.networks.network import Network
from hwsim.networks.patterns import matching_layers


def select_layers(network: Network, patterns: str | Sequence[str] | None) -> Network:
    """Keep the layers that match any of the patterns, in the network's order; None keeps all."""
    if patterns is None:
        return network
    chosen = set(matching_layers(network, patterns))
    return replace(network, layers=tuple(la for la in network.layers if la.name in chosen))
