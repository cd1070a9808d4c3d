"""Looking for circles of garbage seldom, while millions of small objects without any are made."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

#: New objects after which circles are looked for: after every 700, as Python does on its own, it
#: takes a quarter of a run of ten thousand layers.
SELDOM: Final = 1_000_000

_lock = threading.Lock()
_inside = 0
_before: tuple[int, int, int] = gc.get_threshold()


@contextmanager
def rare_collection() -> Iterator[None]:
    """Raise the threshold of this process for a while; what somebody has set higher stays.

    It is set back when the last of those who are inside, in whatever threads, has left.
    """
    global _inside, _before
    with _lock:
        if not _inside:
            _before = gc.get_threshold()
            if 0 < _before[0] < SELDOM:
                gc.set_threshold(SELDOM, *_before[1:])
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                gc.set_threshold(*_before)
