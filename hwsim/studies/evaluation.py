"""The evaluation of cells: what is known is looked up, the rest is done, each task once."""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hwsim.activity import Activity
from hwsim.errors import InputError, named_reason
from hwsim.schemes.description import LayerRow
from hwsim.studies.cells import Cell, KeyedTask, activity_key
from hwsim.studies.interrupts import counted_interrupts
from hwsim.studies.known_task import KnownTask
from hwsim.studies.layer_task import Outcome
from hwsim.studies.machine import Machine
from hwsim.studies.workers.bench import Lowered, Run, Simulated
from hwsim.studies.workers.protocol import WorkerLostError, Workers
from hwsim.workload.workload import Workload

if TYPE_CHECKING:
    from hwsim.studies.store.store import Store

#: How often a task is tried whose worker died.
_LIVES: Final = 3
#: Weights of the layers that are one job: what is made of them stays in a core's cache.
_TOGETHER: Final = 1 << 19
#: And how many layers, so that there is something for every worker.
_TOGETHER_AT_MOST: Final = 256
#: How long to wait for what another process does before looking again [s].
_PAUSE_S: Final = 0.2
#: How long to wait for a worker before saying that this process is alive [s].
_TURN_S: Final = 1.0


class EvaluationStoppedError(KeyboardInterrupt):
    """Ctrl-C was pressed, and what was in flight has been finished and kept."""


@dataclass
class _Job:
    """Tasks that are one layer under one scheme, on several machines.

    ``weights`` are those of the layer. Jobs that are of one ``kind`` may be done together; None is
    of no kind.
    """

    tasks: list[KeyedTask]
    weights: int = 0
    kind: Hashable = None
    attempts: int = 0

    def again(self, tasks: list[KeyedTask], attempts: int) -> _Job:
        """Make the job of some of the tasks, to be done by itself if it was tried before."""
        return replace(self, tasks=tasks, attempts=attempts, kind=None if attempts else self.kind)


class _Waiting(NamedTuple):
    """A task whose activity is on its way."""

    task: KeyedTask
    lowered: Lowered
    near: Future[Any]


@dataclass
class Evaluation:
    """What is known of the tasks of some cells, and what is being done about the others.

    Parameters
    ----------
    cells : sequence of Cell
        What to evaluate.
    store : Store, optional
        Where results are kept and looked up; in memory without one.
    attempts : int
        How often a task is tried that fails for another reason than a wrong input.
    may_fail : type of Exception
        What a task may fail with without ending the evaluation.
    on_done : callable
        Called with the name of a layer as often as a cell has it, when it is there.

    Attributes
    ----------
    rows : dict
        By task: what the scheme did to the layer's weights, of those that were lowered here.
    """

    cells: Sequence[Cell]
    store: Store | None = None
    attempts: int = 1
    may_fail: type[Exception] = Exception
    on_done: Callable[[str], None] = lambda _: None
    known: dict[str, KnownTask] = field(default_factory=dict)
    rows: dict[str, LayerRow] = field(default_factory=dict, init=False)
    failures: dict[str, Exception] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._tasks = _tasks_of(self.cells)
        self._uses = Counter([task.key for tasks in self._tasks for task in tasks])
        self._unique: dict[str, KeyedTask] = {}
        for tasks in self._tasks:
            for task in tasks:
                self._unique.setdefault(task.key, task)
        self._activities: dict[str, Activity] = {}
        self._numbers: dict[Hashable, int] = {}  # of activities that nobody keeps
        self._pending: deque[_Job] = deque()
        self._elsewhere: list[_Job] = []
        self._waiting: dict[str, list[_Waiting]] = {}
        self._others: set[str] = set()  # activities that another process is finding
        self._asked = 0.0  # when it was last seen what other processes have done
        self._tries: dict[str, int] = {}  # by activity: how often its simulation failed
        self._hopeless: dict[str, Exception] = {}  # activities that are tried no more
        self._flying: dict[Future[Any], Callable[[Future[Any]], None]] = {}
        self._landed: SimpleQueue[Future[Any] | None] = SimpleQueue()
        self._interrupted = self._stopping = False
        self._fatal: list[Exception] = []
        if self.store is not None:
            self._refuse_objects()
            self.known = self.store.tasks(self._unique)

    @property
    def missing(self) -> list[KeyedTask]:
        """The distinct tasks of which nothing is known."""
        return [task for key, task in self._unique.items() if key not in self.known]

    def keys_of(self, cell: int) -> list[KeyedTask]:
        """List the tasks of a cell, a task for each chosen layer."""
        return self._tasks[cell]

    def activities(self, keys: Collection[str]) -> dict[str, Activity]:
        """Give activities by key."""
        here = {key: self._activities[key] for key in keys if key in self._activities}
        if self.store is None:
            return here
        return here | self.store.activities([key for key in keys if key not in here])

    def outcomes(self, cell: int) -> list[Outcome]:
        """Give what is known of the layers of a cell, in order; those that failed are left out."""
        scheme = self.cells[cell].scheme
        known = [self.known[task.key] for task in self._tasks[cell] if task.key in self.known]
        activities = self.activities({each.activity for each in known})
        return [
            Outcome(each.under(scheme), each.operands, activities[each.activity]) for each in known
        ]

    def failures_of(self, cell: int) -> dict[str, Exception]:
        """Give why layers of a cell could not be evaluated."""
        return {
            task.where.layer: self.failures[task.key]
            for task in self._tasks[cell]
            if task.key in self.failures
        }

    def run(self, workers: Workers) -> None:
        """Do what is missing.

        Raises
        ------
        InputError
            If the store cannot be used.
        EvaluationStoppedError
            After Ctrl-C, when what was in flight is kept; without a file to keep it in, or when it
            is pressed again, Ctrl-C ends it at once.
        """
        for key, times in self._uses.items():
            if key in self.known:
                self._tell(key, times)
        for plan in {task.where.plan: None for task in self.missing}:
            workers.take(next(cell.plan for cell in self.cells if cell.plan.key == plan))
        self._pending.extend(self._jobs())
        with self._foreseen(workers):
            if self.store is None or not self.store.lasts:
                self._work(workers)
                return
            try:
                with counted_interrupts(self._interrupt):
                    self._work(workers)
            finally:
                self.store.release()
        if self._stopping:
            left = len(self.missing) - len(self.failures)
            raise EvaluationStoppedError(
                f"{len(self.known)} tasks are kept, {left} are left; run it again to go on"
            )

    @contextmanager
    def _foreseen(self, workers: Workers) -> Iterator[None]:
        """Let engines that search for something know for which layers."""
        heard: dict[str, tuple[Machine, list[Iterator[Workload]]]] = {}
        for cell, tasks in zip(self.cells, self._tasks, strict=True):
            if cell.machine.engine.foresees:
                names = {task.where.layer for task in tasks if task.key not in self.known}
                if names:
                    _, outlines = heard.setdefault(cell.machine.key, (cell.machine, []))
                    outlines.append(cell.plan.outlines(cell.scheme, names))
        for machine, outlines in heard.values():
            workers.foresee(chain.from_iterable(outlines), machine)
        try:
            yield
        finally:
            for machine, _ in heard.values():
                workers.foresee((), machine)

    def _interrupt(self) -> None:
        self._interrupted = True
        self._landed.put(None)  # whoever waits looks up

    def _work(self, workers: Workers) -> None:
        while self._pending or self._flying or self._elsewhere or self._others:
            if self._interrupted and not self._stopping:
                self._wind_up()
            while self._pending and len(self._flying) < workers.ahead:
                self._begin(self._next_jobs(), workers)
            self._land()
            workers.check()
            if time.monotonic() - self._asked > _PAUSE_S and len(self._flying) < workers.ahead:
                self._ask_again(workers)
            if self.store is not None:
                self.store.beat()

    def _wind_up(self) -> None:
        """Begin nothing more."""
        self._stopping = True
        print(
            f"finishing what is in flight ({len(self._flying)} jobs); Ctrl-C again to stop at once",
            file=sys.stderr,
        )
        self._pending.clear()
        self._elsewhere.clear()
        self._others.clear()

    def _land(self) -> None:
        """Take what has been finished: all of it, even if something is wrong with some."""
        for future in self._finished():
            if receive := self._flying.pop(future, None):
                try:
                    receive(future)
                except Exception as error:
                    self._fatal.append(error)
        if self._fatal:
            raise self._fatal[0]

    def _finished(self) -> Iterator[Future[Any]]:
        """Wait for a job that is done, then give all that are."""
        if not (self._flying or self._elsewhere or self._others):
            return
        patience: float = _PAUSE_S if self._elsewhere or self._others else _TURN_S
        while True:
            try:
                future = self._landed.get(timeout=patience)
            except Empty:
                return
            if future is not None:
                yield future
            patience = 0

    def _fly(self, future: Future[Any], receive: Callable[[Future[Any]], None]) -> None:
        self._flying[future] = receive
        future.add_done_callback(self._landed.put)

    def _jobs(self) -> list[_Job]:
        """Group the missing tasks: a layer under a scheme is lowered once for all machines.

        But for programs of other tools, which take so long that each run is kept by itself.
        """
        groups: dict[tuple[str, str], list[KeyedTask]] = {}
        for task in self.missing:
            alone = task.key if task.machine.engine.runs_program else ""
            groups.setdefault((task.lowering, alone), []).append(task)
        weights = {
            (cell.plan.key, layer.name): layer.weight.size
            for cell in {id(cell.plan): cell for cell in self.cells}.values()
            for layer in cell.plan.chosen.layers
        }
        machines = {id(cell.machine.sent): cell.machine for cell in self.cells}
        together = {key for key, machine in machines.items() if machine.engine.side_by_side}
        jobs = []
        for tasks in groups.values():
            plan, scheme, layer = tasks[0].where
            sent = tuple(dict.fromkeys([id(task.machine.sent) for task in tasks]))
            kind = (plan, scheme, sent) if together.issuperset(sent) else None
            jobs.append(_Job(tasks, weights[plan, layer], kind))
        return jobs

    def _next_jobs(self) -> list[_Job]:
        """Take the next job, with those behind it that are small and of its kind."""
        jobs = [self._pending.popleft()]
        kind, weights = jobs[0].kind, jobs[0].weights
        while kind is not None and self._pending and len(jobs) < _TOGETHER_AT_MOST:
            another = self._pending[0]
            weights += another.weights
            if another.kind != kind or weights > _TOGETHER:
                break
            jobs.append(self._pending.popleft())
        return jobs

    def _begin(self, jobs: list[_Job], workers: Workers) -> None:
        if self.store is not None:
            jobs = self._claimed(jobs, self.store)
        if not jobs:
            return
        machines = {id(task.machine.sent): task.machine for job in jobs for task in job.tasks}
        engines = [machine.sent for machine in machines.values()]

        def lowered(done: Future[tuple[Lowered | Exception, ...]]) -> None:
            error = _error_of(done)
            results = [error] * len(jobs) if error else done.result()
            self._lowered(jobs, results, [*machines], done, workers)

        self._fly(workers.lower([job.tasks[0].where for job in jobs], engines), lowered)

    def _claimed(self, jobs: list[_Job], store: Store) -> list[_Job]:
        """Leave out what others have done, or are about."""
        claimed = store.claim([task.key for job in jobs for task in job.tasks], "tasks")
        for key, known in store.tasks(claimed.done).items():
            self._finish(key, known)
        ours: list[_Job] = []
        for job in jobs:
            for whose, keys in ((self._elsewhere, claimed.theirs), (ours, claimed.ours)):
                if tasks := [task for task in job.tasks if task.key in keys]:
                    whose.append(job.again(tasks, job.attempts))
        return ours

    def _not_lowered(self, job: _Job, error: Exception) -> None:
        attempts = job.attempts + 1
        if self._may_try_again(error, attempts):
            self._pending.append(job.again(job.tasks, attempts))
        else:
            self._fail(job.tasks, attempts, error)

    def _lowered(
        self,
        jobs: Sequence[_Job],
        results: Sequence[Lowered | Exception],
        engines: Sequence[int],
        near: Future[Any],
        workers: Workers,
    ) -> None:
        """Link tasks to activities that are known or on their way, and ask for the others."""
        by_activity: dict[str, list[_Waiting]] = {}
        for job, lowered in zip(jobs, results, strict=True):
            if isinstance(lowered, Exception):
                self._not_lowered(job, lowered)
                continue
            if self._interrupted:
                continue
            keys = dict(zip(engines, lowered.keys, strict=True))
            for task in job.tasks:
                self.rows[task.key] = lowered.row
                seen = keys[id(task.machine.sent)]
                if isinstance(seen, Exception):  # of this engine, and not of the others
                    self._fail([task], job.attempts + 1, seen)
                    continue
                key = self._named(task, seen)
                by_activity.setdefault(key, []).append(_Waiting(task, lowered, near))
        self._link_or_simulate(by_activity, workers)

    def _named(self, task: KeyedTask, decides: Hashable) -> str:
        """Name an activity: by its content for others to find, or by a number of this run."""
        if self.store is None:
            try:
                number = self._numbers.setdefault((task.machine.key, decides), len(self._numbers))
                return str(number)
            except TypeError:  # what an engine of a package says cannot be looked up
                pass
        return activity_key(task.machine, decides, task.lowering)

    def _link_or_simulate(self, by_activity: dict[str, list[_Waiting]], workers: Workers) -> None:
        new: list[str] = []
        done: set[str] = set()
        for key, waiting in by_activity.items():
            if key in self._activities:
                done.add(key)
            elif key in self._hopeless:
                tasks = [each.task for each in waiting]
                self._fail(tasks, self._tries[key], self._hopeless[key])
            else:
                if key not in self._waiting:
                    new.append(key)
                self._waiting.setdefault(key, []).extend(waiting)
        if self.store is not None and new:
            claimed = self.store.claim(new, "activities")
            self._others |= claimed.theirs
            for key in claimed.done:
                del self._waiting[key]
            done |= claimed.done
            new = [key for key in new if key in claimed.ours]
        self._link({key: by_activity[key] for key in done})
        if new:
            self._simulate(new, workers)

    def _link(self, done: Mapping[str, Sequence[_Waiting]]) -> None:
        found = {
            each.task.key: (key, each.lowered.task, each.lowered.operands)
            for key, waiting in done.items()
            for each in waiting
        }
        if found and self.store is not None:
            self.store.save({}, found)
        for key, (activity, task, operands) in found.items():
            self._finish(key, KnownTask(activity, task, operands))

    def _simulate(self, keys: Sequence[str], workers: Workers) -> None:
        """Ask for activities of layers that were lowered together, those of a machine in a row."""
        keys = sorted(keys, key=lambda key: id(self._waiting[key][0].task.machine))
        first = [self._waiting[key][0] for key in keys]
        runs = [
            Run(each.task.where, each.task.machine.sent, each.task.machine.arch) for each in first
        ]

        def simulated(done: Future[tuple[Simulated | Exception, ...]]) -> None:
            error = _error_of(done)
            results = [error] * len(keys) if error else done.result()
            self._simulated(dict(zip(keys, results, strict=False)), workers)
            if rest := keys[len(results) :]:
                self._simulate_side_by_side(rest, workers)

        self._fly(workers.simulate(runs, first[0].near), simulated)

    def _simulate_side_by_side(self, keys: Sequence[str], workers: Workers) -> None:
        """Simulate what a worker had no time for, on it and on those that have nothing to do."""
        if self._interrupted:
            return
        parts = max(1, workers.slots - len(self._flying))
        for part in range(min(parts, len(keys))):
            self._simulate(keys[part::parts], workers)

    def _simulated(self, results: dict[str, Simulated | Exception], workers: Workers) -> None:
        found = {key: each for key, each in results.items() if isinstance(each, Simulated)}
        waiting = {key: self._waiting.pop(key) for key in found}
        tasks = {
            each.task.key: (key, each.lowered.task, each.lowered.operands)
            for key in found
            for each in waiting[key]
        }
        if self.store is None:
            self._activities |= {key: each.activity for key, each in found.items()}
        elif found:
            versions = {key: waiting[key][0].task.machine.engine.version for key in found}
            self.store.save(
                {key: (each.activity, versions[key], each.seconds) for key, each in found.items()},
                tasks,
            )
        for key, (activity, task, operands) in tasks.items():
            self._finish(key, KnownTask(activity, task, operands))
        for key, error in results.items():
            if isinstance(error, Exception):
                self._not_simulated(key, error, workers)

    def _not_simulated(self, key: str, error: Exception, workers: Workers) -> None:
        """Try an activity again, by itself: it may be what others died of."""
        tries = self._tries[key] = self._tries.get(key, 0) + 1
        if self._may_try_again(error, tries):
            self._simulate([key], workers)
            return
        self._hopeless[key] = error
        if self.store is not None:
            self.store.release([key])
        self._fail([each.task for each in self._waiting.pop(key)], tries, error)

    def _ask_again(self, workers: Workers) -> None:
        """See what other processes have done, and take over from those that ended."""
        self._asked = time.monotonic()
        self._pending.extend(self._elsewhere)
        self._elsewhere.clear()
        if self.store is None or not self._others:
            return
        claimed = self.store.claim(list(self._others), "activities")
        self._others = set(claimed.theirs)
        for key in claimed.done:
            self._link({key: self._waiting.pop(key)})
        for key in claimed.ours:
            self._simulate([key], workers)

    def _may_try_again(self, error: Exception, attempts: int) -> bool:
        lives = _LIVES if isinstance(error, WorkerLostError) else self.attempts
        return attempts < lives and not isinstance(error, InputError) and not self._interrupted

    def _fail(self, tasks: Sequence[KeyedTask], attempts: int, error: Exception) -> None:
        """Record why tasks could not be done; what is cut short by Ctrl-C is merely not done."""
        if self._interrupted:
            return
        if not isinstance(error, self.may_fail):
            self._fatal.append(error)  # to be raised when all that has landed is taken
            return
        keys = [task.key for task in tasks]
        if self.store is not None:
            self.store.fail(keys, attempts, named_reason(error))
        for key in keys:
            self.failures[key] = error
            self._tell(key, self._uses[key])

    def _finish(self, key: str, known: KnownTask) -> None:
        self.known[key] = known
        self._tell(key, self._uses[key])

    def _tell(self, key: str, times: int) -> None:
        for _ in range(times):
            self.on_done(self._unique[key].where.layer)

    def _refuse_objects(self) -> None:
        for cell in self.cells:
            if not cell.machine.travels:
                raise InputError(
                    f"engine {cell.machine.engine.name!r} is an object of this process, whose "
                    "results cannot be kept; register it (CONTRIBUTING.md) and give its name"
                )


def _tasks_of(cells: Sequence[Cell]) -> list[list[KeyedTask]]:
    lowerings: dict[tuple[int, str], list[str]] = {}
    tasks = []
    for cell in cells:
        part = (id(cell.plan), cell.scheme)
        if part not in lowerings:
            lowerings[part] = cell.lowerings()
        tasks.append(cell.tasks(lowerings[part]))
    return tasks


def _error_of(future: Future[Any]) -> Exception | None:
    if future.cancelled():
        return WorkerLostError("the job was taken from the workers")
    error = future.exception()
    if error is None or isinstance(error, Exception):
        return error
    raise error
