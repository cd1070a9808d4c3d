"""Python processes that answer what they are asked, one call after the other, for this one alone.

Not by multiprocessing, which would run the user's script once more in each of them. They end with
the process that asks, however that ends.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_PROGRAM: Final = (
    "import sys; sys.path[:] = sys.argv[4:]; "
    "from hwsim.child_process import main; main(*sys.argv[1:4])"
)
_STDERR: Final = 2
#: Objects that a process makes before it looks for circles of them.
_ALLOCATIONS: Final = 100_000
#: How long a process may take to end when nothing is left to do [s].
_FAREWELL_S: Final = 5.0


class ChildLostError(Exception):
    """A process ended while it was asked; the message says by which signal or exit code."""


class ChildProcess:
    """A process that is started for what it is asked.

    Parameters
    ----------
    entry : str
        ``module:function``, which is called in the process with ``shared`` and gives what turns
        a question into its answer. Both travel pickled.
    shared : int, optional
        Descriptor of an open file, which the process has open too.
    idle_s : float, optional
        Seconds without a question after which it ends; never, if not given.

    Raises
    ------
    OSError
        If no process can be started.
    """

    def __init__(self, entry: str, shared: int | None = None, idle_s: float | None = None) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            given = [theirs.fileno()] if shared is None else [theirs.fileno(), shared]
            call = entry, ",".join(map(str, given)), "" if idle_s is None else str(idle_s)
            self.process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, *call, *sys.path],
                pass_fds=given,
                stdin=subprocess.DEVNULL,
                stdout=_STDERR,  # what an engine prints is no part of a report
                process_group=0,  # Ctrl-C at the terminal is for this process alone
            )
            self._line = _connection(ours.detach())

    def ask(self, question: object) -> Any:
        """Ask, and wait for the answer.

        Raises
        ------
        ChildLostError
            If the process ended; it is then closed.
        """
        try:
            self._line.send(question)
            return self._line.recv()
        except (EOFError, OSError) as error:
            self.close()
            code = self.process.returncode
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            raise ChildLostError(how) from error

    def kill(self) -> None:
        """End it at once; from any thread."""
        self.process.kill()

    def close(self) -> None:
        """Hang up, at which it ends, and wait for that."""
        self._line.close()
        try:
            self.process.wait(_FAREWELL_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _connection(descriptor: int) -> Connection:
    """Talk over a socket, by what takes a tenth of the start of a command to import."""
    from multiprocessing.connection import Connection

    return Connection(descriptor)


def main(entry: str, descriptors: str, idle_s: str) -> None:
    """Answer until the one who asks is gone; see :class:`ChildProcess`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asks
    connection, *shared = map(int, descriptors.split(","))
    asked: SimpleQueue[Any] = SimpleQueue()
    line = _connection(connection)

    def listen() -> None:
        with _ending():
            while True:
                asked.put(line.recv())

    with _ending():
        module, _, name = entry.partition(":")
        answer: Callable[[Any], Any] = getattr(importlib.import_module(module), name)(*shared)
        # What is imported stays, and what comes is many small objects without circles.
        gc.freeze()
        gc.set_threshold(_ALLOCATIONS)
        threading.Thread(target=listen, daemon=True).start()
        while True:
            line.send(answer(asked.get(timeout=float(idle_s) if idle_s else None)))


@contextmanager
def _ending() -> Iterator[None]:
    """End the process with the block, whatever its other thread is busy with."""
    try:
        yield
    except (EOFError, OSError, Empty):
        os._exit(0)  # who asked has ended, or asks nothing
    except BaseException:
        traceback.print_exc()
        os._exit(1)
