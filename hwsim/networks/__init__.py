"""Networks: weights from a file, geometry from the file itself or from a topology."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hwsim.networks.load import load_network
    from hwsim.networks.make import make_network
    from hwsim.networks.network import Layer, Network
    from hwsim.networks.pytorch.trace import from_torch
    from hwsim.networks.save import save_network
    from hwsim.networks.topology import Topology
    from hwsim.networks.topology_file import load_topology, topology_names

__all__ = [
    "Layer",
    "Network",
    "Topology",
    "from_torch",
    "load_network",
    "load_topology",
    "make_network",
    "save_network",
    "topology_names",
]

_HOME = {
    "Layer": "network",
    "Network": "network",
    "Topology": "topology",
    "from_torch": "pytorch.trace",
    "load_network": "load",
    "load_topology": "topology_file",
    "make_network": "make",
    "save_network": "save",
    "topology_names": "topology_file",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"hwsim.networks.{_HOME[name]}"), name)
    raise AttributeError(f"module 'hwsim.networks' has no attribute {name!r}")
