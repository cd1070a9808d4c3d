"""From a request to tasks: the network under each scheme, then a workload a layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from hwsim.networks import Network
from hwsim.schemes import quantize
from hwsim.schemes.quantized import QuantizedNetwork
from hwsim.studies._selection import select_layers
from hwsim.studies.layer_task import LayerTask
from hwsim.studies.request import Request
from hwsim.workload import Activations, Workload, lower


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
    """

    request: Request
    network: Network
    chosen: Network

    @classmethod
    def of(cls, request: Request) -> Self:
        """Read the network and choose its layers.

        Raises
        ------
        InputError
            If the network cannot be used, or a pattern matches no layer.
        """
        network = request.read_network()
        return cls(request, network, select_layers(network, request.layers))

    @property
    def layer_count(self) -> int:
        """Layers to evaluate, under all schemes together."""
        return len(self.request.schemes) * len(self.chosen.layers)

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
            workload = lower(layer, Activations(self.request.activation_density))
            yield LayerTask.of(scheme, layer, workload), workload
