"""A network under a scheme: which layers it touches, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hwsim.networks.network import Network
from hwsim.schemes.quantized import QuantizedNetwork
from hwsim.schemes.quantizer import Quantizer
from hwsim.schemes.scheme import Scheme


def quantize(
    network: Network, scheme: str | Scheme, layers: str | Sequence[str] | None = None
) -> QuantizedNetwork:
    """Put a network under a scheme.

    Parameters
    ----------
    network : Network
        The network as it was read.
    scheme : str or Scheme
        ``"binary"``, ``"signed-binary:p=0.25"``, or a scheme object.
    layers : str or sequence of str, optional
        Which layers: names or patterns with ``*`` and ``?`` (also one text with commas; with
        ``!`` before it what is left out), or ``"all"``. By default the ones that the network names
        (for ResNets every 3x3 convolution but the stem, as in the paper), else all but the first
        and the last; dense applies to all.
        The other layers stay as they are (scheme ``dense``, fp32).

    Returns
    -------
    QuantizedNetwork
        Weights that already have the scheme's form are used as they are, ``origin`` "trained".
        Every layer is in memory; :class:`~hwsim.schemes.quantizer.Quantizer` gives one at a time.

    Raises
    ------
    InputError
        If the scheme cannot be read, a pattern matches no layer, or a layer has no weights.
    """
    made = Quantizer.of(network, scheme, layers).quantized()
    return replace(made, layers=tuple(made.layers))


def weight_bits(
    network: Network, scheme: str | Scheme, layers: str | Sequence[str] | None = None
) -> dict[str, int]:
    """Tell the bits that code a weight of each layer under a scheme, without quantising it.

    Parameters
    ----------
    network, scheme, layers
        As for :func:`quantize`, which raises the same errors.
    """
    return Quantizer.of(network, scheme, layers).weight_bits


def layers_left(
    network: Network, scheme: str | Scheme, layers: str | Sequence[str] | None = None
) -> tuple[str, ...]:
    """Name the layers that a scheme leaves as they are, without quantising anything.

    Parameters
    ----------
    network, scheme, layers
        As for :func:`quantize`, which raises the same errors.
    """
    return Quantizer.of(network, scheme, layers).left
