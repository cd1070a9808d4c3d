"""Evaluate many workloads, each distinct one once, on as many cores as there are."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Self

import numpy as np

from hwsim.arch import Arch
from hwsim.engines import Activity, Engine
from hwsim.workload.workload import Workload

#: What makes two workloads the same problem, whatever their layers are called.
WorkloadKey = tuple[str, tuple[int, ...], int, float, bytes, Hashable]


def workload_key(workload: Workload, engine: Engine | None = None) -> WorkloadKey:
    """Identify a workload by what decides its result.

    Parameters
    ----------
    workload : Workload
        Any workload.
    engine : Engine, optional
        One that tells apart what is one GEMM, e.g. by the bits of the weights, says so with a
        method ``distinguishes(workload)``.

    Returns
    -------
    tuple
        Kind, shape of the weights, streams, activation density, a digest of the zeros (empty
        when there are none), and what else the engine distinguishes.
    """
    weights = workload.weights
    zeros = b"" if weights.all() else hashlib.blake2b(np.packbits(weights).data).digest()
    distinguishes = getattr(engine, "distinguishes", None)
    return (
        workload.kind,
        weights.shape,
        workload.streams,
        workload.activation_density,
        zeros,
        None if distinguishes is None else distinguishes(workload),
    )


class Evaluation:
    """A pool of threads that evaluates workloads on one architecture, each distinct one once.

    Two layers of one shape without zeros are one problem, so dense, binary and every repetition of
    a block together cost one evaluation. Threads, because array operations leave the interpreter's
    lock and threads share the masks instead of copying them.

    Parameters
    ----------
    engine : Engine
        The engine; its ``simulate`` must be safe to call from several threads.
    arch : Arch
        The architecture.
    workers : int, optional
        Threads; as many as there are cores when not given.
    """

    def __init__(self, engine: Engine, arch: Arch, workers: int | None = None) -> None:
        self._engine = engine
        self._arch = arch
        self._pool = ThreadPoolExecutor(max_workers=workers or _cores())
        self._activities: dict[WorkloadKey, Future[Activity]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and (stop := getattr(self._engine, "stop", None)):
            stop()  # another tool's program would run on, perhaps for hours
        self._pool.shutdown(cancel_futures=kind is not None)

    def submit(
        self, workload: Workload, on_done: Callable[[str], None] = lambda _: None
    ) -> Future[Activity]:
        """Ask for the activity of a workload.

        Parameters
        ----------
        workload : Workload
            The problem; it is let go when it has been evaluated.
        on_done : callable, optional
            Called with the layer's name when the result is there, from any thread.

        Returns
        -------
        Future of Activity
            The one of an equal workload if there was one.
        """
        name = workload.layer
        key = workload_key(workload, self._engine)
        if key not in self._activities:
            self._activities[key] = self._pool.submit(self._engine.simulate, workload, self._arch)
        future = self._activities[key]
        future.add_done_callback(lambda _: on_done(name))
        return future

    def settle(self) -> None:
        """Wait for what was asked so far, so that the masks in memory do not pile up."""
        wait(self._activities.values())


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # a container or taskset may leave fewer than there are
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
