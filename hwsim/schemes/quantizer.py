"""A network under a scheme, one layer at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Self, overload

import numpy as np

from hwsim.errors import InputError, did_you_mean
from hwsim.networks.filter_facts import BLOCK
from hwsim.networks.mapped import let_go
from hwsim.networks.network import Layer, Network
from hwsim.networks.patterns import matching_layers, mean_all, with_weights
from hwsim.own_rule import knows_the_rule
from hwsim.schemes.alike_levels import AlikeLevels
from hwsim.schemes.dense import Dense
from hwsim.schemes.detection import forms_of_layers
from hwsim.schemes.quantized import Origin, QuantizedLayer, QuantizedNetwork
from hwsim.schemes.quantized_layers import QuantizedLayers
from hwsim.schemes.registry import parse_scheme
from hwsim.schemes.scheme import Levels, Scheme

_AS_GIVEN: Final = Dense()
#: Where a scheme may have its rule, besides ``quantize_alike``.
_RULES: Final = ("quantize", "quantize_named", "quantize_layers")


@dataclass(frozen=True, eq=False)
class Quantizer:
    """What a scheme will do to a network, and each layer under it when asked for.

    It keeps no levels, so that a network of any size passes through the memory that its largest
    layer takes. Only a scheme that looks across layers quantises all of them together, when the
    first of them is asked for.

    Parameters
    ----------
    network : Network
        The network as it was read.
    scheme : Scheme
        What its layers are put under.
    changed : tuple of str
        The layers that the scheme applies to, in the order in which it sees them. The others stay
        as they are (scheme ``dense``, fp32).
    remarks : tuple of str
        What is to be said of that choice.
    known_forms : dict
        By layer the forms that its weights have, as far as somebody has seen them.
    """

    network: Network
    scheme: Scheme
    changed: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    known_forms: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        network: Network,
        scheme: str | Scheme,
        layers: str | Sequence[str] | None = None,
        known_forms: dict[str, tuple[str, ...]] | None = None,
    ) -> Self:
        """Choose the layers, and look at no weight.

        Parameters
        ----------
        network, scheme, layers
            As for :func:`hwsim.quantize`, which raises the same errors.
        known_forms : dict, optional
            By layer the forms that its weights have, as far as others have seen them; what is seen
            here is added.
        """
        scheme = parse_scheme(scheme) if isinstance(scheme, str) else scheme
        _refuse_empty(network)
        changed, remarks = _choose(network, scheme, layers)
        return cls(network, scheme, changed, remarks, {} if known_forms is None else known_forms)

    @cached_property
    def left(self) -> tuple[str, ...]:
        """The layers that stay as they are, in the network's order."""
        return tuple(name for name in self._by_name if name not in self._changed)

    @cached_property
    def weight_bits(self) -> dict[str, int]:
        """Bits that code a weight, by layer."""
        bits = dict.fromkeys(self._by_name, _AS_GIVEN.bits)
        return {**bits, **dict.fromkeys(self.changed, self.scheme.bits)}

    @property
    def parameters(self) -> dict[str, object]:
        """The scheme's parameters, defaults included."""
        return self.scheme.parameters

    @cached_property
    def across_layers(self) -> bool:
        """Whether a layer's levels may depend on other layers than itself."""
        for kind in type(self.scheme).__mro__:
            if "across_layers" in vars(kind):
                break
            if "quantize_layers" in vars(kind):
                return True  # overridden below the class that said how it looks: nobody knows
        return self.scheme.across_layers

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the results should know about how the weights come to be.

        Looks once at the weights, a layer at a time, and makes no levels.
        """
        self._look_for_forms(self.changed)
        forms = {name: self.known_forms[name] for name in self._untrained(self.changed)}
        return (*self.remarks, *_mismatches(self.scheme, forms))

    def layer(self, name: str) -> QuantizedLayer:
        """Put one layer under the scheme.

        Parameters
        ----------
        name : str
            Of a layer of the network.

        Returns
        -------
        QuantizedLayer
            Made anew by every call, but for a scheme that looks across layers.

        Raises
        ------
        InputError
            If the network has no such layer.
        """
        return self.together([name])[0][0]

    def layers(self, names: Sequence[str]) -> list[QuantizedLayer]:
        """Put several layers under the scheme, as :meth:`layer` does each."""
        made = {each.layer.name: each for alike in self.together(names) for each in alike}
        return [made[name] for name in names]

    def together(self, names: Sequence[str]) -> list[QuantizedLayers]:
        """Put several layers under the scheme, those alike side by side.

        Parameters
        ----------
        names : sequence of str
            Of layers of the network, each once.

        Returns
        -------
        list of QuantizedLayers
            Each of the layers is in one of them, not in the order of the names.

        Raises
        ------
        InputError
            If the network has no such layer.
        """
        for name in names:
            if name not in self._by_name:
                raise InputError(
                    f"no layer of {self.network.name} is called {name!r}"
                    f"{did_you_mean(name, [*self._by_name])}"
                )
        return [
            made
            for origin, layers in self._alike(names)
            for made in self._under_scheme(origin, layers)
        ]

    def _alike(self, names: Sequence[str]) -> Iterator[tuple[Origin, list[Layer]]]:
        """Choose layers alike, so few that what is made of them stays in a core's cache."""
        after = frozenset(self._untrained([each for each in names if each in self._changed]))
        filled: dict[tuple[Origin, Hashable], list[Layer]] = {}
        for name in names:
            layer = self._by_name[name]
            origin: Origin = "trained" if name in self._changed else "as given"
            if name in after:
                origin = "quantised after training"
            kind = origin, (layer.weight.dtype, layer.geometry_key)
            layers = filled.setdefault(kind, [])
            if layers and (len(layers) + 1) * layer.weight.size > BLOCK:
                yield origin, layers
                layers = filled[kind] = []
            layers.append(layer)
        for (origin, _), layers in filled.items():
            yield origin, layers

    def _under_scheme(self, origin: Origin, layers: list[Layer]) -> Iterator[QuantizedLayers]:
        if origin == "as given":
            yield _as_they_are(layers, _AS_GIVEN, origin)
        elif origin == "trained":
            yield _as_they_are(layers, self.scheme, origin)
        elif isinstance(made := self._made(layers), AlikeLevels):
            # A scheme that had nothing to change hands the very weights back.
            own: Origin = "as given" if made.given else origin
            yield _under(layers, self.scheme, made, [own] * len(layers))
        else:
            yield from _one_by_one(layers, self.scheme, made)

    def _made(self, layers: Sequence[Layer]) -> Sequence[Levels | None]:
        if self.across_layers:
            return [self._together.get(layer.name) for layer in layers]
        if knows_the_rule(type(self.scheme), "quantize_alike", _RULES):
            return self.scheme.quantize_alike(layers)
        return Scheme.quantize_alike(self.scheme, layers)

    def quantized(self, chosen: Network | None = None) -> QuantizedNetwork:
        """Give the network under the scheme, with layers that are made when they are asked for.

        Parameters
        ----------
        chosen : Network, optional
            Some of the layers, for a network of these only.

        Returns
        -------
        QuantizedNetwork
            Its layers are made anew whenever they are asked for, and none is kept. Going through
            them, weights that are mapped from a file leave memory behind each.
        """
        network = self.network if chosen is None else chosen
        return QuantizedNetwork(
            network=network,
            scheme=str(self.scheme),
            layers=_Layers(self, tuple(layer.name for layer in network.layers)),
            parameters=self.parameters,
            notes=self.notes,
        )

    @cached_property
    def _by_name(self) -> dict[str, Layer]:
        return {layer.name: layer for layer in self.network.layers}

    @cached_property
    def _changed(self) -> frozenset[str]:
        return frozenset(self.changed)

    def _look_for_forms(self, names: Iterable[str]) -> None:
        """See which forms the weights have of layers that the scheme would change."""
        unseen = [name for name in names if name not in self.known_forms]
        forms = forms_of_layers([self._by_name[name].weight for name in unseen])
        self.known_forms.update(zip(unseen, forms, strict=True))

    def _untrained(self, names: Sequence[str]) -> Sequence[str]:
        """Leave out the layers whose weights have the form of the scheme."""
        form = self.scheme.trained_form
        if form is None:
            return names
        self._look_for_forms(names)
        return [name for name in names if form not in self.known_forms[name]]

    @cached_property
    def _together(self) -> Mapping[str, Levels]:
        names = self._untrained(self.changed)
        return self.scheme.quantize_layers({name: self._by_name[name] for name in names})


class _Layers(Sequence[QuantizedLayer]):
    """Layers under a scheme that are made when they are asked for."""

    def __init__(self, quantizer: Quantizer, names: tuple[str, ...]) -> None:
        self._quantizer = quantizer
        self._names = names

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, place: int) -> QuantizedLayer: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[QuantizedLayer]: ...
    def __getitem__(self, place: int | slice) -> QuantizedLayer | Sequence[QuantizedLayer]:
        if isinstance(place, slice):
            return _Layers(self._quantizer, self._names[place])
        return self._quantizer.layer(self._names[place])

    def __iter__(self) -> Iterator[QuantizedLayer]:
        for name in self._names:
            layer = self._quantizer.layer(name)
            yield layer
            let_go(layer.layer.weight)


def _as_they_are(layers: Sequence[Layer], scheme: Scheme, origin: Origin) -> QuantizedLayers:
    weights = [layer.weight for layer in layers]
    bits = [scheme.sign_bits(weight) for weight in weights] if origin == "trained" else []
    return _under(layers, scheme, AlikeLevels.as_given(weights, bits), [origin] * len(layers))


def _under(
    layers: Sequence[Layer], scheme: Scheme, levels: AlikeLevels, origins: Sequence[Origin]
) -> QuantizedLayers:
    return QuantizedLayers(layers, levels, scheme.name, scheme.bits, scheme.coding, origins)


def _one_by_one(
    layers: Sequence[Layer], scheme: Scheme, made: Sequence[Levels | None]
) -> Iterator[QuantizedLayers]:
    """Put those together that have a scale, and those that have none."""
    left = [layer for layer, levels in zip(layers, made, strict=True) if levels is None]
    if left:  # by a scheme that has nothing to say of them
        yield _as_they_are(left, scheme, "trained")
    by_scale: dict[bool, list[tuple[Layer, Levels]]] = {}
    for layer, levels in zip(layers, made, strict=True):
        if levels is not None:
            _refuse_other_shapes(layer, scheme, levels)
            by_scale.setdefault(levels.scaled, []).append((layer, levels))
    for own in by_scale.values():
        origins: list[Origin] = [
            "as given" if levels.promised("levels") is layer.weight else "quantised after training"
            for layer, levels in own
        ]
        alike = AlikeLevels.of([levels for _, levels in own])
        yield _under([layer for layer, _ in own], scheme, alike, origins)


def _refuse_other_shapes(layer: Layer, scheme: Scheme, levels: Levels) -> None:
    for what, shape in (("levels", layer.weight.shape), ("scale", (layer.filters,))):
        given: Any = levels.promised(what)
        found = shape if given is None else tuple(getattr(given, "shape", None) or np.shape(given))
        if found != shape:
            raise InputError(
                f"scheme {scheme.name!r}, layer {layer.name!r}: {what} should have the shape "
                f"{shape}. Got {found}"
            )


def _choose(
    network: Network, scheme: Scheme, layers: str | Sequence[str] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find the layers that the scheme applies to, and what to say about the choice."""
    weighted = with_weights(network)
    names = tuple(layer.name for layer in weighted.layers)
    if layers is not None:
        return names if mean_all(layers) else tuple(matching_layers(weighted, layers)), ()
    if scheme.everywhere:
        return names, ()
    if network.quantized_layers is not None:
        named = frozenset(network.quantized_layers)
        return tuple(name for name in names if name in named), ()
    if len(names) < 3:
        return names, (f"{scheme.name} applies to every layer: there are fewer than three",)
    return names[1:-1], ()


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
