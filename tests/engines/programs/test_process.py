import os
import resource
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from hwsim.engines.programs import _process
from hwsim.engines.programs._process import ProcessRunner, ending
from hwsim.engines.programs.limits import Limits, size_mib
from hwsim.engines.programs.runner import last_words, plain_environment, workspace
from hwsim.errors import InputError, ProgramError
from tests.engines.programs import stand_ins

pytestmark = pytest.mark.outside


def run(file, limits=None, environment=None):
    with workspace() as place:
        return ProcessRunner(file, limits or Limits()).run(["-x"], place, environment or {})


def failure(file, limits=None):
    with pytest.raises(ProgramError) as error:
        run(file, limits)
    assert "\n" not in str(error.value)
    return str(error.value)


def gone(pid):
    """Whether a process has ended; an orphan may wait a moment to be buried."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_output_folder_and_environment(tmp_path):
    body = 'import os; print(os.getcwd(), os.environ["A"], "SECRET" in os.environ, sys.argv[1:])'
    os.environ["SECRET"] = "x"
    try:
        output = run(stand_ins.program(tmp_path, body), environment={"A": "b c"})
    finally:
        del os.environ["SECRET"]
    folder, rest = output.split(" ", 1)
    assert folder.endswith("/out")
    assert rest == "b c False ['-x']\n"
    assert not Path(folder).exists()


@pytest.mark.parametrize(
    ("body", "ending"),
    [
        (stand_ins.CRASHES, "ended with exit code 3; its last words: 'out of luck'"),
        (stand_ins.DIES, "died with signal 11 (SIGSEGV); it printed nothing"),
        (stand_ins.ABORTS, "died with signal 6 (SIGABRT); its last words: 'ERROR position 3'"),
        (stand_ins.SILENT, "ended with exit code 7; it printed nothing"),
    ],
)
def test_how_it_ended(tmp_path, body, ending):
    file = stand_ins.program(tmp_path, body)
    assert failure(file) == f"{file}: {ending}"


def test_control_characters_are_not_passed_on(tmp_path):
    file = stand_ins.program(tmp_path, r'print("\033[31mred\007"); sys.exit(1)')
    assert failure(file) == f"{file}: ended with exit code 1; its last words: '[31mred'"


def test_a_program_that_hangs_is_killed_with_its_children(tmp_path):
    pids = tmp_path / "pids"
    file = stand_ins.program(tmp_path, stand_ins.HANGS, PIDS=str(pids))
    assert failure(file, Limits(seconds=1.0)) == (
        f"{file}: did not end within 1 s (--timeout sets this); its last words: 'still here'"
    )
    assert all(gone(int(pid)) for pid in pids.read_text().split())


def test_stop_ends_what_runs_and_starts_nothing_more(tmp_path):
    pids = tmp_path / "pids"
    file = stand_ins.program(tmp_path, stand_ins.HANGS, PIDS=str(pids))
    runner = ProcessRunner(file, Limits())
    messages = []

    def target():
        with workspace() as place:
            try:
                runner.run([], place, {})
            except ProgramError as error:
                messages.append(str(error))

    thread = threading.Thread(target=target)
    thread.start()
    while not (pids.exists() and pids.read_text()):
        time.sleep(0.01)
    runner.stop()
    thread.join(timeout=10)
    assert messages == [f"{file}: stopped"]
    assert all(gone(int(pid)) for pid in pids.read_text().split())
    target()
    assert messages[1:] == [f"{file}: not started, the run was stopped"]


@pytest.mark.parametrize("body", [stand_ins.ONE_LARGE_FILE, stand_ins.FILLS])
def test_a_program_that_fills_the_disk(tmp_path, body):
    file = stand_ins.program(tmp_path, body)
    message = failure(file, Limits(disk_mib=5))
    assert message == f"{file}: wrote 5 MiB of files, the most it may"


def test_a_program_that_eats_memory(tmp_path):
    file = stand_ins.program(tmp_path, stand_ins.EATS_MEMORY)
    message = failure(file, Limits(memory_mib=1000))
    assert message == f"{file}: ended with exit code 1; its last words: 'MemoryError'"


def test_a_program_that_never_stops_talking_is_kept_in_bounds(tmp_path):
    file = stand_ins.program(tmp_path, stand_ins.CHATTERS)
    assert failure(file).endswith("says nothing at all 299999'")


def test_the_last_64_kib_of_what_it_printed_are_kept(tmp_path):
    file = stand_ins.program(tmp_path, "print('a' * 100_000 + 'b', end='')")
    assert run(file) == "a" * 65_535 + "b"


def test_a_full_disk_for_temporary_files_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(ProgramError) as error, workspace():
        pass
    assert str(error.value).endswith(
        "No such file or directory; TMPDIR names another folder for temporary files"
    )


def test_programs_that_cannot_be_started(tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("text")
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    for file, message in [
        (tmp_path / "none", "no such program"),
        (tmp_path, "is a folder, not a program"),
        (plain, "is not executable (chmod +x makes it so)"),
    ]:
        with pytest.raises(InputError) as error:
            ProcessRunner(file, Limits()).check()
        assert str(error.value) == f"{file}: {message}"
    assert failure(script) == f"{script}: cannot be started: No such file or directory"


LIMITS = """
    import resource
    for what in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        while resource.getrlimit(what)[0] == resource.RLIM_INFINITY:
            pass  # the limits come from outside, right after the start
        print(resource.getrlimit(what))
"""


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits are set on Linux only")
def test_what_a_program_may_take_is_limited(tmp_path):
    file = stand_ins.program(tmp_path, LIMITS)
    memory, disk = 4000 * 2**20, 7 * 2**20
    assert run(file, Limits(memory_mib=4000, disk_mib=7)).splitlines() == [
        f"({memory}, {memory})",
        f"({disk}, {disk})",
        "(0, 0)",
    ]


def test_limits_when_nothing_is_said():
    assert Limits() == Limits(seconds=3600, memory_mib=8192, disk_mib=2048)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "ended with exit code 0"),
        (1, "ended with exit code 1"),
        (-9, "died with signal 9 (SIGKILL)"),
        (-25, "wrote a file of 5 MiB, the most it may"),
        (-63, "died with signal 63"),
    ],
)
def test_endings_in_words(code, words):
    assert ending(code, Limits(disk_mib=5)) == words


@pytest.mark.parametrize(
    ("output", "quote"),
    [
        (b"", "it printed nothing"),
        (b"\n \n", "it printed nothing"),
        (b"one\ntwo\n\n", "its last words: 'two'"),
        (b"x" + b"y" * 200, "its last words: '" + "y" * 200 + "'"),
        (b"\xff", "its last words: '\ufffd'"),
    ],
)
def test_last_words(output, quote):
    assert last_words(output) == quote


def test_a_program_is_asked_often_at_first_and_twenty_times_a_second_later(tmp_path, monkeypatch):
    pauses = []
    sleep = time.sleep

    def noted(seconds):
        pauses.append(seconds)
        sleep(seconds)

    monkeypatch.setattr("hwsim.engines.programs._process.time.sleep", noted)
    run(stand_ins.program(tmp_path, "import time; time.sleep(0.4)"))
    assert pauses[:7] == [0.002, 0.004, 0.008, 0.016, 0.032, 0.05, 0.05]


def test_files_add_up_in_mebibytes(tmp_path):
    (tmp_path / "a").mkdir()
    before = size_mib(tmp_path)
    (tmp_path / "a" / "b").write_bytes(bytes(3 * 2**19))
    (tmp_path / "gone").symlink_to(tmp_path / "never")
    assert size_mib(tmp_path) == pytest.approx(before + 1.5, abs=0.001)


def test_files_that_vanish_do_not_end_the_sum(tmp_path, monkeypatch):
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(bytes(2**20))
    lstat, asked = Path.lstat, []

    def first_is_gone(path):
        asked.append(path)
        if len(asked) == 1:
            raise FileNotFoundError(path)
        return lstat(path)

    monkeypatch.setattr(Path, "lstat", first_is_gone)
    assert size_mib(tmp_path) == 2


def test_only_paths_are_passed_on(monkeypatch):
    monkeypatch.setattr(os, "environ", {"PATH": "/bin", "LANG": "de", "TOKEN": "x"})
    assert plain_environment("/home", {"A": "b", "TMPDIR": "/t"}) == {
        "PATH": "/bin",
        "LANG": "C",
        "HOME": "/home",
        "TMPDIR": "/t",
        "A": "b",
    }


def test_a_process_may_take_no_more_than_this_one(monkeypatch):
    hard = {"memory": 5 * 2**20, "file": -1, "core": 100}
    given = {}

    def prlimit(pid, what, bounds=None):
        if bounds is None:
            return 0, hard[what]
        given[what] = bounds
        return None

    names = {"RLIMIT_AS": "memory", "RLIMIT_FSIZE": "file", "RLIMIT_CORE": "core"}
    stand_in = SimpleNamespace(prlimit=prlimit, RLIM_INFINITY=-1, **names)
    monkeypatch.setattr(_process, "resource", stand_in)
    _process._limit(1, Limits(memory_mib=8, disk_mib=3))
    assert given == {"memory": (5 * 2**20,) * 2, "file": (3 * 2**20,) * 2, "core": (0, 0)}


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("import os; os.mkfifo('result')", "'result', a pipe or device"),
        ("import os; os.symlink('/etc/passwd', 'result')", "'result', a link"),
        ("import os; os.mkdir('a'); os.symlink('..', 'a/b')", "'a/b', a link"),
    ],
)
def test_what_is_no_file_is_not_opened(tmp_path, body, what):
    file = stand_ins.program(tmp_path, body)
    assert failure(file) == f"{file}: left {what}, where files are expected"


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs Linux's /proc")
def test_children_in_sessions_of_their_own_end_with_the_run(tmp_path):
    pid = tmp_path / "pid"
    body = f"""
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open({str(pid)!r}, "w").write(str(os.getpid()))
        for number in range(3):
            os.close(number)
        time.sleep(60)
    os._exit(0)
os.wait()
while not os.path.exists({str(pid)!r}) or not open({str(pid)!r}).read():
    time.sleep(0.01)
"""
    run(stand_ins.program(tmp_path, body))
    assert gone(int(pid.read_text()))
