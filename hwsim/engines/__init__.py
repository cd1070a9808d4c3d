"""Engines: each turns a workload and an architecture into an Activity."""

from __future__ import annotations

from hwsim.activity import Activity
from hwsim.engines.registry import Engine, engine_names, load_engine

__all__ = ["Activity", "Engine", "engine_names", "load_engine"]
