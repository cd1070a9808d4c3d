"""Other people's simulators as engines: programs on this machine or in containers."""

from __future__ import annotations

from hwsim.engines.external.limits import Limits
from hwsim.engines.external.locate import Tool, find_runner
from hwsim.engines.external.runner import Runner

__all__ = ["Limits", "Runner", "Tool", "find_runner"]
