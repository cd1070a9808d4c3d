"""What a worker is asked and answers, and what of it travels."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any

import pytest

import hwsim
from hwsim.arch import Arch
from hwsim.engines import Engine
from hwsim.engines.protocol import activities_of_alike
from hwsim.errors import EngineError, InputError
from hwsim.studies.machine import EngineName
from hwsim.studies.workers import bench as bench_module
from hwsim.studies.workers import calls as calls_module
from hwsim.studies.workers import cluster_main
from hwsim.studies.workers.bench import Bench, Lowered, Run, Simulated
from hwsim.studies.workers.calls import LowerCall, SimulateCall, answer
from hwsim.studies.workers.cluster_main import Absent, deliver, forget, serve
from hwsim.studies.workers.layer_of import LayerOf
from hwsim.studies.workers.parcel import pack
from hwsim.workload import AlikeWorkloads
from tests.studies.small_cells import small_cells

pytestmark = pytest.mark.outside

SIGMA = EngineName("sigma")
CELL = small_cells(("dense", "binary"), (8,))[0]
FC = LayerOf(CELL.plan.key, "binary", "fc")


@pytest.fixture
def bench() -> Bench:
    made = Bench()
    made.take(CELL.plan)
    return made


def arch(size: int) -> bytes:
    return hwsim.load_arch("sigma", {"num_ms": size}).to_bytes()


def test_a_layer_is_lowered_and_simulated(bench: Bench) -> None:
    lower = LowerCall((FC,), (SIGMA,))
    simulate = SimulateCall(((FC, SIGMA, arch(8)), (FC, SIGMA, arch(16))))
    [lowered], simulated = answer(bench, pickle.loads(pickle.dumps([lower, simulate])))
    task, workload = CELL.plan.lower("binary", "fc")
    engine = SIGMA.load()
    assert lowered[:3] == (task, workload.operands, (engine.key(workload),))
    first, second = simulated
    assert first.activity == engine.simulate(workload, CELL.machine.arch)
    assert first.activity.cycles > second.activity.cycles
    assert first.seconds > 0


def test_an_answer_that_takes_long_comes_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = [LowerCall((FC,), ())] * 3
    assert len(answer(bench, calls)) == 3
    monkeypatch.setattr(calls_module, "TURN_S", -1)
    assert len(answer(bench, calls)) == 1


def test_runs_that_take_long_are_left_to_be_shared(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_module, "PATIENCE_S", -1)
    archs = [hwsim.load_arch("sigma", {"num_ms": size}) for size in (8, 16)]
    runs = [Run(FC, SIGMA, each) for each in archs]
    bench.lower([FC], [])
    assert len(bench.simulate(runs)) == 1
    assert FC in bench._waiting  # for the rest
    assert len(bench.simulate(runs[1:])) == 1
    assert FC not in bench._waiting


def test_a_run_that_fails_does_not_stop_the_others(bench: Bench) -> None:
    unknown = EngineName("no such engine")
    [(first, second)] = answer(
        bench, [SimulateCall(((FC, unknown, arch(8)), (FC, SIGMA, arch(8))))]
    )
    assert isinstance(first, InputError)
    assert isinstance(second, Simulated)
    [[lowered]] = answer(bench, [LowerCall((FC,), (unknown, SIGMA))])
    assert isinstance(lowered.keys[0], InputError)
    assert not isinstance(lowered.keys[1], Exception)


def test_a_layer_or_call_that_fails_does_not_stop_the_others(bench: Bench) -> None:
    none, strange = LayerOf(CELL.plan.key, "binary", "none"), LayerOf("no plan", "binary", "fc")
    calls = [
        LowerCall((none, FC), ()),
        SimulateCall(((none, SIGMA, arch(8)),)),
        LowerCall((FC,), ()),
    ]
    (wrong, right), failed, [again] = answer(bench, calls)
    assert isinstance(wrong, InputError)
    assert isinstance(failed, InputError)
    assert isinstance(right, Lowered)
    assert again == right
    [[absent]] = answer(bench, [LowerCall((strange,), ())])
    assert isinstance(absent, KeyError)


def test_layers_on_one_machine_are_simulated_together(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counted(engine: Engine, groups: Sequence[AlikeWorkloads], arch: Arch) -> list[Any]:
        together.append([name for alike in groups for name in alike.names])
        return activities_of_alike(engine, groups, arch)

    together: list[list[str]] = []
    monkeypatch.setattr(bench_module, "activities_of_alike", counted)
    names = [layer.name for layer in CELL.plan.chosen.layers]
    layers = [LayerOf(CELL.plan.key, "binary", name) for name in names]
    lowered = bench.lower(layers, [SIGMA])
    assert [each.task.layer for each in lowered if isinstance(each, Lowered)] == names
    machines = [hwsim.load_arch("sigma", {"num_ms": size}) for size in (8, 16)]
    runs = [Run(of, SIGMA, machine) for machine in machines for of in layers]
    found = bench.simulate(runs)
    assert together == [names, names]
    alone = [bench.simulate([run])[0] for run in runs]
    assert [each.activity for each in found if isinstance(each, Simulated)] == [
        each.activity for each in alone if isinstance(each, Simulated)
    ]
    assert len(found) == len(runs)


class StubbornError(Exception):
    """Holds on to what cannot travel, as some of other packages."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")
        self.hold = lambda: None


def test_what_cannot_travel_is_put_into_words(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise StubbornError("so", "bad")

    monkeypatch.setattr(bench_module, "activities_of_alike", fail)
    [[result]] = answer(bench, [SimulateCall(((FC, SIGMA, arch(8)),))])
    assert isinstance(result, EngineError)
    assert str(result) == "StubbornError: so bad"

    monkeypatch.setattr(bench_module, "_keys", lambda *_: [lambda: None])
    [[lowered]] = answer(bench, [LowerCall((FC,), (SIGMA,))])
    [key] = lowered.keys
    assert isinstance(key, EngineError)
    assert "pickle" in str(key).lower()


@pytest.fixture
def session() -> Any:
    yield "mine"
    forget("mine")


def test_a_worker_of_a_cluster_says_which_plan_it_has_not(session: str) -> None:
    packed = pickle.dumps([LowerCall((FC,), (SIGMA,))])
    assert pickle.loads(serve(session, packed)) == Absent(frozenset({CELL.plan.key}))
    parcel, contents = pack(CELL.plan)
    arrays = [contents[name] for name in parcel.arrays]
    deliver(session, parcel, *arrays)
    [[lowered]] = pickle.loads(serve(session, packed))
    assert lowered.task.layer == "fc"
    held = cluster_main._BENCHES[session]._plans[CELL.plan.key]
    deliver(session, parcel, *arrays)
    assert cluster_main._BENCHES[session]._plans[CELL.plan.key] is held
    forget(session)
    assert isinstance(pickle.loads(serve(session, packed)), Absent)


def test_a_worker_of_a_cluster_remembers_the_last_who_asked() -> None:
    sessions = [f"session {n}" for n in range(4)]
    benches = [cluster_main._bench(each) for each in sessions]
    assert cluster_main._bench(sessions[0]) is benches[0]  # now the last
    cluster_main._bench("one more")
    assert cluster_main._bench(sessions[0]) is benches[0]
    assert cluster_main._bench(sessions[1]) is not benches[1]
    for each in (*sessions, "one more"):
        forget(each)
    forget("nobody")


def test_programs_of_one_who_asked_are_ended(session: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[Bench] = []
    monkeypatch.setattr(Bench, "stop", lambda bench: stopped.append(bench))
    cluster_main.interrupt(session)
    assert stopped == [cluster_main._BENCHES[session]]


@pytest.mark.parametrize(("bytes_", "count", "held"), [(0, 9, 1), (10**6, 2, 2), (10**6, 9, 3)])
def test_workloads_that_wait_are_few(monkeypatch, bytes_, count, held):
    monkeypatch.setattr("hwsim.studies.workers.waiting_workloads.HELD_BYTES", bytes_)
    monkeypatch.setattr("hwsim.studies.workers.waiting_workloads.HELD_LAYERS", count)
    plan = small_cells(("signed-binary",), (8,))[0].plan
    bench = Bench()
    bench.take(plan)
    for layer in plan.chosen.layers[:3]:
        bench.lower([LayerOf(plan.key, "signed-binary", layer.name)], [])
    assert len(bench._waiting) == held
    alike = {id(workloads): workloads for workloads, _ in bench._waiting._at.values()}
    assert bench._waiting._held == sum(each.held_bytes for each in alike.values())
