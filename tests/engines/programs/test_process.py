import os
import threading
import time
from pathlib import Path

import pytest

from hwsim.engines.programs.limits import Limits
from hwsim.engines.programs.process import ProcessRunner
from hwsim.engines.programs.runner import workspace
from hwsim.errors import InputError, ProgramError
from tests.engines.programs import stand_ins


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
