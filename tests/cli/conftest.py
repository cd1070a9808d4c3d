"""Run the command line: in this process, or as a real one."""

import functools
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer.main

import hwsim
import hwsim.cli
from hwsim.networks import save_network
from tests.studies.networks import tiny_network

CHECKOUT = Path(hwsim.__file__).parents[1]

# The command line is built once a word and not once a call, of which there are hundreds.
hwsim.cli.commands = functools.cache(hwsim.cli.commands)
typer.main.get_command = functools.cache(typer.main.get_command)


@dataclass
class Outcome:
    code: int
    out: str
    err: str


@pytest.fixture
def cli(capsys, monkeypatch):
    """Call the command in this process: ``cli("run", "--model", ...)``."""

    def call(*arguments):
        from hwsim.cli import main

        monkeypatch.setattr(sys, "argv", ["hwsim", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as leave:
            main()
        captured = capsys.readouterr()
        return Outcome(leave.value.code or 0, captured.out, captured.err)

    return call


@pytest.fixture
def process():
    """Call the command as a process: start-up, exit code and streams are the real ones."""

    def call(*arguments, **options):
        environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), **options.pop("env", {})}
        done = subprocess.run(
            [sys.executable, "-m", "hwsim", *map(str, arguments)],
            env=environment,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )
        return Outcome(done.returncode, done.stdout or "", done.stderr or "")

    return call


@contextmanager
def started(*arguments, **options):
    """A command that runs meanwhile, hears interrupts, and never outlives the test."""
    running = subprocess.Popen(
        [sys.executable, "-m", "hwsim", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # What a shell starts in the background ignores interrupts, and so do its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **options,
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """A small weight file that carries its geometry."""
    path = tmp_path_factory.mktemp("models") / "tiny.npz"
    save_network(tiny_network(), path)
    return path
