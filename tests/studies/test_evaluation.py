"""How tasks become results: claims, retries, failures, Ctrl-C; by workers that obey a test."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwsim.engines import Engine
from hwsim.engines.stonne.sigma import SigmaEngine
from hwsim.errors import EngineError, InputError, ProgramError
from hwsim.studies import evaluation as evaluation_module
from hwsim.studies.cells import Cell
from hwsim.studies.evaluation import Evaluation, EvaluationStoppedError
from hwsim.studies.machine import EngineName, Machine
from hwsim.studies.plan import Plan
from hwsim.studies.store.store import Store
from hwsim.studies.workers.bench import Bench, Lowered, Run, Simulated
from hwsim.studies.workers.layer_of import LayerOf
from hwsim.studies.workers.protocol import WorkerLostError, Workers
from hwsim.workload.workload import Workload
from tests.studies.small_cells import small_cells


class Obedient(Workers):
    """Works when asked, in this thread, unless a test says what comes of it.

    Parameters
    ----------
    lowering, simulation : callable
        Gets what is asked and what would come of it, and gives or raises what is to come.
    """

    def __init__(
        self,
        lowering: Callable[[LayerOf, Any], Any] = lambda of, result: result,
        simulation: Callable[[LayerOf, Any], Any] = lambda of, result: result,
        slots: int = 1,
    ) -> None:
        self.bench = Bench()
        self.lowered: list[LayerOf] = []
        self.simulated: list[tuple[LayerOf, int]] = []
        self._lowering, self._simulation, self._slots = lowering, simulation, slots

    @property
    def slots(self) -> int:
        return self._slots

    def take(self, plan: Plan) -> None:
        self.bench.take(plan)

    def lower(
        self, layers: Sequence[LayerOf], engines: Sequence[EngineName | Engine]
    ) -> Future[tuple[Lowered | Exception, ...]]:
        self.lowered += layers
        found = self.bench.lower(layers, engines)
        return done(lambda: tuple(map(self._lowering, layers, found)))

    def simulate(
        self, runs: Sequence[Run], near: Future[Any]
    ) -> Future[tuple[Simulated | Exception, ...]]:
        assert near.done()
        self.simulated.append((runs[0].of, len(runs)))
        return done(lambda: self._simulation(runs[0].of, self.bench.simulate(runs)))

    def stop(self) -> None: ...

    def close(self) -> None: ...


def done(work: Callable[[], Any]) -> Future[Any]:
    future: Future[Any] = Future()
    try:
        future.set_result(work())
    except Exception as error:
        future.set_exception(error)
    return future


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    assert evaluation_module._PAUSE_S == 0.2
    assert evaluation_module._TURN_S == 1.0
    monkeypatch.setattr(evaluation_module, "_PAUSE_S", 0.001)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job is one layer, unless a test is of several together."""
    monkeypatch.setattr(evaluation_module, "_TOGETHER_AT_MOST", 1)


@pytest.fixture(scope="module")
def cells() -> list[Cell]:
    return small_cells(("dense", "binary"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "x.db") as opened:
        yield opened


def evaluated(cells: Sequence[Cell], workers: Workers, **options: Any) -> Evaluation:
    evaluation = Evaluation(cells, **options)
    evaluation.run(workers)
    return evaluation


def outcomes(evaluation: Evaluation) -> list[Any]:
    return [evaluation.outcomes(number) for number in range(len(evaluation.cells))]


def test_each_layer_is_lowered_once_and_equal_ones_are_simulated_once(
    cells: list[Cell], store: Store
) -> None:
    told: list[str] = []
    workers = Obedient()
    evaluation = evaluated(cells, workers, store=store, on_done=told.append)
    assert len(workers.lowered) == len(set(workers.lowered)) == 10  # five layers, two schemes
    assert sorted(told) == sorted([layer.name for layer in cells[0].plan.chosen.layers] * 4)
    # SIGMA knows zeros and no levels: dense and binary are one, and both convolutions of the block.
    assert [runs for _, runs in workers.simulated] == [2] * 4
    assert evaluation.missing == []
    assert [len(each) for each in outcomes(evaluation)] == [5] * 4
    assert store.query("SELECT count(*) FROM claims") == [(0,)]

    without = evaluated(cells, Obedient())
    assert outcomes(without) == outcomes(evaluation)

    again = Obedient()
    told.clear()
    second = evaluated(cells, again, store=store, on_done=told.append)
    assert (again.lowered, again.simulated) == ([], [])
    assert len(told) == 20
    assert outcomes(second) == outcomes(evaluation)


def test_what_takes_long_is_shared(cells: list[Cell]) -> None:
    """A worker gives the first run only; the rest is asked for again, side by side."""
    many = small_cells(("dense",), (8, 16, 32, 64))
    workers = Obedient(simulation=lambda of, results: results[:1], slots=2)
    evaluation = evaluated(many, workers)
    assert outcomes(evaluation) == outcomes(evaluated(many, Obedient()))
    fc = [runs for of, runs in workers.simulated if of.layer == "fc"]
    assert sum(fc) >= 4 + 3
    assert fc[0] == 4
    assert max(fc[1:]) <= 3


def failing(error: Exception, times: int) -> Callable[[LayerOf, Any], Any]:
    """Fail at the linear layer so many times."""
    left = [times]

    def fail(of: LayerOf, result: Any) -> Any:
        if of.layer == "fc" and left[0]:
            left[0] -= 1
            raise error
        return result

    return fail


@pytest.mark.parametrize("stage", ["lowering", "simulation"])
@pytest.mark.parametrize(
    ("error", "attempts", "lives"),
    [
        (WorkerLostError("gone"), 1, 3),
        (EngineError("no"), 1, 1),
        (EngineError("no"), 4, 4),
        (InputError("wrong"), 4, 1),
    ],
)
def test_what_fails_is_tried_again_as_often_as_it_may(
    stage: str, error: Exception, attempts: int, lives: int, store: Store
) -> None:
    cells = small_cells(("dense",), (8,))
    survivor = Obedient(**{stage: failing(error, lives - 1)})
    assert evaluated(cells, survivor, attempts=attempts).failures == {}

    workers = Obedient(**{stage: failing(error, lives)})
    told: list[str] = []
    evaluation = evaluated(cells, workers, store=store, attempts=attempts, on_done=told.append)
    assert list(evaluation.failures.values()) == [error]
    assert evaluation.failures_of(0) == {"fc": error}
    assert len(evaluation.outcomes(0)) == 4
    assert told.count("fc") == 1
    [(key, tries, why)] = store.query("SELECT task, attempts, error FROM failures")
    assert [key] == list(evaluation.failures)
    assert tries == lives
    assert why == f"{type(error).__name__}: {error}"
    assert store.query("SELECT count(*) FROM claims") == [(0,)]

    repaired = evaluated(cells, Obedient(), store=store)  # a later call tries again
    assert repaired.failures == {}
    assert store.query("SELECT * FROM failures") == []


def test_an_activity_that_fails_is_tried_by_itself(cells: list[Cell]) -> None:
    """Two machines are asked about together; a worker dies of it, and each is asked alone."""
    workers = Obedient(simulation=failing(WorkerLostError("gone"), 1))
    assert evaluated(cells, workers).failures == {}
    assert [runs for of, runs in workers.simulated if of.layer == "fc"] == [2, 1, 1]


def test_an_activity_without_hope_is_not_tried_for_each_task(cells: list[Cell]) -> None:
    """Dense and binary are one activity on each machine."""
    workers = Obedient(simulation=failing(EngineError("no"), 100))
    evaluation = evaluated(cells, workers, attempts=2)
    assert len(evaluation.failures) == 4
    assert sum(runs for of, runs in workers.simulated if of.layer == "fc") == 2 * 2


def test_an_engine_that_fails_to_say_what_it_reads_fails_alone() -> None:
    one, other = small_cells(("dense",))

    def keys(of: LayerOf, lowered: Lowered) -> Lowered:
        return lowered._replace(keys=(lowered.keys[0], EngineError("no")))

    named = EngineName("sigma", density="actual")
    second = Cell(
        other.plan, other.scheme, Machine.of(other.machine.arch, one.machine.engine, named)
    )
    evaluation = evaluated([one, second], Obedient(lowering=keys))
    assert evaluation.failures_of(0) == {}
    assert len(evaluation.failures_of(1)) == 5


def test_what_may_not_fail_ends_it_and_lets_go(cells: list[Cell], store: Store) -> None:
    workers = Obedient(simulation=failing(InputError("wrong"), 1))
    with pytest.raises(InputError, match=r"^wrong$"):
        evaluated(cells, workers, store=store, may_fail=ProgramError)
    assert store.query("SELECT count(*) FROM claims") == [(0,)]
    assert store.query("SELECT count(*) FROM failures") == [(0,)]


def test_objects_are_not_kept(cells: list[Cell], store: Store) -> None:
    machine = cells[0].machine
    cell = Cell(cells[0].plan, "dense", Machine.of(machine.arch, machine.engine, machine.engine))
    with pytest.raises(InputError) as caught:
        Evaluation([cell], store)
    assert str(caught.value) == (
        "engine 'sigma' is an object of this process, whose results cannot be kept; register it "
        "(CONTRIBUTING.md) and give its name"
    )
    assert len(evaluated([cell], Obedient()).outcomes(0)) == 5


def test_tasks_of_another_process_are_waited_for(cells: list[Cell], tmp_path: Path) -> None:
    """It lets some go and has done the others."""
    calm = evaluated(cells, Obedient())
    path = tmp_path / "x.db"
    with Store(path) as store, Store(path) as other:
        theirs = Evaluation(cells, other)
        keys = [task.key for task in theirs.missing]
        other.claim(keys, "tasks")
        asked = [0]
        claim = store.claim

        def claims(wanted: Sequence[str], of: str) -> Any:
            asked[0] += 1
            if asked[0] == 12:
                other.release(keys[:3])
                evaluated(cells, Obedient(), store=other)
            return claim(wanted, of)

        store.claim = claims  # type: ignore[method-assign]
        workers = Obedient()
        mine = evaluated(cells, workers, store=store)
        assert workers.lowered == []
        assert outcomes(mine) == outcomes(calm)


@pytest.mark.parametrize("finds", [True, False])
def test_activities_of_another_process_are_waited_for(
    cells: list[Cell], tmp_path: Path, finds: bool
) -> None:
    """It finds them, or ends without."""
    calm_path, path = tmp_path / "calm.db", tmp_path / "x.db"
    with Store(calm_path) as kept:
        calm = evaluated(cells, Obedient(), store=kept)
        keys = [key for (key,) in kept.query("SELECT key FROM activities")]
        found = kept.activities(keys)
        expected = outcomes(calm)
    with Store(path) as store, Store(path) as other:
        other.claim(keys, "activities")
        workers = Obedient()
        asked = [0]
        beat = store.beat

        def turn() -> None:
            asked[0] += 1
            if asked[0] == 20:
                if finds:
                    other.save({key: (each, "1", 0.5) for key, each in found.items()}, {})
                other.release()
            beat()

        store.beat = turn  # type: ignore[method-assign]
        mine = evaluated(cells, workers, store=store)
        assert outcomes(mine) == expected
        assert len(workers.lowered) == 10
        assert sum(runs for _, runs in workers.simulated) == (0 if finds else 8)


def test_ctrl_c_keeps_what_is_in_flight(
    cells: list[Cell], store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    def press(of: LayerOf, results: Any) -> Any:
        if len(workers.simulated) == 1:
            signal.raise_signal(signal.SIGINT)
        return results

    workers = Obedient(simulation=press)
    evaluation = Evaluation(cells, store)
    with pytest.raises(EvaluationStoppedError) as caught:
        evaluation.run(workers)
    kept = len(evaluation.known)
    assert kept > 0
    assert (
        str(caught.value) == f"{kept} tasks are kept, {20 - kept} are left; run it again to go on"
    )
    assert store.query("SELECT count(*) FROM tasks") == [(kept,)]
    assert store.query("SELECT count(*) FROM claims") == [(0,)]
    assert len(workers.simulated) == 1
    assert capsys.readouterr().err == (
        "finishing what is in flight (0 jobs); Ctrl-C again to stop at once\n"
    )
    assert evaluated(cells, Obedient(), store=store).missing == []


def test_what_ctrl_c_cuts_short_is_no_failure(cells: list[Cell], store: Store) -> None:
    def press(of: LayerOf, results: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        raise WorkerLostError("gone")

    with pytest.raises(EvaluationStoppedError):
        evaluated(cells, Obedient(simulation=press), store=store)
    assert store.query("SELECT count(*) FROM failures") == [(0,)]


def test_without_a_store_ctrl_c_ends_it_at_once(cells: list[Cell]) -> None:
    def press(of: LayerOf, results: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        pytest.fail("went on")

    with pytest.raises(KeyboardInterrupt) as caught:
        evaluated(cells, Obedient(simulation=press))
    assert not isinstance(caught.value, EvaluationStoppedError)


def test_workers_that_cannot_go_on_end_it(cells: list[Cell], store: Store) -> None:
    class Broken(Obedient):
        def check(self) -> None:
            raise InputError("the scheduler is gone")

    with pytest.raises(InputError, match=r"^the scheduler is gone$"):
        evaluated(cells, Broken(), store=store)
    assert store.query("SELECT count(*) FROM claims") == [(0,)]


def test_small_layers_are_one_job(cells: list[Cell], monkeypatch: pytest.MonkeyPatch) -> None:
    alone = outcomes(evaluated(cells, Obedient()))
    jobs: list[list[str]] = []

    class Noting(Obedient):
        def lower(self, layers: Sequence[LayerOf], engines: Any) -> Any:
            jobs.append([of.layer for of in layers])
            return super().lower(layers, engines)

    names = [layer.name for layer in cells[0].plan.chosen.layers]
    sizes = [layer.weight.size for layer in cells[0].plan.chosen.layers]

    def jobs_of(at_most: int, weights: int) -> list[list[str]]:
        monkeypatch.setattr(evaluation_module, "_TOGETHER_AT_MOST", at_most)
        monkeypatch.setattr(evaluation_module, "_TOGETHER", weights)
        jobs.clear()
        assert outcomes(evaluated(cells, Noting())) == alone
        return [*jobs]

    assert jobs_of(100, 10**6) == [names, names]  # of a scheme
    assert jobs_of(2, 10**6) == [names[:2], names[2:4], names[4:]] * 2
    assert jobs_of(100, sizes[0] + sizes[1])[0] == names[:2]
    assert jobs_of(100, 1) == [[name] for name in names] * 2
    monkeypatch.setattr(SigmaEngine, "side_by_side", False)
    assert jobs_of(100, 10**6) == [[name] for name in names] * 2


def test_small_layers_that_are_one_job_are_kept_each(
    cells: list[Cell], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = outcomes(evaluated(cells, Obedient()))
    monkeypatch.setattr(evaluation_module, "_TOGETHER_AT_MOST", 100)
    assert outcomes(evaluated(cells, Obedient(), store=store)) == alone
    again = Obedient()
    assert outcomes(evaluated(cells, again, store=store)) == alone
    assert again.lowered == []


def test_of_layers_that_are_one_job_one_may_fail(
    cells: list[Cell], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(of: LayerOf, lowered: Any) -> Any:
        return EngineError("bad luck") if of.layer == "fc" else lowered

    monkeypatch.setattr(evaluation_module, "_TOGETHER_AT_MOST", 100)
    workers = Obedient(lowering=fail)
    evaluation = evaluated(cells, workers, store=store, attempts=2)
    assert [of.layer for of in workers.lowered].count("fc") == 2 * 2  # once more, by itself
    assert {task.where.layer for task in evaluation.missing} == {"fc"}
    assert [len(each) for each in outcomes(evaluation)] == [4] * 4

    ending = Evaluation(cells, may_fail=ProgramError)
    with pytest.raises(EngineError, match="bad luck"):
        ending.run(Obedient(lowering=fail))
    assert len(ending.known) > 0  # what has landed with it is taken


def test_layers_whose_worker_died_are_done_each_by_itself(
    cells: list[Cell], monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(of: LayerOf, lowered: Any) -> Any:
        if of.layer == "fc":
            raise WorkerLostError("gone")
        return lowered

    monkeypatch.setattr(evaluation_module, "_TOGETHER_AT_MOST", 100)
    evaluation = evaluated(cells, Obedient(lowering=die))
    assert {task.where.layer for task in evaluation.missing} == {"fc"}
    assert {str(each) for each in evaluation.failures.values()} == {"gone"}


class Foreseeing(SigmaEngine):
    foresees = True


def test_engines_that_foresee_hear_of_the_layers_that_are_missing(
    cells: list[Cell], store: Store
) -> None:
    """Once for each machine, of the layers under all schemes, and before anything is lowered."""
    heard: list[tuple[str, list[tuple[str, int]]]] = []

    class Hearing(Obedient):
        def foresee(self, outlines: Iterable[Workload], machine: Machine) -> None:
            told = [*outlines]
            assert bool(self.lowered) is not bool(told)
            widths = [(each.layer, each.operands.weight_bits) for each in told if each.operands]
            heard.append((machine.key, sorted(widths)))

    small = [cell for cell in cells if cell.machine is cells[0].machine]
    machine = replace(cells[0].machine, engine=Foreseeing())
    foreseen = [cell._replace(machine=machine) for cell in small]
    evaluated([*foreseen, *cells[2:]], Hearing(), store=store)
    layers = [layer.name for layer in cells[0].plan.chosen.layers]
    told = sorted((name, bits) for name in layers for bits in (1, 32))
    assert heard == [(machine.key, told), (machine.key, [])]
    heard.clear()
    evaluated(foreseen, Hearing(), store=store)  # all is known
    assert heard == []


def test_layers_that_cannot_be_lowered_or_have_inputs_of_their_own_are_not_outlined(
    cells: list[Cell],
) -> None:
    plan = cells[0].plan
    stem, *others = plan.chosen.layers
    misfit = replace(stem, padding=(0, 0), input_size=(2, 2))
    chosen = replace(plan.chosen, layers=(misfit, *others))
    given = {others[0].name: np.ones((1, 8, 6, 6), dtype=bool)}
    changed = replace(plan, chosen=chosen, inputs=given)
    names = [layer.name for layer in chosen.layers]
    outlined = [each.layer for each in changed.outlines("binary", names)]
    assert outlined == [each.name for each in others[1:]]
