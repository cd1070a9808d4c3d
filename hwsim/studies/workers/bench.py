"""What one worker holds: the plans that came to it, engines by name, the workloads of late."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Final

from hwsim.activity import Activity
from hwsim.arch import Arch
from hwsim.engines import Engine
from hwsim.engines.protocol import activity_of
from hwsim.schemes.description import LayerRow
from hwsim.studies.layer_task import LayerTask
from hwsim.studies.machine import EngineName
from hwsim.studies.plan import Plan
from hwsim.workload.operands import Operands
from hwsim.workload.workload import Workload

#: Bytes of workloads that wait for their simulation; the last one stays whatever its size.
_HELD_WEIGHTS: Final = 64_000_000
#: And how many there are at most, as many hold next to nothing.
_HELD_AT_MOST: Final = 1024
#: How long to simulate before giving what is there, so that it can be kept and the rest shared [s].
PATIENCE_S: Final = 1.0


@dataclass(frozen=True)
class LayerOf:
    """A layer under a scheme, of a plan that a worker holds by its key."""

    plan: str
    scheme: str
    layer: str


@dataclass(frozen=True)
class Lowered:
    """What came of lowering a layer.

    Parameters
    ----------
    task : LayerTask
        For the tables.
    operands : Operands or None
        For the prices.
    keys : tuple of hashable or Exception
        What decides the result of each engine that was asked about, or why it cannot say.
    row : dict
        What the scheme did to its weights.
    """

    task: LayerTask
    operands: Operands | None
    keys: tuple[Hashable | Exception, ...]
    row: LayerRow = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Simulated:
    """An activity, and the seconds that it took."""

    activity: Activity
    seconds: float


class Bench:
    """Lowers layers and simulates them.

    A workload is lowered once and kept until it has been simulated or newer ones need its room;
    one that is gone is lowered again.
    """

    def __init__(self) -> None:
        self._plans: dict[str, Plan] = {}
        self._engines: dict[EngineName | Engine, Engine] = {}
        self._workloads: dict[LayerOf, tuple[Workload, int]] = {}
        self._held = 0
        self._lock = threading.Lock()

    def take(self, plan: Plan) -> None:
        """Hold a plan."""
        self._plans[plan.key] = plan

    def holds(self, key: str) -> bool:
        """Whether a plan of this key is here."""
        return key in self._plans

    def lower(self, of: LayerOf, engines: Sequence[EngineName | Engine]) -> Lowered:
        """Lower a layer and ask engines what of it decides their results.

        Raises
        ------
        InputError
            If the layer cannot be lowered.
        """
        task, workload, row = self._plans[of.plan].lower_and_describe(of.scheme, of.layer)
        keys = tuple(self._key(each, workload) for each in engines)
        self._keep(of, workload)  # when the keys have had made of it what they need
        return Lowered(task, workload.operands, keys, row)

    def _key(self, engine: EngineName | Engine, workload: Workload) -> Hashable | Exception:
        try:
            return self.engine(engine).key(workload)
        except Exception as error:
            return error

    def simulate(
        self, of: LayerOf, runs: Sequence[tuple[EngineName | Engine, Arch]]
    ) -> tuple[Simulated | Exception, ...]:
        """Simulate a layer on machines, one after the other, as many as a moment allows.

        Returns
        -------
        tuple of Simulated or Exception
            For each of the first runs, one at least, what came of it; a machine that cannot run
            the layer does not stop the others.
        """
        start = time.monotonic()
        with self._lock:
            workload = self._forget(of)
        if workload is None:
            _, workload = self._plans[of.plan].lower(of.scheme, of.layer)
        results: list[Simulated | Exception] = []
        for engine, arch in runs:
            results.append(self._simulated(workload, engine, arch))
            if time.monotonic() - start > PATIENCE_S:
                break
        if len(results) < len(runs):
            self._keep(of, workload)
        return tuple(results)

    def _simulated(
        self, workload: Workload, engine: EngineName | Engine, arch: Arch
    ) -> Simulated | Exception:
        start = time.perf_counter()
        try:
            activity = activity_of(self.engine(engine), workload, arch)
        except Exception as error:
            return error
        return Simulated(activity, time.perf_counter() - start)

    def engine(self, wanted: EngineName | Engine) -> Engine:
        """Give an engine, made once."""
        with self._lock:
            if wanted not in self._engines:
                made = wanted if isinstance(wanted, Engine) else wanted.load()
                self._engines[wanted] = made
            return self._engines[wanted]

    def stop(self) -> None:
        """End the programs that engines run."""
        for engine in list(self._engines.values()):
            engine.stop()

    def _keep(self, of: LayerOf, workload: Workload) -> None:
        with self._lock:
            self._forget(of)
            self._workloads[of] = workload, workload.held_bytes
            self._held += workload.held_bytes
            while len(self._workloads) > (1 if self._held > _HELD_WEIGHTS else _HELD_AT_MOST):
                self._forget(next(iter(self._workloads)))

    def _forget(self, of: LayerOf) -> Workload | None:
        workload, size = self._workloads.pop(of, (None, 0))
        self._held -= size
        return workload
