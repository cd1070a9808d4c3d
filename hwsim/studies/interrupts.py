"""Ctrl-C that is counted, so that it does not tear what is being written."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def counted_interrupts(on_first: Callable[[], None]) -> Iterator[None]:
    """Call something when Ctrl-C is pressed; pressed again, it interrupts as ever.

    Outside the main thread, where no signal arrives, and under a handler of somebody else, nothing
    changes.

    Parameters
    ----------
    on_first : callable
        Called between two instructions of the block: it has to be quick, and may do little.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or (
        before is not signal.default_int_handler
    ):
        yield
        return

    def handle(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        on_first()

    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
