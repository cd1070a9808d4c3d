"""Layers of networks on the machines of arch specs: problem, machine, mapping, activity."""

from hwsim.engines.timeloop.layers.engine import SparseloopEngine

__all__ = ["SparseloopEngine"]
