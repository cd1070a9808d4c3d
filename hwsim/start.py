"""The first step of the command, and its last: an interrupt is one word and exit 130.

And what has to be known before numpy is imported is said.

Nothing but the interpreter's own modules is imported before, as imports take most of the time in
which somebody may change his mind.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from types import FrameType
from typing import Final

_INTERRUPTED: Final = 130
#: How many threads numpy's library of linear algebra starts. It would start one for every core, and
#: they spin for a tenth of a second, of which a short run takes one; hwsim multiplies no large
#: matrices, and has threads of its own.
_BLAS_THREADS: Final = "OPENBLAS_NUM_THREADS"


def main() -> None:
    """Run the command line and end the process with its exit code.

    A request to end (SIGTERM) is heard as an interrupt.
    """
    try:
        signal.signal(signal.SIGTERM, _interrupt)
        os.environ.setdefault(_BLAS_THREADS, "1")
        from hwsim.rare_collection import SELDOM

        # Modules and results are millions of small objects without circles: looking for circles
        # takes a quarter of a run of a thousand layers.
        gc.set_threshold(SELDOM)
        from hwsim.cli import main as command_line

        try:
            command_line()
        except SystemExit as end:
            _leave(end.code)
            raise
    except KeyboardInterrupt:  # before the command line hears it itself, or after
        os.write(2, b"interrupted\n")
        os._exit(_INTERRUPTED)


def _leave(code: object) -> None:
    """End the process, unless somebody still waits for something of it.

    What is to be done at the end is done. But the interpreter would then free each object by
    itself, for which a short run takes a fortieth of its time and the system none.
    """
    import threading

    if threading.active_count() > 1 or not isinstance(code, int | None) or _is_watched():
        return
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code or 0)


def _is_watched() -> bool:
    """Tell whether a profiler, a debugger or somebody at a prompt has the last word."""
    if sys.getprofile() or sys.gettrace() or sys.flags.inspect:
        return True
    monitoring = getattr(sys, "monitoring", None)  # Python 3.12 and later have six places for tools
    return monitoring is not None and any(map(monitoring.get_tool, range(6)))


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Do what Ctrl-C does now; where that is ignored, as in the background of a shell, end."""
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(signal.SIGINT, frame)
    else:
        raise KeyboardInterrupt
