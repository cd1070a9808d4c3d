"""What evaluates: in this process, in others on this machine, on other machines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from typing import Any, Self

from hwsim.core_count import core_count
from hwsim.engines import Engine
from hwsim.errors import EngineError, InputError
from hwsim.plausible import MOST_WORKERS
from hwsim.studies.machine import EngineName, Machine
from hwsim.studies.plan import Plan
from hwsim.studies.workers.bench import Lowered, Run, Simulated
from hwsim.studies.workers.layer_of import LayerOf
from hwsim.workload.workload import Workload


class WorkerLostError(EngineError):
    """A worker died with what it was doing, which another has to do."""


class Workers(ABC):
    """Those who lower layers and simulate them.

    A plan is taken before the layers of it are asked about; its weights travel to a worker once.
    """

    @property
    @abstractmethod
    def slots(self) -> int:
        """How many jobs run at a time."""

    @property
    def ahead(self) -> int:
        """How many jobs to ask for before one is done, so that no worker waits for the next."""
        return 2 * self.slots

    def check(self) -> None:  # noqa: B027  most workers are as good as this process
        """Refuse to go on where no worker can.

        Raises
        ------
        InputError
            Says why.
        """

    @abstractmethod
    def take(self, plan: Plan) -> None:
        """Make a plan known to every worker, now or when it first needs it."""

    def foresee(self, outlines: Iterable[Workload], machine: Machine) -> None:  # noqa: B027
        """Let a machine's engine know of layers that are going to be simulated on it.

        Where they are simulated in other processes it hears of nothing, and none is outlined.

        Parameters
        ----------
        outlines : iterable of Workload
            Made as they are taken; see :meth:`hwsim.engines.protocol.Engine.foresee`.
        machine : Machine
            Which.
        """

    @abstractmethod
    def lower(
        self, layers: Sequence[LayerOf], engines: Sequence[EngineName | Engine]
    ) -> Future[tuple[Lowered | Exception, ...]]:
        """Lower layers of a plan; see :meth:`hwsim.studies.workers.bench.Bench.lower`.

        Returns
        -------
        Future
            Its exception is a :class:`WorkerLostError` if the worker died.
        """

    @abstractmethod
    def simulate(
        self, runs: Sequence[Run], near: Future[Any]
    ) -> Future[tuple[Simulated | Exception, ...]]:
        """Simulate layers of a plan, by choice on the worker that has lowered them.

        Returns
        -------
        Future
            Of what :meth:`hwsim.studies.workers.bench.Bench.simulate` gives, which may be the
            first runs only. Its exception is a :class:`WorkerLostError` if the worker died.
        """

    @abstractmethod
    def stop(self) -> None:
        """End what runs, programs of other tools included, without waiting for it."""

    @abstractmethod
    def close(self) -> None:
        """Let the workers go, when nothing runs any more."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.stop()
        self.close()


def worker_count(wanted: int | None) -> int:
    """Take a number of workers; as many as there are cores for None or 0.

    Raises
    ------
    InputError
        If it is none.
    """
    if wanted is not None and (not isinstance(wanted, int) or not 0 <= wanted <= MOST_WORKERS):
        raise InputError(
            f"workers: expected a whole number, 0 (all cores) to {MOST_WORKERS}. Got {wanted!r}"
        )
    if wanted:
        return wanted
    return core_count()
