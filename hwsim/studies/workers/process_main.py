"""What a worker process runs: it answers calls until the one who asks is gone."""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from queue import SimpleQueue

from hwsim.studies.workers.bench import Bench
from hwsim.studies.workers.calls import Call, answer
from hwsim.studies.workers.parcel import Parcel, unpack
from hwsim.studies.workers.shared_file import Place, mapped


@dataclass(frozen=True)
class Delivery:
    """A plan whose arrays are in the shared file."""

    parcel: Parcel
    places: tuple[Place, ...]


Message = Delivery | Sequence[Call]


def main(connection: int, shared: int) -> None:
    """Work.

    Parameters
    ----------
    connection : int
        Descriptor of the socket to who asks.
    shared : int
        Descriptor of the shared file.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asks
    asked: SimpleQueue[Message] = SimpleQueue()
    line = Connection(connection)

    def listen() -> None:
        with _ending():
            while True:
                asked.put(line.recv())

    threading.Thread(target=listen, daemon=True).start()
    bench = Bench()
    with _ending():
        while True:
            message = asked.get()
            if isinstance(message, Delivery):
                bench.take(unpack(message.parcel, mapped(shared, message.places)))
            else:
                line.send(answer(bench, message))


@contextmanager
def _ending() -> Iterator[None]:
    """End the process with the block, whatever its other thread is busy with."""
    try:
        yield
    except (EOFError, OSError):
        os._exit(0)  # who asked has ended
    except BaseException:
        traceback.print_exc()
        os._exit(1)
