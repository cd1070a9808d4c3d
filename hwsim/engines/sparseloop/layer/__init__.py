"""Layers of networks on the machines of arch specs: problem, machine, mapping, activity."""

from hwsim.engines.sparseloop.layer.engine import SparseloopEngine

__all__ = ["SparseloopEngine"]
