"""The first step of the command: from here on an interrupt is one word and exit 130.

Nothing but the interpreter's own modules is imported before, as imports take most of the time in
which somebody may change his mind.
"""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import Final

_INTERRUPTED: Final = 130


def main() -> None:
    """Run the command line; a request to end (SIGTERM) is heard as an interrupt."""
    try:
        signal.signal(signal.SIGTERM, _interrupt)
        from hwsim.cli import main as command_line

        command_line()
    except KeyboardInterrupt:  # before the command line hears it itself, or after
        os.write(2, b"interrupted\n")
        os._exit(_INTERRUPTED)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Do what Ctrl-C does now; where that is ignored, as in the background of a shell, end."""
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(signal.SIGINT, frame)
    else:
        raise KeyboardInterrupt
