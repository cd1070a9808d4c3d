"""What a worker of a cluster runs, called by name; it knows nothing of dask."""

from __future__ import annotations

import pickle
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hwsim.studies.workers.bench import Bench
from hwsim.studies.workers.calls import Call, answer
from hwsim.studies.workers.parcel import Parcel, unpack

#: Those who ask at a time; who was killed cannot say that nothing more of his is needed.
_SESSIONS: Final = 4
_BENCHES: OrderedDict[str, Bench] = OrderedDict()
_LOCK: Final = threading.Lock()


@dataclass(frozen=True)
class Absent:
    """Plans that have to be delivered before the calls can be answered."""

    plans: frozenset[str]


def serve(session: str, packed: bytes) -> bytes:
    """Answer calls.

    Parameters
    ----------
    session : str
        Of who asks.
    packed : bytes
        A pickled sequence of calls.

    Returns
    -------
    bytes
        Pickled: answers to the first of them, see :func:`hwsim.studies.workers.calls.answer`, or
        :class:`Absent`.
    """
    calls: Sequence[Call] = pickle.loads(packed)
    bench = _bench(session)
    absent = {call.plan for call in calls if not bench.holds(call.plan)}
    return pickle.dumps(Absent(frozenset(absent)) if absent else answer(bench, calls))


def deliver(session: str, parcel: Parcel, *arrays: memoryview) -> None:
    """Take a plan."""
    bench = _bench(session)
    if not bench.holds(parcel.plan):
        bench.take(unpack(parcel, arrays))


def interrupt(session: str) -> None:
    """End the programs that run."""
    _bench(session).stop()


def forget(session: str) -> None:
    """Let go what was taken for one who asked."""
    with _LOCK:
        _BENCHES.pop(session, None)


def _bench(session: str) -> Bench:
    with _LOCK:
        bench = _BENCHES.setdefault(session, Bench())
        _BENCHES.move_to_end(session)
        while len(_BENCHES) > _SESSIONS:
            _BENCHES.popitem(last=False)
        return bench
