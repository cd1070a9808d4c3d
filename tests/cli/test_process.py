"""What only a real process shows: start-up, streams, signals, full disks."""

import os
import pty
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import hwsim
from tests.cli.conftest import started

pytestmark = pytest.mark.outside


def test_version_and_help(process):
    assert process("--version").out == f"hwsim {hwsim.__version__}\n"
    text = process("--help").out
    for command in ("run", "sweep", "gemm", "network", "arch", "energy"):
        assert f" {command} " in text


def test_help_imports_nothing_heavy():
    code = (
        "import sys, hwsim.cli\n"
        "heavy = {'numpy', 'pandas', 'matplotlib', 'torch', 'yaml', 'pydantic', 'safetensors'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_main_job(process, model, tmp_path):
    result = process("run", "--arch", "sigma", "--model", model, "-o", "out", cwd=tmp_path)
    assert (result.code, result.err) == (0, "")
    assert "signed-binary against dense: " in result.out
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rn"], "No such command 'rn'. Did you mean 'run'? (see hwsim --help)"),
        (["run"], "Missing option '--model' / '-m' (see hwsim run --help)"),
    ],
)
def test_a_wrong_command_is_one_line_and_exit_2(process, arguments, message):
    result = process(*arguments)
    assert (result.code, result.out, result.err) == (2, "", f"error: {message}\n")


def test_a_wrong_option_is_one_line_and_exit_2(process):
    result = process("run", "--modle", "x.npz")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: No such option")
    assert "--model" in result.err
    assert result.err.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_standard_output_on_a_full_disk(process, model):
    with Path("/dev/full").open("w") as full:
        result = process("run", "--model", model, stdout=full)
    assert result.code == 2
    assert result.err == "error: standard output: No space left on device\n"


def test_results_on_a_full_disk_leave_nothing(process, model, tmp_path):
    def small_files():  # a file may grow to 4 KB, then writing fails as on a full disk
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    environment = {"MPLCONFIGDIR": str(tmp_path / "mpl"), "PYTHONDONTWRITEBYTECODE": "1"}
    target = tmp_path / "work" / "out"
    result = process("run", "--model", model, "-o", target, preexec_fn=small_files, env=environment)
    assert (result.code, result.out) == (2, "")
    assert result.err == f"error: {target}: cannot write the results here: File too large\n"
    assert not (tmp_path / "work").exists()


def test_a_reader_that_goes_away_is_no_error(model):
    environment = {**os.environ, "PYTHONPATH": str(Path(hwsim.__file__).parents[1])}
    running = subprocess.Popen(
        [sys.executable, "-m", "hwsim", "run", "--model", model],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    running.stdout.close()
    assert running.stderr.read() == b""
    assert running.wait(60) == 1


def test_an_interrupt_is_one_word_and_exit_130(tmp_path):
    model = tmp_path / "large.npz"
    from hwsim.networks import save_network

    save_network(hwsim.make_network("resnet18"), model)
    levels = "0.001:0.9:0.001"  # work for minutes
    with started(
        "sweep", "--model", model, "--sparsity", levels, "-o", tmp_path / "out"
    ) as running:
        while not list(tmp_path.glob(".out-*")):  # the folder aside: the work has begun
            assert running.poll() is None
            time.sleep(0.05)
        time.sleep(1)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (130, "", "interrupted\n")
    assert [entry.name for entry in tmp_path.iterdir()] == ["large.npz"]


def test_a_progress_bar_where_standard_error_is_a_terminal(process, model):
    ours, theirs = pty.openpty()
    result = process("run", "--model", model, stderr=theirs, env={"TERM": "xterm"})
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert result.code == 0
    assert "Evaluating" in shown
    assert "Evaluating" not in result.out


def test_no_progress_bar_with_json(process, model):
    ours, theirs = pty.openpty()
    process("run", "--model", model, "--json", stderr=theirs, env={"TERM": "xterm"})
    os.set_blocking(ours, False)
    with pytest.raises(BlockingIOError):
        os.read(ours, 1)
    os.close(theirs)
    os.close(ours)
