"""Tasks travel: workloads, machines and activities through a pool of processes and as bytes.

Engines are named. Each process makes its own, the real programs being stood in for by processes
that behave like them.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

import hwsim
from hwsim.activity import Activity
from hwsim.arch import Arch
from hwsim.engines import engine_names, load_engine
from hwsim.engines.stonne.program._operand_feed import can_feed
from hwsim.schemes import quantize
from hwsim.workload import Workload, lower
from tests.arch.quick_search import quick_arch
from tests.engines.programs import stand_ins
from tests.engines.stonne.program.stand_ins import STAND_IN
from tests.engines.timeloop.program.test_engine import MODEL
from tests.studies.networks import tiny_network

ENGINES = {
    "eie": "eie",
    "maeri": "maeri",
    "sigma": "sigma",
    "stonne": "sigma",
    "sparseloop": "simple",
    "timeloop": "simple",
    "tpu": "tpu",
    "ucnn": "ucnn",
    "unpu": "unpu-like",
    "yodann": "yodann-like",
}
#: What a machine needs to take the workload, or to be small.
SETTINGS = {"sigma": {"num_ms": 32}, "yodann-like": {"multiplier": "mask"}}


def simulate(engine: str, workload: Workload, arch: Arch) -> Activity:
    """What a worker does with objects that were pickled."""
    return load_engine(engine).simulate(workload, arch)


def simulate_bytes(engine: str, workload: bytes, arch: bytes) -> str:
    """What a worker on another machine does: it gets bytes and a name, and gives text."""
    activity = load_engine(engine).simulate(Workload.from_bytes(workload), Arch.from_bytes(arch))
    return activity.to_json()


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessPoolExecutor]:
    with pytest.MonkeyPatch.context() as patch:
        for variable, body in (("HWSIM_STONNE", STAND_IN), ("HWSIM_TIMELOOP_MODEL", MODEL)):
            folder = tmp_path_factory.mktemp(variable)
            patch.setenv(variable, str(stand_ins.program(folder, body)))
        # A fresh interpreter knows nothing of this one, as on another machine.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as workers:
            yield workers


@pytest.fixture
def workload() -> Workload:
    return lower(quantize(tiny_network(), "signed-binary").layers[1])


@pytest.fixture
def arch(request: pytest.FixtureRequest, tmp_path: Path) -> Arch:
    name = ENGINES[request.node.callspec.params["engine"]]
    if name != "simple":
        return hwsim.load_arch(name, SETTINGS.get(name))
    file = Path(quick_arch(tmp_path, name))
    loaded = hwsim.load_arch(file)
    file.unlink()  # another machine has no such file
    return loaded


def test_all_engines_of_hwsim_are_here() -> None:
    assert set(engine_names()) == set(ENGINES)


@pytest.mark.outside
@pytest.mark.parametrize("engine", ENGINES)
def test_a_task_gives_the_same_wherever_it_runs(
    engine: str, workload: Workload, arch: Arch, pool: ProcessPoolExecutor
) -> None:
    if engine == "stonne" and not can_feed():
        pytest.skip("no C compiler, or not Linux")
    pickled = pool.submit(simulate, engine, workload, arch).result()
    sent = pool.submit(simulate_bytes, engine, workload.to_bytes(), arch.to_bytes()).result()
    assert Activity.from_json(sent) == pickled
    if engine in ("sigma", "sparseloop"):
        assert pickled == simulate(engine, workload, arch)
    assert pickled.macs == workload.macs
    assert {key.operand for key in pickled.counts} >= {"weights", "activations", "partial sums"}
