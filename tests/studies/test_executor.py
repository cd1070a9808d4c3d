import threading

import numpy as np
import pytest

from hwsim.activity import Activity
from hwsim.arch import load_arch
from hwsim.engines.protocol import Engine
from hwsim.errors import InputError
from hwsim.studies.executor import Executor, engine_executor
from hwsim.workload import Activations, Workload

MACHINE = load_arch("sigma")


class CountingEngine(Engine):
    """Notes which layers it was asked for, from any thread."""

    name = "counting"

    def __init__(self):
        self.asked = []
        self.lock = threading.Lock()

    def simulate(self, workload, arch):
        with self.lock:
            self.asked.append(workload.layer)
        if workload.layer == "bad":
            raise InputError("layer 'bad' cannot be evaluated")
        return Activity("counting", workload.effectual_macs, {}, {}, workload.macs, 0, 0.0)


def workload(layer, weights, **others):
    return Workload(layer, np.asarray(weights, dtype=bool), **{"streams": 3, **others})


FULL = np.ones((1, 2, 4))
HOLED = np.array([[[1, 0, 1, 1], [1, 1, 1, 1]]])


def test_equal_problems_are_evaluated_once():
    engine = CountingEngine()
    with engine_executor(engine, arch=MACHINE, workers=2) as executor:
        futures = [
            executor.submit(workload(name, weights))
            for name, weights in [("a", FULL), ("b", FULL), ("c", HOLED), ("d", HOLED)]
        ]
    assert sorted(engine.asked) == ["a", "c"]
    assert [future.result().cycles for future in futures] == [24, 24, 21, 21]


@pytest.mark.parametrize(
    "other",
    [
        workload("x", HOLED),
        workload("x", FULL.reshape(2, 1, 4)),
        workload("x", FULL.reshape(1, 4, 2)),
        workload("x", FULL, streams=4),
        workload("x", FULL, kind="linear"),
        workload("x", FULL, activations=Activations(0.5)),
    ],
    ids=["zeros", "groups", "shape", "streams", "kind", "activations"],
)
def test_what_decides_a_result_decides_the_key(other):
    assert workload("x", FULL).fingerprint() != other.fingerprint()


def test_the_place_of_a_zero_decides_the_key():
    moved = np.array([[[0, 1, 1, 1], [1, 1, 1, 1]]])
    assert workload("x", HOLED).fingerprint() != workload("x", moved).fingerprint()


def test_the_name_does_not_decide_the_key():
    assert workload("x", HOLED).fingerprint() == workload("y", HOLED).fingerprint()


def test_every_layer_reports_that_it_is_done():
    done = []
    with engine_executor(CountingEngine(), arch=MACHINE, workers=2) as executor:
        for name in ("a", "b", "c"):
            executor.submit(workload(name, FULL), done.append)
        executor.settle()
    assert sorted(done) == ["a", "b", "c"]


def test_an_error_of_the_engine_reaches_the_caller():
    with (
        pytest.raises(InputError, match="layer 'bad' cannot be evaluated"),
        engine_executor(CountingEngine(), arch=MACHINE, workers=1) as executor,
    ):
        executor.submit(workload("bad", HOLED)).result()


def test_an_interrupt_does_not_wait_for_what_has_not_begun():
    engine, begun, proceed = CountingEngine(), threading.Event(), threading.Event()
    simulate = engine.simulate

    def slow(workload, arch):
        begun.set()
        proceed.wait(10)
        return simulate(workload, arch)

    engine.simulate = slow
    with (  # noqa: PT012
        pytest.raises(KeyboardInterrupt),
        engine_executor(engine, arch=MACHINE, workers=1) as executor,
    ):
        first = executor.submit(workload("a", FULL))
        second = executor.submit(workload("b", HOLED))
        begun.wait(10)
        threading.Timer(0.05, proceed.set).start()
        raise KeyboardInterrupt
    assert first.done()
    assert second.cancelled()
    assert engine.asked == ["a"]


@pytest.mark.parametrize("workers", [-1, 1.5, "2"])
def test_no_number_of_workers(workers):
    with pytest.raises(InputError) as error:
        Executor(id, id, workers=workers)
    assert str(error.value) == (
        f"workers: expected a whole number, 0 (all cores) to 4096. Got {workers!r}"
    )
