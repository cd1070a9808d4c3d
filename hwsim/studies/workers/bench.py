"""What one worker holds: the plans that came to it, engines by name, the workloads of late."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Iterable, Sequence
from itertools import groupby, repeat
from typing import Final, NamedTuple

from hwsim.activity import Activity
from hwsim.arch import Arch
from hwsim.engines import Engine
from hwsim.engines.protocol import activities_of_alike
from hwsim.errors import EngineError
from hwsim.schemes.description import LayerRow
from hwsim.studies.layer_task import LayerTask
from hwsim.studies.machine import EngineName
from hwsim.studies.plan import Plan
from hwsim.studies.workers.layer_of import LayerOf
from hwsim.studies.workers.waiting_workloads import Place, WaitingWorkloads
from hwsim.workload import AlikeWorkloads
from hwsim.workload.operands import Operands
from hwsim.workload.workload import Workload

#: How long to simulate before giving what is there, so that it can be kept and the rest shared [s].
PATIENCE_S: Final = 1.0


class Run(NamedTuple):
    """A layer to be simulated on a machine."""

    of: LayerOf
    engine: EngineName | Engine
    arch: Arch


class Lowered(NamedTuple):
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
    row: LayerRow


class Simulated(NamedTuple):
    """An activity, and the seconds that it took; of layers that ran together the same for each."""

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
        self._waiting = WaitingWorkloads()
        self._lock = threading.Lock()

    def take(self, plan: Plan) -> None:
        """Hold a plan."""
        self._plans[plan.key] = plan

    def holds(self, key: str) -> bool:
        """Whether a plan of this key is here."""
        return key in self._plans

    def lower(
        self, layers: Sequence[LayerOf], engines: Sequence[EngineName | Engine]
    ) -> tuple[Lowered | Exception, ...]:
        """Lower layers and ask engines what of them decides their results.

        Returns
        -------
        tuple of Lowered or Exception
            For each layer what came of it; one that cannot be lowered does not stop the others.
        """
        return tuple(
            lowered
            for _, together in groupby(layers, lambda of: (of.plan, of.scheme))
            for lowered in self._lowered(list(together), engines)
        )

    def _lowered(
        self, layers: Sequence[LayerOf], engines: Sequence[EngineName | Engine]
    ) -> list[Lowered | Exception]:
        """Lower layers of one plan under one scheme."""
        plan, scheme, _ = layers[0]
        by_name = {of.layer: of for of in layers}
        try:
            lowered = self._plans[plan].lower_together(scheme, [*by_name])
        except Exception as error:
            if len(by_name) == 1:
                return [error] * len(layers)
            return [one for of in layers for one in self._lowered([of], engines)]
        asked = [self._engine_or_error(each) for each in engines]
        found: dict[str, Lowered] = {}
        for tasks, rows, workloads in lowered:
            keys = [_keys(engine, workloads) for engine in asked]
            of_each = zip(*keys, strict=True) if keys else repeat((), len(tasks))
            found.update(
                (task.layer, Lowered(task, operands, own, row))
                for task, operands, own, row in zip(
                    tasks, workloads.operands, of_each, rows, strict=True
                )
            )
            # when the keys have had made of them what they need
            with self._lock:
                self._waiting.keep(
                    {by_name[task.layer]: (workloads, place) for place, task in enumerate(tasks)}
                )
        return [found[of.layer] for of in layers]

    def _engine_or_error(self, wanted: EngineName | Engine) -> Engine | Exception:
        try:
            return self.engine(wanted)
        except Exception as error:
            return error

    def simulate(self, runs: Sequence[Run]) -> tuple[Simulated | Exception, ...]:
        """Simulate layers on machines, as many as a moment allows.

        Parameters
        ----------
        runs : sequence of Run
            Layers that follow one another on one machine are simulated together.

        Returns
        -------
        tuple of Simulated or Exception
            For each of the first runs, one at least, what came of it; a machine that cannot run
            a layer does not stop the others.
        """
        start = time.monotonic()
        taken = self._taken({run.of: None for run in runs})
        results: list[Simulated | Exception] = []
        for _, together in groupby(runs, lambda run: (run.engine, id(run.arch))):
            on_one = list(together)
            groups = _in_groups([taken[run.of] for run in on_one])
            results += self._simulated(groups, on_one[0].engine, on_one[0].arch)
            if time.monotonic() - start > PATIENCE_S:
                break
        with self._lock:
            self._waiting.keep({run.of: taken[run.of] for run in runs[len(results) :]})
        return tuple(results)

    def _taken(self, layers: Iterable[LayerOf]) -> dict[LayerOf, Place]:
        """Take workloads from those that wait, or lower them once more."""
        with self._lock:
            waiting = {of: self._waiting.take(of) for of in layers}
        return {of: found or self._lowered_again(of) for of, found in waiting.items()}

    def _lowered_again(self, of: LayerOf) -> Place:
        [lowered] = self._plans[of.plan].lower_together(of.scheme, [of.layer])
        return lowered.workloads, 0

    def _simulated(
        self, groups: Sequence[AlikeWorkloads], engine: EngineName | Engine, arch: Arch
    ) -> list[Simulated | Exception]:
        start, count = time.perf_counter(), sum(map(len, groups))
        try:
            found = activities_of_alike(self.engine(engine), groups, arch)
        except Exception as error:
            return [error] * count
        each = (time.perf_counter() - start) / count
        return [
            activity if isinstance(activity, Exception) else Simulated(activity, each)
            for activity in found
        ]

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


def _in_groups(places: Sequence[Place]) -> list[AlikeWorkloads]:
    """Put workloads together that are alike and follow one another."""
    return [
        alike.at([place for _, place in own])
        for alike, own in groupby(places, lambda place: place[0])
    ]


def _keys(engine: Engine | Exception, workloads: AlikeWorkloads) -> Sequence[Hashable | Exception]:
    """Ask an engine what of workloads decides their results."""
    if not isinstance(engine, Exception):
        try:
            found = engine.keys(workloads)
            if len(found) != len(workloads):
                raise EngineError(
                    f"engine {engine.name!r}: keys should give {len(workloads)}, one for each "
                    f"workload. Got {len(found)}"
                )
            return found
        except Exception as error:
            if len(workloads) == 1:
                return [error]
    return [_key(engine, workload) for workload in workloads]


def _key(engine: Engine | Exception, workload: Workload) -> Hashable | Exception:
    """Ask an engine what of a workload decides its result."""
    if isinstance(engine, Exception):
        return engine
    try:
        return engine.key(workload)
    except Exception as error:
        return error
