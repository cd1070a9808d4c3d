"""What a worker process runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

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


def working(shared: int) -> Callable[[Message], list[Any]]:
    """Make what answers calls.

    Parameters
    ----------
    shared : int
        Descriptor of the shared file.
    """
    bench = Bench()

    def answered(message: Message) -> list[Any]:
        if isinstance(message, Delivery):
            bench.take(unpack(message.parcel, mapped(shared, message.places)))
            return []
        return answer(bench, message)

    return answered
