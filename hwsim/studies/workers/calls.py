"""What a worker is asked to do, as it travels."""

from __future__ import annotations

import pickle
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, TypeVar

from hwsim.arch import Arch
from hwsim.engines import Engine
from hwsim.errors import EngineError, named_reason
from hwsim.studies.machine import EngineName
from hwsim.studies.workers.bench import Bench, LayerOf, Simulated

_R = TypeVar("_R")
#: How long a worker goes through calls before it gives what is there [s].
TURN_S: Final = 0.2


@dataclass(frozen=True)
class LowerCall:
    """Lower a layer; see :meth:`Bench.lower`."""

    of: LayerOf
    engines: tuple[EngineName | Engine, ...]

    def on(self, bench: Bench) -> object:
        """Do it."""
        lowered = bench.lower(self.of, self.engines)
        return replace(lowered, keys=tuple(map(_portable, lowered.keys)))


@dataclass(frozen=True)
class SimulateCall:
    """Simulate a layer on machines, each in bytes; see :meth:`Bench.simulate`."""

    of: LayerOf
    runs: tuple[tuple[EngineName | Engine, bytes], ...]

    def on(self, bench: Bench) -> object:
        """Do it."""
        results = bench.simulate(self.of, [(engine, _arch(each)) for engine, each in self.runs])
        return tuple(map(_portable, results))


Call = LowerCall | SimulateCall


def answer(bench: Bench, calls: Sequence[Call]) -> list[Any]:
    """Answer the first calls, one at least, as many as a moment allows.

    Returns
    -------
    list
        What came of each, or its exception.
    """
    start = time.monotonic()
    answers: list[Any] = []
    for call in calls:
        try:
            answers.append(call.on(bench))
        except Exception as error:
            answers.append(_portable(error))
        if time.monotonic() - start > TURN_S:
            break
    return answers


def _portable(result: _R) -> _R | EngineError:
    """Put into words what cannot travel: exceptions, and keys of engines, of other packages."""
    if isinstance(result, Simulated):
        return result
    try:
        pickle.loads(pickle.dumps(result))
    except Exception as error:
        return EngineError(named_reason(result if isinstance(result, Exception) else error))
    return result


@lru_cache(maxsize=1024)
def _arch(content: bytes) -> Arch:
    return Arch.from_bytes(content)
