"""Names for what is written aside, and what killed processes have left under them."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from hwsim.process_identity import began, here, is_gone

#: A name may have 255 bytes; so many are the target's.
_LONGEST: Final = 150
_OWNER: Final = re.compile(r"-([0-9a-f]{8})-([0-9]{1,10})-([0-9]{1,20})-[0-9a-f]{8}")


def aside_name(target: str) -> str:
    """Make a name beside a target that says which process has it.

    Parameters
    ----------
    target : str
        Name of the file or folder that is to be there in the end.
    """
    pid = os.getpid()
    owner = f"{_machine()}-{pid}-{began(pid) or 0:.0f}"
    return f"{_front(target)}-{owner}-{secrets.token_hex(4)}"


def remove_abandoned(folder: Path, target: str) -> None:
    """Remove what processes of this machine that were killed have left aside for a target."""
    front = _front(target)
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.name.startswith(front)]
    except OSError:
        return
    for name in names:
        owner = _OWNER.fullmatch(name[len(front) :])
        if owner is None or owner[1] != _machine():
            continue
        since = float(owner[3]) or None
        if is_gone(int(owner[2]), since):
            with suppress(OSError):
                (folder / name).unlink()
            shutil.rmtree(folder / name, ignore_errors=True)


def _front(target: str) -> str:
    front = os.fsencode(f".{target}")[:_LONGEST]
    return os.fsdecode(front)


def _machine() -> str:
    return hashlib.blake2b(os.fsencode(here()), digest_size=4).hexdigest()
