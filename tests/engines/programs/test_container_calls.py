"""What a container engine is asked for, and how its answers are understood; none is needed."""

import os
import stat

import docker.errors
import pytest

from hwsim.engines.programs import Tool, find_runner
from hwsim.engines.programs import _container as container
from hwsim.engines.programs._container import ContainerRunner
from hwsim.engines.programs.limits import Limits
from hwsim.engines.programs.runner import OUTPUT_BYTES, workspace
from hwsim.errors import InputError, ProgramError
from tests.engines.programs.container_engine import RUNNING, Engine

pytestmark = pytest.mark.outside


@pytest.fixture
def run(monkeypatch):
    """Run ``tool -x`` of an image by an engine and give its output."""

    def call(engine, limits=None, runner=None, prepare=lambda place: None):
        monkeypatch.setattr("docker.from_env", engine)
        runner = runner or ContainerRunner("image:1", "tool", limits or Limits())
        with workspace() as place:
            prepare(place)
            try:
                return runner.run(["-x"], place, {"A": "b"})
            finally:
                engine.place = place

    return call


def failure(run, engine, *arguments, **options):
    with pytest.raises(ProgramError) as error:
        run(engine, *arguments, **options)
    assert all(made.removed for made in engine.made)
    assert engine.closed == 1
    return str(error.value)


def test_what_a_container_may_do(run):
    engine = Engine(output=[b"it said\n", b"this"])
    assert run(engine, Limits(memory_mib=77)) == "it said\nthis"
    [(image, command, options)] = engine.created
    inputs, outputs = options.pop("mounts")
    assert (image, command) == ("image:1", ["-x"])
    assert (inputs["Target"], inputs["Source"]) == ("/hwsim/in", str(engine.place.inputs))
    assert (inputs["Type"], inputs["ReadOnly"]) == ("bind", True)
    assert (outputs["Target"], outputs["Source"]) == ("/hwsim/out", str(engine.place.outputs))
    assert (outputs["Type"], outputs.get("ReadOnly")) == ("bind", False)
    log = options.pop("log_config")
    assert (log.type, log.config) == ("json-file", {"max-size": "1m", "max-file": "1"})
    user = 65534 if os.getuid() == 0 else os.getuid()
    assert options.pop("user").split(":")[0] == str(user)
    assert options == {
        "entrypoint": ["tool"],
        "environment": {"LANG": "C", "HOME": "/hwsim/out", "A": "b"},
        "working_dir": "/hwsim/out",
        "tmpfs": {"/tmp": "size=64m,mode=1777"},
        "read_only": True,
        "network_mode": "none",
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "mem_limit": "77m",
        "memswap_limit": "77m",
        "pids_limit": 256,
        "labels": {"org.hwsim.run": "1"},
    }
    assert engine.made[0].removed
    assert engine.closed == 1


@pytest.mark.parametrize(("uid", "user"), [(0, "65534:65534"), (1000, "1000:100")])
def test_root_runs_as_nobody_and_others_as_themselves(run, monkeypatch, uid, user):
    monkeypatch.setattr(os, "getuid", lambda: uid)
    monkeypatch.setattr(os, "getgid", lambda: 100)
    engine = Engine()
    run(engine)
    assert engine.created[0][2]["user"] == user


def test_the_users_of_the_container_may_read_the_inputs_and_write_the_outputs(run):
    modes = {}

    def prepare(place):
        (place.inputs / "folder").mkdir(mode=0o700)
        (place.inputs / "file").touch(mode=0o600)

        def look():
            for path in (place.inputs, *place.inputs.iterdir(), place.outputs):
                modes[path.name] = stat.S_IMODE(path.stat().st_mode)

        engine.on_start = look

    engine = Engine()
    run(engine, prepare=prepare)
    assert modes == {"in": 0o755, "folder": 0o755, "file": 0o644, "out": 0o777}


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"ExitCode": 3}, "ended with exit code 3"),
        ({"ExitCode": 128}, "ended with exit code 128"),
        ({"ExitCode": 129}, "died with signal 1 (SIGHUP)"),
        ({"ExitCode": 159}, "died with signal 31 (SIGSYS)"),
        ({"ExitCode": 160}, "ended with exit code 160"),
        ({"ExitCode": 137}, "was killed, as happens to what takes more than 9 MiB"),
        ({"OOMKilled": True}, "ended with exit code 0"),
    ],
)
def test_how_it_ended(run, state, message):
    engine = Engine({"Running": False, **state}, output=[b"alas\n"])
    assert failure(run, engine, Limits(memory_mib=9)) == (
        f"tool in image image:1: {message}; its last words: 'alas'"
    )


def test_the_end_of_a_long_output_is_kept(run):
    engine = Engine(output=[b"a" * OUTPUT_BYTES, b"bc"])
    assert run(engine) == "a" * (OUTPUT_BYTES - 2) + "bc"


def test_it_is_asked_often_at_first_and_four_times_a_second_later(run, monkeypatch):
    pauses = []
    monkeypatch.setattr("time.sleep", pauses.append)
    run(Engine(*[RUNNING] * 7, {"Running": False}))
    assert pauses == [0.01, 0.02, 0.04, 0.08, 0.16, 0.25, 0.25]


def test_a_container_that_does_not_end_is_removed(run):
    message = failure(run, Engine(RUNNING, output=[b"still here"]), Limits(seconds=0.02))
    assert message == (
        "tool in image image:1: did not end within 0.02 s (--timeout sets this); its last words: "
        "'still here'"
    )


def test_a_container_that_leaves_too_much_is_removed_even_if_it_has_ended(run):
    def prepare(place):
        (place.outputs / "junk").write_bytes(bytes(2**20))

    assert run(Engine(), Limits(disk_mib=2), prepare=prepare) == ""
    message = failure(run, Engine(), Limits(disk_mib=1), prepare=prepare)
    assert message == "tool in image image:1: wrote 1 MiB of files, the most it may"


def test_stop_ends_what_runs_and_starts_nothing_more(run):
    runner, engine = ContainerRunner("image:1", "tool", Limits()), Engine(RUNNING)
    engine.on_start = runner.stop
    assert failure(run, engine, runner=runner) == "tool in image image:1: stopped"
    with pytest.raises(ProgramError, match=r"^tool in image image:1: not started, the run was st"):
        run(engine, runner=runner)
    assert len(engine.created) == 1


def test_a_program_that_only_the_images_own_user_may_start(run):
    refused = docker.errors.APIError("exec: Permission denied")
    engine = Engine(start_errors=[refused])
    runner = ContainerRunner("image:1", "tool", Limits())
    assert run(engine, runner=runner) == ""
    users = [options["user"] for _, _, options in engine.created]
    assert users[0] is not None
    assert users[1:] == [None]
    assert [made.removed for made in engine.made] == [True, True]
    run(engine, runner=runner)
    assert engine.created[2][2]["user"] is None  # not tried again


@pytest.mark.parametrize(
    ("errors", "message", "tries"),
    [
        (["no space"], "no space", 1),
        (["permission denied", "permission denied"], "permission denied", 2),
    ],
)
def test_a_container_that_cannot_start(run, monkeypatch, errors, message, tries):
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    engine = Engine(start_errors=[docker.errors.APIError(error) for error in errors])
    assert failure(run, engine) == (
        "tool in image image:1: the container engine at unix:///var/run/docker.sock failed: "
        + message
    )
    assert len(engine.created) == tries


@pytest.mark.parametrize(("length", "shown"), [(300, "x" * 300), (301, "x" * 300 + "...")])
def test_a_long_reason_is_cut(run, monkeypatch, length, shown):
    monkeypatch.setenv("DOCKER_HOST", "tcp://far:1")
    engine = Engine(start_errors=[OSError("x" * length)])
    assert failure(run, engine) == (
        f"tool in image image:1: the container engine at tcp://far:1 failed: {shown}"
    )


def test_an_image_that_vanished(run):
    engine = Engine(start_errors=[docker.errors.ImageNotFound("gone")])
    assert failure(run, engine) == "image 'image:1' is no longer on this machine"


def test_the_image_is_looked_for_first(monkeypatch):
    engine = Engine()
    monkeypatch.setattr("docker.from_env", engine)
    runner = ContainerRunner("image:1", "tool", Limits())
    runner.check()
    assert engine.closed == 1

    def missing(image):
        raise docker.errors.ImageNotFound(image)

    engine.images.get = missing
    with pytest.raises(InputError) as error:
        runner.check()
    assert str(error.value) == (
        "image 'image:1' is not on this machine; get it with: docker pull image:1"
    )
    assert engine.closed == 2


def test_paths_in_the_container():
    with workspace() as place:
        assert ContainerRunner("i", "t", Limits()).inside(place, "a") == "/hwsim/in/a"
    assert container.ContainerRunner("i", "t", Limits()).name == "t in image i"


@pytest.mark.parametrize(
    ("program", "image", "name"),
    [
        (None, "mine:2", "tool in image mine:2"),
        ("/opt/other", "mine:2", "/opt/other in image mine:2"),
        (None, "default", "tool in image authors/tool"),
    ],
)
def test_which_program_of_which_image(monkeypatch, program, image, name):
    monkeypatch.setattr("docker.from_env", Engine())
    tool = Tool("Tool", "tool", "HWSIM_TOOL", "authors/tool")
    assert find_runner(tool, program, image).name == name
