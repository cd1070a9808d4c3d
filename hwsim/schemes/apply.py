"""A network under a scheme: which layers it touches, and what came of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hwsim.errors import InputError
from hwsim.networks.network import Layer, Network
from hwsim.networks.patterns import matching_layers
from hwsim.schemes.dense import Dense
from hwsim.schemes.detection import trained_forms
from hwsim.schemes.quantized import Origin, QuantizedLayer, QuantizedNetwork
from hwsim.schemes.registry import parse_scheme
from hwsim.schemes.scheme import Levels, Scheme


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
        Which layers: names or patterns with ``*`` and ``?`` (also one text with commas), or
        ``"all"``. By default the ones that the network names (for ResNets every 3x3 convolution
        but the stem, as in the paper), else all but the first and the last; dense applies to all.
        The other layers stay as they are (scheme ``dense``, fp32).

    Returns
    -------
    QuantizedNetwork
        Weights that already have the scheme's form are used as they are, ``origin`` "trained".

    Raises
    ------
    InputError
        If the scheme cannot be read, a pattern matches no layer, or a layer has no weights.
    """
    scheme = parse_scheme(scheme) if isinstance(scheme, str) else scheme
    _refuse_empty(network)
    chosen, notes = _choose(_with_weights(network), scheme, layers)
    forms = {name: trained_forms(layer.weight) for name, layer in chosen.items()}
    trained = {name for name in chosen if scheme.form is not None and scheme.form in forms[name]}
    made = scheme.quantize_layers(
        {name: layer.weight for name, layer in chosen.items() if name not in trained}
    )

    def under_scheme(layer: Layer) -> QuantizedLayer:
        if layer.name in trained:
            as_it_is = Levels(layer.weight, sign_bits=scheme.sign_bits(layer.weight))
            return _layer(layer, scheme, as_it_is, "trained")
        if layer.name in made:
            return _layer(layer, scheme, made[layer.name], "quantised after training")
        return _layer(layer, Dense(), Levels(layer.weight), "as given")

    return QuantizedNetwork(
        network=network,
        scheme=str(scheme),
        layers=tuple(map(under_scheme, network.layers)),
        parameters=scheme.parameters,
        notes=(*notes, *_mismatches(scheme, {name: forms[name] for name in made})),
    )


def weight_bits(
    network: Network, scheme: str | Scheme, layers: str | Sequence[str] | None = None
) -> dict[str, int]:
    """Tell the bits that code a weight of each layer under a scheme, without quantising it.

    Parameters
    ----------
    network, scheme, layers
        As for :func:`quantize`, which raises the same errors.
    """
    scheme = parse_scheme(scheme) if isinstance(scheme, str) else scheme
    chosen, _ = _choose(_with_weights(network), scheme, layers)
    return {
        layer.name: scheme.bits if layer.name in chosen else Dense().bits
        for layer in network.layers
    }


def _with_weights(network: Network) -> Network:
    """Leave out products of activations, which no scheme changes."""
    return replace(
        network, layers=tuple(layer for layer in network.layers if not layer.of_activations)
    )


def layers_left(
    network: Network, scheme: str | Scheme, layers: str | Sequence[str] | None = None
) -> tuple[str, ...]:
    """Name the layers that a scheme leaves as they are, without quantising anything.

    Parameters
    ----------
    network, scheme, layers
        As for :func:`quantize`, which raises the same errors.
    """
    scheme = parse_scheme(scheme) if isinstance(scheme, str) else scheme
    chosen, _ = _choose(_with_weights(network), scheme, layers)
    return tuple(layer.name for layer in network.layers if layer.name not in chosen)


def _layer(layer: Layer, scheme: Scheme, made: Levels, origin: Origin) -> QuantizedLayer:
    # A scheme that had nothing to change hands the very weights back.
    untouched = made.levels is layer.weight and origin != "trained"
    return QuantizedLayer(
        layer=layer,
        scheme=scheme.name,
        levels=made.levels,
        bits=scheme.bits,
        sign_bits=made.sign_bits,
        origin="as given" if untouched else origin,
        scale=made.scale,
        coding=scheme.coding,
    )


def _choose(
    network: Network, scheme: Scheme, layers: str | Sequence[str] | None
) -> tuple[dict[str, Layer], list[str]]:
    """Find the layers that the scheme applies to, and what to say about the choice."""
    by_name = {layer.name: layer for layer in network.layers}
    if layers is not None:
        if layers in ("all", ["all"], ("all",)):
            return by_name, []
        return {name: by_name[name] for name in matching_layers(network, layers)}, []
    if scheme.everywhere:
        return by_name, []
    if network.quantized_layers is not None:
        names = set(network.quantized_layers)
        return {name: layer for name, layer in by_name.items() if name in names}, []
    if len(network.layers) < 3:
        note = f"{scheme.name} applies to every layer: there are fewer than three"
        return by_name, [note]
    return {layer.name: layer for layer in network.layers[1:-1]}, []


def _mismatches(scheme: Scheme, forms: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Warn where weights that were trained in one form are used under another scheme."""
    counts = Counter(found[0] for found in forms.values() if found)
    notes = []
    for form, count in counts.items():
        what = f"{count} {'layer' if count == 1 else 'layers'} trained {form}"
        if scheme.name == Dense.name:
            notes.append(
                f"dense uses {what} as given, zeros included: the float network has its own file"
            )
        else:
            notes.append(
                f"{scheme.name} was applied after training to {what}: the latent float weights "
                "are not in the file, so this is not what training with it would give"
            )
    return notes


def _refuse_empty(network: Network) -> None:
    for layer in network.layers:
        if layer.weight.size == 0:
            raise InputError(
                f"layer {layer.name!r} of {network.name} has no weights, its shape is "
                f"{layer.weight.shape}"
            )
