"""Describe networks and topologies as plain data, for tables and for JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from hwsim.networks._chain import follow
from hwsim.networks.mapped import let_go
from hwsim.networks.network import Layer, Network
from hwsim.networks.statistics import UNIQUE_LIMIT, count_unique, count_zeros
from hwsim.networks.topology_file import load_topology, topology_names
from hwsim.networks.uncounted import described


def describe(network: Network) -> dict[str, Any]:
    """Describe a network.

    Parameters
    ----------
    network : Network
        The network.

    Returns
    -------
    dict
        Ready for JSON: ``name``, ``path``, ``sha256``, ``topology``, ``provenance``, ``notes``,
        ``skipped`` (numbers by reason), ``uncounted``, ``ordered``, ``quantized_layers``,
        ``layers`` and ``totals``. Counts are of elements and of multiply-accumulates for one
        sample; ``unique_values`` is None above ``unique_limit``. A product of activations has no
        weights.
    """
    layers = [_describe_layer(layer) for layer in network.layers]
    quantized = network.quantized_layers
    return {
        "name": network.name,
        "path": network.path,
        "sha256": network.sha256,
        "topology": network.topology,
        "provenance": network.provenance,
        "notes": list(network.notes),
        "skipped": network.skipped,
        "uncounted": described(network.uncounted),
        "ordered": network.ordered,
        "quantized_layers": None if quantized is None else list(quantized),
        "layers": layers,
        "totals": {
            "layers": len(layers),
            **{key: sum(layer[key] for layer in layers) for key in ("weights", "zeros", "macs")},
        },
    }


def _describe_layer(layer: Layer) -> dict[str, Any]:
    # A product has ones in the place of weights: none of them counts.
    weights = layer.weight[:0] if layer.of_activations else layer.weight
    by_channel = layer.input_density_by_channel
    row = {
        "name": layer.name,
        "kind": layer.kind,
        "shape": list(layer.weight.shape),
        **_geometry(layer),
        "macs": layer.macs,
        "weights": weights.size,
        "zeros": count_zeros(weights),
        "unique_values": count_unique(weights),
        "unique_limit": UNIQUE_LIMIT,
        "input_density": layer.input_density,
        "input_density_by_channel": None if by_channel is None else list(by_channel),
        "input_masks": 0 if layer.input_masks is None else len(layer.input_masks),
    }
    let_go(layer.weight)
    return row


def _geometry(layer: Layer) -> dict[str, Any]:
    if layer.kind == "linear":
        return {"vectors": layer.vectors}
    if layer.of_activations:
        return {"vectors": layer.vectors, "groups": layer.groups}
    return {
        "stride": list(layer.stride),
        "padding": list(layer.padding),
        "padding_end": list(layer.padding_end or layer.padding),
        "dilation": list(layer.dilation),
        "groups": layer.groups,
        "input_size": list(layer.input_size),
        "output_size": list(layer.output_size),
        "images": layer.images,
    }


def describe_topologies() -> list[dict[str, Any]]:
    """Describe the topologies that ship with hwsim.

    Returns
    -------
    list of dict
        Ready for JSON: ``name``, ``source``, ``input_size``, and the numbers of ``layers``,
        ``weights`` (without biases) and ``macs`` (for one image).
    """
    return [_describe_topology(name) for name in topology_names()]


def _describe_topology(name: str) -> dict[str, Any]:
    topology = load_topology(name)
    # Weights that take no memory: one zero, seen in every place of the shape.
    layers = [
        geometry.layer(np.broadcast_to(np.float32(0), geometry.shape))
        for geometry in follow(topology)
    ]
    return {
        "name": name,
        "source": topology.source,
        "input_size": list(topology.input.size),
        "layers": len(layers),
        "weights": sum(layer.weight.size for layer in layers),
        "macs": sum(layer.macs for layer in layers),
    }
