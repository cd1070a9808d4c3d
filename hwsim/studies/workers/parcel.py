"""A plan on its way to a worker: what is small as it is, each large array by its contents."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hwsim.networks.mapped import let_go
from hwsim.studies.plan import Plan

#: Arrays of fewer bytes travel inside the plan.
LARGE_BYTES: Final = 1 << 16
_DIGEST_BYTES: Final = 16


@dataclass(frozen=True)
class Parcel:
    """A plan without its large arrays.

    Parameters
    ----------
    plan : str
        Its key.
    head : bytes
        The rest of it.
    arrays : tuple of str
        Names of the arrays, equal for equal contents, in the order in which they are put back.
    """

    plan: str
    head: bytes
    arrays: tuple[str, ...]


def pack(plan: Plan) -> tuple[Parcel, Mapping[str, memoryview]]:
    """Take a plan apart.

    Returns
    -------
    (Parcel, mapping of str to memoryview)
        And the contents of its arrays by name.
    """
    names: list[str] = []
    contents: dict[str, memoryview] = {}

    def stays_inside(buffer: pickle.PickleBuffer) -> bool:
        content = buffer.raw()
        if content.nbytes < LARGE_BYTES:
            return True
        name = hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()
        names.append(name)
        contents.setdefault(name, content)
        let_go(np.frombuffer(content, np.uint8))
        return False

    head = pickle.dumps(plan, protocol=5, buffer_callback=stays_inside)
    return Parcel(plan.key, head, tuple(names)), contents


def unpack(parcel: Parcel, arrays: Sequence[bytes | memoryview]) -> Plan:
    """Put a plan together again; its arrays stay where they are.

    Parameters
    ----------
    parcel : Parcel
        Of this hwsim, from the process that asks.
    arrays : sequence of bytes or memoryview
        The contents in the order of :attr:`Parcel.arrays`.
    """
    plan: Plan = pickle.loads(parcel.head, buffers=arrays)
    return plan
