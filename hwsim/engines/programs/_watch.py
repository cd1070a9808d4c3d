"""What a run of another program is watched for, wherever it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from hwsim.engines.programs.limits import Limits, size_mib
from hwsim.engines.programs.runner import last_words
from hwsim.errors import ProgramError


class Watch:
    """Fails a run that is stopped, takes too long or writes too much; it starts the clock."""

    def __init__(self, name: str, limits: Limits, stopped: threading.Event, outputs: Path) -> None:
        self._name = name
        self._limits = limits
        self._stopped = stopped
        self._outputs = outputs
        self._start = time.monotonic()

    def refuse_late(self, output: Callable[[], bytes]) -> None:
        """Fail if there was a stop or the time is over; ``output`` is what it printed by then."""
        if self._stopped.is_set():
            raise ProgramError(f"{self._name}: stopped")
        if time.monotonic() - self._start > self._limits.seconds:
            raise ProgramError(
                f"{self._name}: did not end within {self._limits.seconds:g} s (--timeout sets "
                f"this); {last_words(output())}"
            )

    def refuse_large(self) -> None:
        """Fail if the files that it wrote are too large together."""
        most = self._limits.disk_mib
        if size_mib(self._outputs) >= most:
            raise ProgramError(f"{self._name}: wrote {most} MiB of files, the most it may")
