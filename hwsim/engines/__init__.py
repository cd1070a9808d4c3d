"""Engines: each turns a workload and an architecture into an Activity."""

from __future__ import annotations

from hwsim.engines.protocol import Engine, ProgramOptions, check_machine
from hwsim.engines.registry import engine_names, engine_of, load_engine

__all__ = [
    "Engine",
    "ProgramOptions",
    "check_machine",
    "engine_names",
    "engine_of",
    "load_engine",
]
