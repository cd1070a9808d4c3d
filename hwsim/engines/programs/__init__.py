"""Other people's simulators as engines: programs on this machine or in containers."""

from __future__ import annotations

from hwsim.engines.programs.limits import Limits
from hwsim.engines.programs.locate import Tool, find_runner
from hwsim.engines.programs.runner import Runner

__all__ = ["Limits", "Runner", "Tool", "find_runner"]
