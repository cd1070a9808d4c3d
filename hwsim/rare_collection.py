"""Looking for circles of garbage seldom, while millions of small objects without any are made."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

#: New objects after which circles are looked for: after every 700, as Python does on its own, it
#: takes a quarter of a run of ten thousand layers.
SELDOM: Final = 5_000_000

_lock = threading.Lock()
_inside = 0
#: What is to be set again; None if nothing was raised.
_before: tuple[int, int, int] | None = None


@contextmanager
def rare_collection() -> Iterator[None]:
    """Raise the threshold of this process for a while, if it is lower.

    It is set back when the last of those who are inside, in whatever threads, has left, unless
    somebody has set another one meanwhile.
    """
    global _inside, _before
    with _lock:
        if not _inside:
            now = gc.get_threshold()
            _before = now if 0 < now[0] < SELDOM else None
            if _before:
                gc.set_threshold(*_raised(_before))
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside and _before and gc.get_threshold() == _raised(_before):
                gc.set_threshold(*_before)


def _raised(threshold: tuple[int, int, int]) -> tuple[int, int, int]:
    return SELDOM, *threshold[1:]
