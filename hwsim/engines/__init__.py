"""Engines: each turns a workload and an architecture into an Activity."""

from __future__ import annotations

from hwsim.engines.protocol import Engine, ProgramOptions
from hwsim.engines.registry import engine_names, load_engine

__all__ = ["Engine", "ProgramOptions", "engine_names", "load_engine"]
