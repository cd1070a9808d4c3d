"""From a request to tasks: the network under each scheme, then a workload a layer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Final, NamedTuple, Self
from uuid import uuid4

import numpy as np

from hwsim.content_key import array_key, content_key
from hwsim.errors import InputError
from hwsim.networks import Network
from hwsim.networks.mapped import let_go
from hwsim.networks.network import Layer
from hwsim.schemes.dense import Dense
from hwsim.schemes.description import LayerRow, describe_layer, describe_layers
from hwsim.schemes.quantized import QuantizedNetwork
from hwsim.schemes.quantized_layers import QuantizedLayers
from hwsim.schemes.quantizer import Quantizer
from hwsim.studies._feature_maps import Bools, read_feature_maps
from hwsim.studies._input_shares import InputShares, input_shares, measured_masks, names_masks
from hwsim.studies._selection import refuse_idle_choice, select_layers
from hwsim.studies.layer_task import LayerTask
from hwsim.studies.progress import reading_bar
from hwsim.studies.request import Request
from hwsim.workload import Activations, AlikeWorkloads, Workload
from hwsim.workload.lower import outline
from hwsim.workload.unfold import unfold

#: The scheme that leaves every layer as it is.
_AS_GIVEN: Final = str(Dense())


class LoweredLayers(NamedTuple):
    """Layers alike under a scheme.

    Parameters
    ----------
    tasks : list of LayerTask
        What the tables say of each.
    rows : list of dict
        What the scheme did to the weights of each.
    workloads : AlikeWorkloads
        What an engine evaluates.
    """

    tasks: list[LayerTask]
    rows: list[LayerRow]
    workloads: AlikeWorkloads


@dataclass(frozen=True)
class Plan:
    """A request with its network at hand.

    Parameters
    ----------
    request : Request
        What was asked for.
    network : Network
        The whole of it.
    chosen : Network
        The layers to evaluate only.
    inputs : mapping of str to ndarray of bool
        Where the inputs of chosen layers are not zero, sample by sample; empty if that is not
        asked for, or not known.
    shares : InputShares
        What share of the others is not zero.
    peers : mapping of str to tuple of str
        For each scheme those that run on the same machine, itself among them; empty where all do.
    alias : str, optional
        Stands for the network where no name has to be known elsewhere or later; layers are named
        by their contents without it, for which every weight is read.
    """

    request: Request
    network: Network
    chosen: Network
    inputs: Mapping[str, Bools] = field(default_factory=dict)
    shares: InputShares = field(default_factory=InputShares)
    peers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    alias: str | None = None

    @classmethod
    def of(
        cls,
        request: Request,
        *,
        measured: bool = False,
        kept: bool = True,
        progress: bool = False,
    ) -> Self:
        """Read the network, choose its layers, and read their inputs if they are given.

        Parameters
        ----------
        request : Request
            What was asked for.
        measured : bool
            Whether the zeros that the network carries are taken where nothing is said of
            activations: where they are, else their shares.
        kept : bool
            Whether results are kept for others, who have to find them by content.
        progress : bool
            Whether to show on a terminal how far the reading is.

        Raises
        ------
        InputError
            If the network or the inputs cannot be used, or a pattern matches no layer.
        """
        with reading_bar(wanted=progress) as report:
            network = request.read_network(report)
        chosen = select_layers(network, request.layers)
        refuse_idle_choice(network, chosen, request.quantize_layers)
        wanted = request.activations
        masks: Mapping[str, Bools] = {}
        if wanted is not None and names_masks(wanted):
            masks, shares = read_feature_maps(wanted, network, chosen), InputShares()
        elif wanted is None and not (measured and request.activation_density == 1):
            shares = InputShares(request.activation_density)
        else:
            masks = measured_masks(wanted, chosen)
            shares = input_shares(wanted, network, chosen)
        alias = None if kept else uuid4().hex
        return cls(request, network, chosen, masks, shares, alias=alias)

    @property
    def layer_count(self) -> int:
        """Layers to evaluate, under all schemes together."""
        return len(self.request.schemes) * len(self.chosen.layers)

    @cached_property
    def quantizers(self) -> dict[str, Quantizer]:
        """The network under each scheme, a layer at a time."""
        request = self.request
        forms: dict[str, tuple[str, ...]] = {}  # of weights, whatever the scheme
        # The whole network, because a default or a threshold may depend on all its layers.
        return {
            scheme: Quantizer.of(self.network, scheme, request.quantize_layers, forms)
            for scheme in request.schemes
        }

    def compared_bits(self, scheme: str, layer: str) -> tuple[int, ...]:
        """List the bits of a weight under the schemes that one machine compares; none if alone."""
        return self._compared_bits[self._peers(scheme)][layer]

    def _peers(self, scheme: str) -> tuple[str, ...]:
        return tuple(self.peers.get(scheme, self.request.schemes))

    @cached_property
    def _compared_bits(self) -> dict[tuple[str, ...], dict[str, tuple[int, ...]]]:
        """List the same by schemes that are compared, then by layer."""
        found: dict[tuple[str, ...], dict[str, tuple[int, ...]]] = {}
        names = [layer.name for layer in self.network.layers]
        for peers in {self._peers(scheme) for scheme in self.request.schemes}:
            widths = [self.quantizers[each].weight_bits for each in peers]
            bits = list(zip(*([of[name] for name in names] for of in widths), strict=True))
            in_order = {each: tuple(sorted(set(each))) if peers[1:] else () for each in set(bits)}
            found[peers] = {name: in_order[each] for name, each in zip(names, bits, strict=True)}
        return found

    def lower(self, scheme: str, name: str) -> tuple[LayerTask, Workload]:
        """Put one of the chosen layers under a scheme and lower it.

        Parameters
        ----------
        scheme : str
            One of the request's.
        name : str
            Of the layer.

        Returns
        -------
        (LayerTask, Workload)
            What the tables say of the layer, and what an engine evaluates.
        """
        [lowered] = self.lower_together(scheme, [name])
        return lowered.tasks[0], lowered.workloads[0]

    def lower_together(self, scheme: str, names: Sequence[str]) -> list[LoweredLayers]:
        """Lower layers as :meth:`lower` does each, those alike side by side.

        Parameters
        ----------
        scheme : str
            One of the request's.
        names : sequence of str
            Of layers, each once.

        Returns
        -------
        list of LoweredLayers
            Each of the layers is in one of them, not in the order of the names.
        """
        bits = self._compared_bits[self._peers(scheme)]
        return [
            lowered
            for quantized in self.quantizers[scheme].together(names)
            for lowered in self._lowered(scheme, quantized, bits)
        ]

    def _lowered(
        self, scheme: str, quantized: QuantizedLayers, bits: Mapping[str, tuple[int, ...]]
    ) -> Iterator[LoweredLayers]:
        activations = [self.activations(layer) for layer in quantized.layers]
        compared = [bits[layer.name] for layer in quantized.layers]
        kinds = [*zip(map(id, activations), compared, quantized.levels.sign_bits, strict=True)]
        for places, alike in quantized.apart(kinds):
            workloads = AlikeWorkloads(alike, activations[places[0]], compared[places[0]])
            tasks = LayerTask.of_all(scheme, alike, workloads)
            yield LoweredLayers(tasks, describe_layers(alike), workloads)
        for layer in quantized.layers:
            let_go(layer.weight)

    def outlines(self, scheme: str, names: Collection[str]) -> Iterator[Workload]:
        """Lower some of the chosen layers before anybody looks at their weights.

        Left out are those that cannot be lowered, which whoever lowers them says, and those whose
        inputs are given: to unfold these is a part of lowering.
        """
        widths, bits = self.quantizers[scheme].weight_bits, self._compared_bits[self._peers(scheme)]
        for layer in self.chosen.layers:
            if layer.name in names and layer.name not in self.inputs:
                with suppress(InputError):
                    yield outline(layer, widths[layer.name], bits[layer.name])

    def describe(self, scheme: str, name: str) -> LayerRow:
        """Say what a scheme did to one of the chosen layers."""
        quantized = self.quantizers[scheme].layer(name)
        row = describe_layer(quantized)
        let_go(quantized.layer.weight)
        return row

    def under(self, scheme: str) -> QuantizedNetwork:
        """Give the chosen layers under a scheme, each made when it is asked for."""
        return self.quantizers[scheme].quantized(self.chosen)

    @cached_property
    def layer_keys(self) -> dict[str, str]:
        """Name each layer of the network by its weights and its geometry, or by the alias."""
        if self.alias is not None:
            return {layer.name: f"{self.alias} {layer.name}" for layer in self.network.layers}
        return {layer.name: layer_key(layer) for layer in self.network.layers}

    @cached_property
    def key(self) -> str:
        """Name the plan by all that decides a workload of it, where it was read from left out."""
        request = self.request
        asked = request.schemes, request.quantize_layers, self.network.quantized_layers
        chosen = [layer.name for layer in self.chosen.layers]
        if self.alias is not None:  # which stands for the layers, and for the inputs
            return content_key("plan 1", self.alias, chosen, asked, self.peers)
        return content_key("plan 1", self.layer_keys, chosen, self._input_keys, asked, self.peers)

    def lowering_keys(self, scheme: str) -> list[str]:
        """Name what :meth:`lower` gives of each chosen layer, without doing it.

        By everything that decides it. A layer that a scheme leaves as it is has one key under all
        of them. The schemes that are compared are not in it: most engines make nothing of them.
        """
        changed, decides = self._scheme_keys[scheme]
        layers, names = self.layer_keys, [layer.name for layer in self.chosen.layers]
        if self.alias is not None:  # which stands for the inputs, too
            return [f"{decides[0] if name in changed else ''} {layers[name]}" for name in names]
        inputs = self._input_keys
        return [
            content_key(
                "lowering 1",
                name,
                layers[name],
                inputs[name],
                *(decides if name in changed else ()),
            )
            for name in names
        ]

    @cached_property
    def _scheme_keys(self) -> dict[str, tuple[frozenset[str], tuple[object, ...]]]:
        """Which layers each scheme changes, and what of it decides how."""
        found: dict[str, tuple[frozenset[str], tuple[object, ...]]] = {}
        for scheme, quantizer in self.quantizers.items():
            text = str(quantizer.scheme)
            changed = frozenset() if text == _AS_GIVEN else frozenset(quantizer.changed)
            others = quantizer.changed if quantizer.across_layers else ()
            seen = {each: self.layer_keys[each] for each in others}
            found[scheme] = changed, (text, quantizer.scheme.version, seen)
        return found

    @cached_property
    def _input_keys(self) -> dict[str, object]:
        """What is known of the input of each chosen layer, by content."""
        return {
            layer.name: array_key(self.inputs[layer.name])
            if layer.name in self.inputs
            else self.shares.activations(layer).expected
            for layer in self.chosen.layers
        }

    def inputs_in_manifest(self) -> dict[str, Any]:
        """Say what is known of the inputs of layers, for a run's manifest."""
        shares, masks = self.shares, self.inputs
        own = [each for each in self.chosen.layers if each.name in shares.by_layer]
        return {
            "activation_density": shares.common,
            "activations": shares.source or (str(self.request.activations) if masks else None),
            "activation_shares": {
                each.name: shares.of(each) for each in own if each.name not in masks
            },
            "activation_masks": {name: len(samples) for name, samples in masks.items()},
        }

    def activations(self, layer: Layer) -> Activations:
        """Say what is known of the input of one of the chosen layers."""
        if layer.name not in self.inputs:
            return self.shares.activations(layer)
        samples = [unfold(sample, layer) for sample in self.inputs[layer.name]]
        return Activations(nonzeros=samples[0] if len(samples) == 1 else np.stack(samples))


def layer_key(layer: Layer) -> str:
    """Name a layer by its weights and its geometry; what is known of its input is left out."""
    apart = ("weight", "input_density", "input_density_by_channel", "input_masks")
    geometry = {
        each.name: getattr(layer, each.name) for each in fields(layer) if each.name not in apart
    }
    weights = array_key(layer.weight)
    let_go(layer.weight)
    return content_key("layer 1", geometry, weights)
