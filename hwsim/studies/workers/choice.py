"""Which workers evaluate: threads, processes, or those of a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from hwsim.errors import InputError
from hwsim.studies.machine import Machine
from hwsim.studies.workers.cluster import ClusterWorkers, TlsFiles
from hwsim.studies.workers.processes import ProcessWorkers
from hwsim.studies.workers.protocol import Workers, worker_count
from hwsim.studies.workers.threads import ThreadWorkers

#: Tasks for each process from which on its start (0.7 s of a core) is a small part of the work. A
#: layer takes SIGMA some 4 ms, which threads share well, and a machine with a mapping to search
#: some 200 ms, most of it under the interpreter's lock (ResNet-18, ResNet-20, CPU of one core).
_TASKS_OF_ARRAYS: Final = 500
_TASKS_OF_PYTHON: Final = 20


@dataclass(frozen=True)
class Crew:
    """Which workers are wanted.

    Parameters
    ----------
    count : int, optional
        On this machine; as many as there are cores when not given.
    scheduler : str, optional
        Address of a dask scheduler, whose workers evaluate in place of those here.
    tls : TlsFiles
        Certificates for it.
    """

    count: int | None = None
    scheduler: str | None = None
    tls: TlsFiles = field(default_factory=TlsFiles)


def workers_for(machines: Sequence[Machine], wanted: int | Crew | None = None) -> Workers:
    """Choose who evaluates.

    Programs of other tools and engines that are objects of this process run on threads; a scheduler
    has workers of its own; else processes where there is enough to do for them.

    Parameters
    ----------
    machines : sequence of Machine
        Of each task that is to be done.
    wanted : int or Crew, optional
        How many, or which.

    Raises
    ------
    InputError
        If the count is none; or the scheduler cannot be used, or a machine not with it.
    """
    crew = wanted if isinstance(wanted, Crew) else Crew(wanted)
    slots = worker_count(crew.count)
    objects = [each for each in machines if not each.travels]
    if crew.scheduler is not None:
        if objects:
            raise InputError(
                f"engine {objects[0].engine.name!r} is an object of this process, which cannot "
                "travel to a cluster; register it (CONTRIBUTING.md) and give its name"
            )
        return ClusterWorkers(crew.scheduler, crew.tls)
    in_processes = slots > 1 and not objects and _worth_processes(machines, slots)
    return ProcessWorkers(slots) if in_processes else ThreadWorkers(slots)


def _worth_processes(machines: Sequence[Machine], slots: int) -> bool:
    if any(each.engine.runs_program for each in machines):
        return False
    python = sum(each.engine.interpreted for each in machines)
    arrays = len(machines) - python
    return python / _TASKS_OF_PYTHON + arrays / _TASKS_OF_ARRAYS >= slots
