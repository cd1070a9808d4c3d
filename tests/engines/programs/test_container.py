"""Containers, run by a podman that the tests start; skipped where there is none."""

import os
import threading
import time

import pytest

import hwsim
from hwsim.engines.programs import Limits, find_runner
from hwsim.engines.programs._container import ContainerRunner
from hwsim.engines.programs.runner import workspace
from hwsim.engines.stonne.program.engine import STONNE, StonneEngine
from hwsim.errors import InputError, ProgramError
from tests.engines.programs.conftest import IMAGE
from tests.engines.stonne.program import known_gemm

pytestmark = pytest.mark.outside


def run(mode, limits=None, program="stonne"):
    runner = ContainerRunner(IMAGE, program, limits or Limits(seconds=60))
    with workspace() as place:
        (place.inputs / "given").write_text("something")
        return runner.run([mode], place, {"SAID": "hello"})


def failure(mode, limits=None, program="stonne"):
    with pytest.raises(ProgramError) as error:
        run(mode, limits, program)
    assert "\n" not in str(error.value)
    return str(error.value)


def containers():
    import docker

    client = docker.from_env()
    try:
        return client.containers.list(all=True)
    finally:
        client.close()


def test_stonne_in_a_container(docker_host):
    engine = StonneEngine(find_runner(STONNE, None, IMAGE), "random")
    activity = engine.simulate(known_gemm.workload(), hwsim.load_arch("sigma", known_gemm.ARCH))
    expected = known_gemm.expected().activity
    assert activity.cycles == expected.cycles
    assert activity.counts == expected.counts
    assert activity.statistics == expected.statistics
    assert engine.program == f"stonne in image {IMAGE}"


def test_nothing_to_write_but_the_outputs_and_no_network(docker_host):
    user = 65534 if os.getuid() == 0 else os.getuid()
    assert run("report") == (f"uid {user} out 1 in 0 root 0 network 0 given something said hello\n")
    assert containers() == []


@pytest.mark.parametrize(
    ("mode", "message"),
    [
        ("crash", "ended with exit code 3; its last words: 'out of luck'"),
        ("die", "died with signal 11 (SIGSEGV); it printed nothing"),
        ("chatter", "ended with exit code 4; its last words: 'a line that says nothing 99999'"),
    ],
)
def test_how_it_ended(docker_host, mode, message):
    assert failure(mode) == f"stonne in image {IMAGE}: {message}"
    assert containers() == []


def test_a_container_that_hangs_is_removed(docker_host):
    assert failure("hang", Limits(seconds=1.5)) == (
        f"stonne in image {IMAGE}: did not end within 1.5 s (--timeout sets this); "
        "its last words: 'still here'"
    )
    assert containers() == []


def test_a_container_that_fills_the_disk_is_removed(docker_host):
    message = failure("fill", Limits(seconds=60, disk_mib=5))
    assert message == f"stonne in image {IMAGE}: wrote 5 MiB of files, the most it may"
    assert containers() == []


def test_a_container_that_eats_memory(docker_host):
    message = failure("hoard", Limits(seconds=60, memory_mib=64))
    assert message == (
        f"stonne in image {IMAGE}: was killed, as happens to what takes more than 64 MiB; "
        "it printed nothing"
    )
    assert containers() == []


def test_stop_removes_what_runs(docker_host):
    runner = ContainerRunner(IMAGE, "stonne", Limits(seconds=60))
    messages = []

    def target():
        with workspace() as place:
            try:
                runner.run(["hang"], place, {})
            except ProgramError as error:
                messages.append(str(error))

    thread = threading.Thread(target=target)
    thread.start()
    while not containers():
        time.sleep(0.05)
    runner.stop()
    thread.join(timeout=30)
    assert messages == [f"stonne in image {IMAGE}: stopped"]
    assert containers() == []


def test_a_program_that_the_image_does_not_have(docker_host):
    message = failure("report", program="/no/such")
    assert message.startswith(f"/no/such in image {IMAGE}: the container engine at unix://")
    assert "no such file or directory" in message
    assert containers() == []


def test_an_image_that_does_not_exist(docker_host):
    with pytest.raises(InputError) as error:
        find_runner(STONNE, None, "localhost/none:1")
    assert str(error.value) == (
        "image 'localhost/none:1' is not on this machine; get it with: docker pull localhost/none:1"
    )


def test_default_stands_for_the_published_image(docker_host):
    with pytest.raises(InputError, match="image 'stonnesimulator/stonne-simulators' is not on"):
        find_runner(STONNE, None, "default")


def test_an_image_that_vanished_after_the_check(docker_host):
    runner = ContainerRunner("localhost/none:1", "stonne", Limits())
    with workspace() as place, pytest.raises(ProgramError) as error:
        runner.run([], place, {})
    assert str(error.value) == "image 'localhost/none:1' is no longer on this machine"


def test_an_engine_that_has_stopped(docker_host):
    runner = find_runner(STONNE, None, IMAGE, Limits(seconds=60))
    docker_host.stop()
    try:
        with workspace() as place, pytest.raises(ProgramError) as error:
            runner.run(["report"], place, {})
        assert str(error.value).startswith(
            f"stonne in image {IMAGE}: the container engine at unix://{docker_host.socket} failed:"
        )
    finally:
        docker_host.start()
    assert run("report").startswith("uid ")


def test_no_engine_at_all(tmp_path, monkeypatch):
    pytest.importorskip("docker")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(InputError) as error:
        find_runner(STONNE, None, "any:1")
    message = str(error.value)
    assert message.startswith(f"no container engine answers at unix://{tmp_path}/none.sock: ")
    assert message.endswith(
        ": there is no such socket; start it, or name another one's socket with DOCKER_HOST"
    )


def test_without_the_docker_package(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "docker", None)
    with pytest.raises(InputError) as error:
        find_runner(STONNE, None, "any:1")
    assert str(error.value) == (
        "images need the docker package: pip install 'hwsim[docker]', or give a program "
        "with --program"
    )
