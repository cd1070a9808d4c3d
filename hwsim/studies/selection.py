"""Choose layers of a network by name patterns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from hwsim.errors import InputError, did_you_mean
from hwsim.networks.network import Network


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
    patterns = (patterns,) if isinstance(patterns, str) else tuple(patterns)
    names = [layer.name for layer in network.layers]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise InputError(
                f"no layer of {network.name} matches {pattern!r}{did_you_mean(pattern, names)}"
            )
    chosen = tuple(
        layer
        for layer in network.layers
        if any(fnmatchcase(layer.name, pattern) for pattern in patterns)
    )
    return replace(network, layers=chosen)
