"""Searches side by side: one in this process, as many more as are asked for in others.

A search is Python more than arrays, so that threads of one process wait for each other's.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable, Sequence
from typing import Final

from hwsim.child_process import ChildLostError, ChildProcess
from hwsim.engines.timeloop.mapper.joint_search import WantedMapping, found_together
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.errors import EngineError, InputError

_ENTRY: Final = f"{__name__}:answering"
#: Candidates from which on another process is started rather than to wait: it takes 0.4 s of a
#: core, as long as to score so many (a layer of ResNet-18 on eyeriss_v2).
_WORTH_A_PROCESS: Final = 1500
#: A process without work for so long ends [s].
_IDLE_S: Final = 20.0


class SideBySide:
    """Searches for whoever asks, from several threads: as many at a time as ask."""

    def __init__(self) -> None:
        self._here = threading.Lock()
        self._changed = threading.Lock()
        self._idle: list[ChildProcess] = []
        self._busy: set[ChildProcess] = set()
        self._ended: set[ChildProcess] = set()
        self._stops = 0

    def search(self, wanted: Sequence[WantedMapping]) -> list[LoopMapping | InputError]:
        """Find mappings together: here, or in another process if some are searched here already.

        Returns
        -------
        list of LoopMapping or InputError
            Of each the mapping, or why none fits.

        Raises
        ------
        EngineError
            If the search was ended by :meth:`stop`.
        """
        small = sum(each.budget for each in wanted) < _WORTH_A_PROCESS
        if self._here.acquire(blocking=small or os.name != "posix"):
            try:
                return self._found(wanted)
            finally:
                self._here.release()
        try:
            child = self._taken()
        except OSError:  # no more processes are to be had
            return self._found(wanted)
        try:
            answer = child.ask(wanted)
        except ChildLostError:
            with self._changed:
                self._busy.discard(child)
                stopped = child in self._ended
                self._ended.discard(child)
            if stopped:
                raise EngineError("the search of a mapping was ended") from None
            return self._found(wanted)  # it was killed for its memory, or ended for want of work
        with self._changed:
            self._busy.discard(child)
            self._idle.append(child)
        found: list[LoopMapping | InputError] = answer
        return found

    def _found(self, wanted: Sequence[WantedMapping]) -> list[LoopMapping | InputError]:
        """Find mappings in this thread, until all searches are stopped."""
        stops = self._stops
        return found_together(wanted, lambda: self._stops != stops)

    def stop(self) -> None:
        """End the processes, and the searches in them and here."""
        with self._changed:
            self._stops += 1
            self._ended |= self._busy
            ended = [*self._busy, *self._idle]
            self._idle.clear()
        for child in ended:
            child.kill()

    def close(self) -> None:
        """Let the processes that wait for work end."""
        with self._changed:
            idle, self._idle = self._idle, []
        for child in idle:
            child.close()

    def _taken(self) -> ChildProcess:
        with self._changed:
            child = self._idle.pop() if self._idle else ChildProcess(_ENTRY, idle_s=_IDLE_S)
            self._busy.add(child)
        return child


def answering() -> Callable[[Sequence[WantedMapping]], list[LoopMapping | InputError]]:
    """Make what searches in a process of its own."""
    return found_together


#: Of this process.
SEARCHES: Final = SideBySide()
atexit.register(SEARCHES.close)
