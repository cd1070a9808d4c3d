"""Which process this is, and whether another is still there."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path


def here() -> str:
    """Name this machine and its namespace of process numbers: containers may share a name."""
    try:
        return f"{platform.node()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return platform.node()


def began(pid: int) -> float | None:
    """Read when a process began, in ticks of the clock since the machine did; None if unknown.

    Numbers of processes come again; with its beginning one is itself alone.
    """
    if sys.platform != "linux":
        return None
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may hold blanks
    return None if fields[0] == "Z" else float(fields[19])


def is_gone(pid: int, since: float | None) -> bool:
    """Tell whether a process of this machine has ended.

    Parameters
    ----------
    pid : int
        Its number.
    since : float or None
        When it began, where that is known.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # somebody else's, and there
    return since is not None and began(pid) != since
