"""Restrict a study to some layers of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hwsim.errors import InputError
from hwsim.networks.network import Network
from hwsim.networks.patterns import matching_layers, mean_all, with_weights


def select_layers(network: Network, patterns: str | Sequence[str] | None) -> Network:
    """Keep the layers that match any of the patterns, in the network's order; None keeps all."""
    if patterns is None:
        return network
    chosen = set(matching_layers(network, patterns))
    return replace(network, layers=tuple(la for la in network.layers if la.name in chosen))


def refuse_idle_choice(
    network: Network, chosen: Network, quantized: str | Sequence[str] | None
) -> None:
    """Refuse layers for schemes to change of which none is evaluated.

    Parameters
    ----------
    network, chosen : Network
        The whole of it, and what is evaluated.
    quantized : str or sequence of str, optional
        Patterns of the layers that schemes change; None or ``all`` say nothing of single ones.

    Raises
    ------
    InputError
        If no scheme would change anything, or a pattern matches no layer.
    """
    if quantized is None or mean_all(quantized):
        return
    evaluated = {layer.name for layer in chosen.layers}
    if not evaluated & set(matching_layers(with_weights(network), quantized)):
        named = quantized if isinstance(quantized, str) else ",".join(quantized)
        raise InputError(
            f"quantize_layers {named!r}: none of these layers is evaluated, so that no scheme "
            "would change anything; evaluate some of them"
        )
