"""Choose layers of a network by name patterns."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from hwsim.errors import InputError, did_you_mean
from hwsim.networks.network import Network


def matching_layers(network: Network, patterns: str | Sequence[str]) -> list[str]:
    """List the layers whose names match any of the patterns, in the network's order.

    Parameters
    ----------
    network : Network
        The network.
    patterns : str or sequence of str
        Shell patterns such as ``layer1.*``; one text may hold several with commas between them.

    Raises
    ------
    InputError
        If a pattern matches no layer.
    """
    texts = patterns.split(",") if isinstance(patterns, str) else patterns
    wanted = [text.strip() for text in texts]
    names = [layer.name for layer in network.layers]
    for pattern in wanted:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise InputError(
                f"no layer of {network.name} matches {pattern!r}{did_you_mean(pattern, names)}"
            )
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in wanted)]
