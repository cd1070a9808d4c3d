"""From a request to tasks: the network under each scheme, then a workload a layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

from hwsim.networks import Network
from hwsim.networks.network import Layer
from hwsim.schemes import quantize
from hwsim.schemes.apply import weight_bits
from hwsim.schemes.quantized import QuantizedNetwork
from hwsim.studies._feature_maps import Bools, read_feature_maps
from hwsim.studies._input_shares import InputShares, input_shares, names_masks
from hwsim.studies._selection import select_layers
from hwsim.studies.layer_task import LayerTask
from hwsim.studies.request import Request
from hwsim.workload import Activations, Workload, lower
from hwsim.workload.unfold import unfold


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
        Where the inputs of the chosen layers are not zero; empty if that is not asked for.
    shares : InputShares
        What share of the others is not zero.
    peers : mapping of str to tuple of str
        For each scheme those that run on the same machine, itself among them; empty where all do.
    """

    request: Request
    network: Network
    chosen: Network
    inputs: Mapping[str, Bools] = field(default_factory=dict)
    shares: InputShares = field(default_factory=InputShares)
    peers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, request: Request, *, measured: bool = False) -> Self:
        """Read the network, choose its layers, and read their inputs if they are given.

        Parameters
        ----------
        request : Request
            What was asked for.
        measured : bool
            Whether the densities that the network carries are taken where nothing is said of
            activations.

        Raises
        ------
        InputError
            If the network or the inputs cannot be used, or a pattern matches no layer.
        """
        network = request.read_network()
        chosen = select_layers(network, request.layers)
        wanted = request.activations
        if wanted is not None and names_masks(wanted):
            return cls(request, network, chosen, read_feature_maps(wanted, network, chosen))
        shares = InputShares(request.activation_density)
        if wanted is not None or (measured and request.activation_density == 1):
            shares = input_shares(wanted, network, chosen)
        return cls(request, network, chosen, shares=shares)

    @property
    def layer_count(self) -> int:
        """Layers to evaluate, under all schemes together."""
        return len(self.request.schemes) * len(self.chosen.layers)

    @cached_property
    def _bits(self) -> dict[str, dict[str, int]]:
        """Bits of a weight by scheme and layer."""
        request = self.request
        return {
            scheme: weight_bits(self.network, scheme, request.quantize_layers)
            for scheme in request.schemes
        }

    def compared_bits(self, scheme: str, layer: str) -> tuple[int, ...]:
        """List the bits of a weight under the schemes that one machine compares; none if alone."""
        peers = self.peers.get(scheme, self.request.schemes)
        return tuple(sorted({self._bits[each][layer] for each in peers})) if peers[1:] else ()

    def quantized(self) -> Iterator[tuple[str, QuantizedNetwork]]:
        """Put the network under one scheme after the other, so that one is in memory at a time.

        Yields
        ------
        (str, QuantizedNetwork)
            The scheme as the request calls it, and the chosen layers under it.
        """
        names = {layer.name for layer in self.chosen.layers}
        for scheme in self.request.schemes:
            # The whole network, because a default or a threshold may depend on all its layers.
            whole = quantize(self.network, scheme, self.request.quantize_layers)
            kept = tuple(layer for layer in whole.layers if layer.layer.name in names)
            yield scheme, replace(whole, network=self.chosen, layers=kept)

    def tasks(
        self, scheme: str, quantized: QuantizedNetwork
    ) -> Iterator[tuple[LayerTask, Workload]]:
        """Lower the layers of one of :meth:`quantized`.

        Yields
        ------
        (LayerTask, Workload)
            What the tables say of the layer, and what the engine evaluates.
        """
        for layer in quantized.layers:
            workload = lower(layer, self._activations(layer.layer))
            compared = self.compared_bits(scheme, workload.layer)
            yield LayerTask.of(scheme, layer, workload), replace(workload, compared_bits=compared)

    def _activations(self, layer: Layer) -> Activations:
        if layer.name not in self.inputs:
            return Activations(self.shares.of(layer))
        return Activations(nonzeros=unfold(self.inputs[layer.name], layer))
