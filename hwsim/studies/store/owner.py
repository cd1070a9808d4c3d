"""Who works on a store, and whether he is still alive."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass, field
from typing import Final

from hwsim.process_identity import began, here, is_gone

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
    host: str = field(default_factory=lambda: here())
    pid: int = field(default_factory=os.getpid)
    began: float | None = field(default_factory=lambda: began(os.getpid()))

    def gone(self, beat: float) -> bool:
        """Tell whether it has ended.

        Parameters
        ----------
        beat : float
            When it last said that it is alive, seconds since the epoch.
        """
        if self.host != here():
            return time.time() - beat > SILENCE_S
        return is_gone(self.pid, self.began)
