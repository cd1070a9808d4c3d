"""What the README tells a new user to type works, and what it shows is what appears."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from hwsim.cli import main

pytestmark = pytest.mark.outside

CHECKOUT = Path(__file__).parents[2]
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")


def blocks(marker, language):
    pattern = rf"<!-- {marker} -->\n```{language}\n(.*?)```"
    return re.findall(pattern, README, flags=re.DOTALL)


COMMANDS = [
    line.removeprefix("$ ") for block in blocks("runs", "console") for line in block.splitlines()
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a `hwsim` to call and the weight file that the first command makes."""
    folder = tmp_path_factory.mktemp("readme")
    command = folder / "bin" / "hwsim"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m hwsim "$@"\n')
    command.chmod(0o755)
    shell(COMMANDS[0], folder)
    return folder


def shell(command, folder):
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(CHECKOUT), "COLUMNS": "100"}
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


def test_the_readme_has_commands():
    assert COMMANDS[:2] == [
        "hwsim network make resnet18 -o resnet18.npz",
        "hwsim run --arch sigma --model resnet18.npz",
    ]
    assert len(COMMANDS) > 5


def test_the_output_that_it_shows_is_what_the_main_job_prints(folder):
    printed = shell(COMMANDS[1], folder).splitlines()
    (shown,) = blocks("shows", "text")
    place = 0
    for line in shown.splitlines():
        if line != "...":
            assert line in printed[place:]
            place = printed.index(line, place) + 1


@pytest.mark.parametrize("command", COMMANDS[2:])
def test_each_command_works(folder, command, monkeypatch):
    if any(sign in command for sign in ">|&"):  # a shell's
        shell(command, folder)
        return
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "argv", shlex.split(command))
    with pytest.raises(SystemExit) as leave:
        main()
    assert not leave.value.code


@pytest.mark.parametrize("code", blocks("runs", "python"))
def test_the_python_example_works(folder, code):
    (folder / "example.py").write_text(code)
    printed = shell(f"{shlex.quote(sys.executable)} example.py", folder)
    assert "signed-binary" in printed
