"""A network under a scheme, one layer at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Self, overload

from hwsim.errors import InputError, did_you_mean
from hwsim.networks.mapped import let_go
from hwsim.networks.network import Layer, Network
from hwsim.networks.patterns import matching_layers, mean_all, with_weights
from hwsim.schemes.dense import Dense
from hwsim.schemes.detection import forms_of_layers
from hwsim.schemes.quantized import Origin, QuantizedLayer, QuantizedNetwork
from hwsim.schemes.registry import parse_scheme
from hwsim.schemes.scheme import Levels, Scheme

_AS_GIVEN: Final = Dense()


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
    """

    network: Network
    scheme: Scheme
    changed: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    _known_forms: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(
        cls, network: Network, scheme: str | Scheme, layers: str | Sequence[str] | None = None
    ) -> Self:
        """Choose the layers, and look at no weight.

        Parameters
        ----------
        network, scheme, layers
            As for :func:`hwsim.quantize`, which raises the same errors.
        """
        scheme = parse_scheme(scheme) if isinstance(scheme, str) else scheme
        _refuse_empty(network)
        changed, remarks = _choose(network, scheme, layers)
        return cls(network, scheme, changed, remarks)

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
        forms = {name: self._known_forms[name] for name in self._untrained(self.changed)}
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
        return self.layers([name])[0]

    def layers(self, names: Sequence[str]) -> list[QuantizedLayer]:
        """Put several layers under the scheme, as :meth:`layer` does each.

        Small ones take less time together than one after the other.
        """
        for name in names:
            if name not in self._by_name:
                raise InputError(
                    f"no layer of {self.network.name} is called {name!r}"
                    f"{did_you_mean(name, [*self._by_name])}"
                )
        made: Mapping[str, Levels] = {}
        if after := self._untrained([each for each in names if each in self._changed]):
            made = self._together if self.across_layers else self._made(after)
        return [self._under_scheme(self._by_name[name], made.get(name)) for name in names]

    def _under_scheme(self, layer: Layer, made: Levels | None) -> QuantizedLayer:
        if made is not None:
            return _under(layer, self.scheme, made, "quantised after training")
        if layer.name not in self._changed:
            return _under(layer, _AS_GIVEN, Levels(layer.weight), "as given")
        as_it_is = Levels(layer.weight, sign_bits=self.scheme.sign_bits(layer.weight))
        return _under(layer, self.scheme, as_it_is, "trained")

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
        unseen = [name for name in names if name not in self._known_forms]
        forms = forms_of_layers([self._by_name[name].weight for name in unseen])
        self._known_forms.update(zip(unseen, forms, strict=True))

    def _untrained(self, names: Sequence[str]) -> Sequence[str]:
        """Leave out the layers whose weights have the form of the scheme."""
        form = self.scheme.trained_form
        if form is None:
            return names
        self._look_for_forms(names)
        return [name for name in names if form not in self._known_forms[name]]

    @cached_property
    def _together(self) -> Mapping[str, Levels]:
        return self._made(self._untrained(self.changed))

    def _made(self, names: Sequence[str]) -> Mapping[str, Levels]:
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


def _under(layer: Layer, scheme: Scheme, made: Levels, origin: Origin) -> QuantizedLayer:
    # A scheme that had nothing to change hands the very weights back.
    levels = made.promised("levels")
    untouched = levels is layer.weight and origin != "trained"
    return QuantizedLayer.of_levels(
        layer,
        made,
        scheme=scheme.name,
        bits=scheme.bits,
        origin="as given" if untouched else origin,
        coding=scheme.coding,
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
