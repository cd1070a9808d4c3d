"""Who works on a store, and whether he is still alive."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

#: An owner on another machine that has not said a word for so long is taken for dead [s].
SILENCE_S: Final = 60.0
#: How often an owner says that it is alive [s].
BEAT_S: Final = 5.0


@dataclass(frozen=True)
class Owner:
    """A process that works on a store.

    Parameters
    ----------
    id : str
        Its own.
    host : str
        The machine, and where it counts processes in several ways, which: containers may have one
        name and each a process of one number.
    pid : int
        The process, there.
    began : float or None
        When the process began, in the system's own unit, as numbers of processes come again; None
        where the system does not say.
    """

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    host: str = field(default_factory=lambda: _here())
    pid: int = field(default_factory=os.getpid)
    began: float | None = field(default_factory=lambda: _began(os.getpid()))

    def gone(self, beat: float) -> bool:
        """Tell whether it has ended.

        Parameters
        ----------
        beat : float
            When it last said that it is alive, seconds since the epoch.
        """
        if self.host != _here():
            return time.time() - beat > SILENCE_S
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass  # somebody else's, and there
        return self.began is not None and _began(self.pid) != self.began


def _here() -> str:
    """Name this machine and its namespace of process numbers."""
    try:
        return f"{socket.gethostname()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def _began(pid: int) -> float | None:
    """Read when a process began, in ticks of the clock since the machine did; None if unknown."""
    if sys.platform != "linux":
        return None
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may hold blanks
    return None if fields[0] == "Z" else float(fields[19])
