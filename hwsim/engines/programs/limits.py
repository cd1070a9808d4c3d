"""What a run of another program may take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """Bounds of one run.

    Parameters
    ----------
    seconds : float
        Wall time.
    memory_mib : int
        Memory [MiB]; address space of a program, memory and swap of a container.
    disk_mib : int
        Files that it may leave [MiB], together.
    """

    seconds: float = 3600.0
    memory_mib: int = 8192
    disk_mib: int = 2048


def size_mib(folder: Path) -> float:
    """Add up the files of a folder [MiB]; files that vanish meanwhile do not count."""
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.lstat().st_size
        except OSError:
            continue
    return total / MIB
