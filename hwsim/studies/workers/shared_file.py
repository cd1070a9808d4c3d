"""A file without a name that worker processes map: its arrays are in memory once for all."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from hwsim.errors import InputError
from hwsim.networks.mapped import let_go


@dataclass(frozen=True)
class Place:
    """Where in the file an array is, in bytes."""

    start: int
    size: int


class SharedFile:
    """Arrays in a file that goes with the last process that has it open, however that ends.

    Parameters
    ----------
    folder : str, optional
        Where its room is taken from; that of temporary files when not given.
    """

    def __init__(self, folder: str | None = None) -> None:
        self._folder = folder or tempfile.gettempdir()
        with _refused_in(self._folder):
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed by close()
        self._places: dict[str, Place] = {}

    @property
    def descriptor(self) -> int:
        """The number of the open file, which a new process is given."""
        return self._file.fileno()

    def put(self, name: str, content: memoryview) -> Place:
        """Add an array, unless there is one of its name.

        Raises
        ------
        InputError
            If there is no room for it.
        """
        if name not in self._places:
            with _refused_in(self._folder):
                self._file.seek(0, 2)
                self._file.write(bytes(-self._file.tell() % mmap.ALLOCATIONGRANULARITY))
                start = self._file.tell()
                self._file.write(content)
                self._file.flush()
            let_go(np.frombuffer(content, np.uint8))
            self._places[name] = Place(start, content.nbytes)
        return self._places[name]

    def close(self) -> None:
        """Give the room back when no worker has it open any more."""
        self._file.close()


def mapped(descriptor: int, places: Sequence[Place]) -> list[memoryview]:
    """Map arrays of a shared file, read-only.

    One mapping for all, because each holds the file open once more, and a network may have more
    layers than a process may have open files.
    """
    if not places:
        return []
    end = max(place.start + place.size for place in places)
    whole = memoryview(mmap.mmap(descriptor, end, access=mmap.ACCESS_READ))
    return [whole[place.start : place.start + place.size] for place in places]


@contextmanager
def _refused_in(folder: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{folder}: no room for the weights that worker processes share: "
            f"{error.strerror or error}; name another folder in TMPDIR"
        ) from error
