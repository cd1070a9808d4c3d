"""What a worker is asked to do, as it travels."""

from __future__ import annotations

import pickle
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar

from hwsim.arch import Arch
from hwsim.engines import Engine
from hwsim.errors import EngineError, named_reason
from hwsim.studies.machine import EngineName
from hwsim.studies.workers.bench import Bench, Lowered, Run, Simulated
from hwsim.studies.workers.layer_of import LayerOf

_R = TypeVar("_R")
#: How long a worker goes through calls before it gives what is there [s].
TURN_S: Final = 0.2


@dataclass(frozen=True)
class LowerCall:
    """Lower layers of a plan; see :meth:`Bench.lower`."""

    layers: tuple[LayerOf, ...]
    engines: tuple[EngineName | Engine, ...]

    @property
    def plan(self) -> str:
        """Key of the plan."""
        return self.layers[0].plan

    def on(self, bench: Bench) -> object:
        """Do it."""
        return tuple(map(_travelling, bench.lower(self.layers, self.engines)))


@dataclass(frozen=True)
class SimulateCall:
    """Simulate layers of a plan on machines, each in bytes; see :meth:`Bench.simulate`."""

    runs: tuple[tuple[LayerOf, EngineName | Engine, bytes], ...]

    @property
    def plan(self) -> str:
        """Key of the plan."""
        return self.runs[0][0].plan

    def on(self, bench: Bench) -> object:
        """Do it."""
        runs = [Run(of, engine, _arch(packed)) for of, engine, packed in self.runs]
        return tuple(map(_portable, bench.simulate(runs)))


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


def _travelling(lowered: Lowered | Exception) -> Lowered | Exception:
    if isinstance(lowered, Exception):
        return _portable(lowered)
    return lowered._replace(keys=tuple(map(_portable, lowered.keys)))


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
