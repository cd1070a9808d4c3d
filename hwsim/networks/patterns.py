"""Choose layers of a network by name patterns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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
        ``!PATTERN`` leaves out what matches, whatever the others say; without another pattern, of
        all layers.

    Raises
    ------
    InputError
        If a pattern matches no layer, or none is left.
    """
    texts = patterns.split(",") if isinstance(patterns, str) else patterns
    wanted = [text.strip() for text in texts]
    names = [layer.name for layer in network.layers]
    for text in wanted:
        pattern = text.removeprefix("!")
        if not any(fnmatchcase(name, pattern) for name in names):
            raise InputError(
                f"no layer of {network.name} matches {pattern!r}{did_you_mean(pattern, names)}"
            )
    out = [text[1:] for text in wanted if text.startswith("!")]
    taken = [text for text in wanted if not text.startswith("!")] or ["*"]
    found = [name for name in names if _matches(name, taken) and not _matches(name, out)]
    if not found:
        raise InputError(f"no layer of {network.name} is left by {','.join(wanted)!r}")
    return found


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def mean_all(patterns: str | Sequence[str]) -> bool:
    """Tell whether patterns of layers to change are the word for all."""
    return patterns in ("all", ["all"], ("all",))


def with_weights(network: Network) -> Network:
    """Leave products of activations out, which have no weights that a scheme could change."""
    return replace(network, layers=tuple(la for la in network.layers if not la.of_activations))
