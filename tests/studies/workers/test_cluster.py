"""A dask cluster on this machine: the same rows, whoever dies; faults in one line."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hwsim.errors import InputError
from hwsim.studies.evaluation import Evaluation
from hwsim.studies.store.store import Store
from hwsim.studies.workers import cluster as cluster_module
from hwsim.studies.workers.cluster import ClusterWorkers, TlsFiles
from hwsim.studies.workers.cluster_versions import refuse_other_versions
from hwsim.studies.workers.installed import installed
from hwsim.studies.workers.threads import ThreadWorkers
from tests.studies.small_cells import small_cells
from tests.studies.store.rows import everything

pytestmark = pytest.mark.outside

distributed = pytest.importorskip("distributed")

SCHEMES = ("dense", "binary", "pruned:sparsity=0.25", "pruned:sparsity=0.5")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers, each a process with a nanny that starts another when it dies."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50
    ) as started:
        yield started


def evaluated(path: Path, workers: Any) -> dict[str, list[tuple[object, ...]]]:
    with Store(path) as store, workers:
        evaluation = Evaluation(small_cells(SCHEMES), store, attempts=3)
        evaluation.run(workers)
        assert evaluation.failures == {}
    return everything(path)


def test_a_cluster_gives_the_same_rows_whoever_dies(cluster: Any, tmp_path: Path) -> None:
    calm = evaluated(tmp_path / "calm.db", ThreadWorkers(2))
    assert evaluated(tmp_path / "cluster.db", ClusterWorkers(cluster.scheduler_address)) == calm

    workers = ClusterWorkers(cluster.scheduler_address)
    assert workers.slots == 2
    done = threading.Event()

    def kill() -> None:
        done.wait(10)
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with Store(tmp_path / "killed.db") as store, workers:
        evaluation = Evaluation(
            small_cells(SCHEMES), store, attempts=3, on_done=lambda layer: done.set()
        )
        evaluation.run(workers)
        assert evaluation.failures == {}
    killer.join()
    assert everything(tmp_path / "killed.db") == calm


def test_weights_travel_once_a_worker(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hwsim.studies.workers.parcel.LARGE_BYTES", 1000)
    sent = []
    scatter = distributed.Client.scatter

    def counted(client: Any, data: dict[str, Any], **options: Any) -> Any:
        sent.extend(data)
        return scatter(client, data, **options)

    monkeypatch.setattr(distributed.Client, "scatter", counted)
    with ClusterWorkers(cluster.scheduler_address) as workers:
        for schemes in (("dense",), ("dense", "binary")):  # two plans over one network
            evaluation = Evaluation(small_cells(schemes))
            evaluation.run(workers)
            assert evaluation.failures == {}
    assert len(sent) == len(set(sent)) > 0  # dask brings them from worker to worker
    assert all(name.startswith("hwsim-") for name in sent)


def test_a_worker_of_another_version_is_named(cluster: Any) -> None:
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        client.wait_for_workers(1)
        client.run(lambda: installed().update(hwsim="9.9 (code 0123)"))
        try:
            with pytest.raises(InputError) as caught:
                ClusterWorkers(cluster.scheduler_address)
        finally:
            client.run(installed.cache_clear)
    assert re.fullmatch(
        r"worker tcp://127\.0\.0\.1:\d+ (\(and 1 more\) )?has hwsim 9\.9 \(code 0123\), and here "
        rf"it is {re.escape(installed()['hwsim'])}: install the same on all",
        str(caught.value),
    )


def test_a_worker_that_comes_later_is_asked_too(
    cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "_LOOK_S", 0.05)
    fault = InputError("worker x has hwsim none")
    with ClusterWorkers(cluster.scheduler_address) as workers:
        workers.check()

        def refuse(client: Any, addresses: list[str]) -> None:
            if addresses:
                raise fault

        monkeypatch.setattr(cluster_module, "refuse_other_versions", refuse)
        workers._seats.pop(next(iter(workers._seats)))  # seen for the first time at the next look
        with pytest.raises(InputError) as caught:
            Evaluation(small_cells(("dense",)), on_done=lambda _: time.sleep(0.05)).run(workers)
        assert caught.value is fault


class FakeClient:
    def __init__(self, answers: dict[str, object]) -> None:
        self.answers = answers

    def run(self, function: Any, *arguments: str, workers: list[str], on_error: str) -> Any:
        assert on_error == "return"
        if function is installed:
            return {each: installed() for each in workers}
        assert arguments == ("hwsim",)
        return {each: self.answers[each] for each in workers}


def test_versions_are_compared() -> None:
    from importlib.metadata import PackageNotFoundError, version

    here = version("hwsim")
    client = FakeClient({"a": here, "b": "9.9", "c": PackageNotFoundError("hwsim"), "d": "8.8"})
    refuse_other_versions(client, [])
    refuse_other_versions(client, ["a"])
    with pytest.raises(InputError) as caught:
        refuse_other_versions(client, ["a", "b", "d"])
    assert str(caught.value) == (
        f"worker b (and 1 more) has hwsim 9.9, and here it is {here}: install the same on all"
    )
    with pytest.raises(InputError) as caught:
        refuse_other_versions(client, ["a", "c"])
    assert str(caught.value) == (
        f"worker c has hwsim none, and here it is {here}: install the same on all"
    )


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cluster_module.PATIENCE_S == 10
    monkeypatch.setattr(cluster_module, "PATIENCE_S", 0.3)


NOBODY = (
    "{place}: no dask scheduler can be reached there ({reason}); start one (dask scheduler), or "
    "see whether it is tcp:// or tls://"
)


@pytest.mark.usefixtures("impatient")
def test_a_scheduler_that_is_not_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(InputError) as caught:
        ClusterWorkers(place)
    reason = f"Timed out trying to connect to {place} after 0.3 s"
    assert str(caught.value) == NOBODY.format(place=place, reason=reason)


@pytest.mark.usefixtures("impatient")
def test_what_listens_and_is_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        place = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(InputError) as caught:
            ClusterWorkers(place)
    reason = "what listens there does not answer"
    assert str(caught.value) == NOBODY.format(place=place, reason=reason)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("nowhere", "missing port number in address 'nowhere'"),
        ("http://x:1", "unknown address scheme 'http'"),
        ("tls://127.0.0.1:1", "TLS expects a `ssl_context`"),
    ],
)
def test_an_address_that_is_none(place: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        ClusterWorkers(place)
    start = NOBODY.partition("{reason}")[0].format(place=place)
    assert str(caught.value).startswith(f"{start}{reason}")


def test_certificates_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        ClusterWorkers("tls://127.0.0.1:1", TlsFiles(ca=tmp_path / "ca.pem"))
    assert str(caught.value) == (
        f"{tmp_path}/ca.pem: no such file; name a certificate or key for TLS"
    )


def test_without_dask_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError) as caught:
        ClusterWorkers("tcp://127.0.0.1:1")
    assert str(caught.value) == (
        "a scheduler needs dask.distributed, which is not installed: pip install 'hwsim[cluster]'"
    )


def test_a_scheduler_that_goes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process: scheduler, worker and all."""
    monkeypatch.setattr(cluster_module, "PATIENCE_S", 3)
    with distributed.LocalCluster(
        n_workers=1, processes=False, dashboard_address=":0", silence_logs=50
    ) as short:
        workers = ClusterWorkers(short.scheduler_address)
        assert workers.slots >= 1
    gone = rf"^{workers._scheduler}: the scheduler is gone \(.*\); what was finished is kept, run "
    workers._watch.join(20)
    with pytest.raises(InputError, match=gone):
        workers.check()
    workers.stop()
    workers.close()
