"""What a shell is told: names that hwsim knows, files of networks, and no word of errors."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hwsim.cli.completion import (
    complete_network,
    complete_scheme,
    complete_setting,
    complete_tables,
    complete_topology,
    typed_command,
)

pytestmark = pytest.mark.outside

BASH = shutil.which("bash")


class Line:
    """The options that a line has so far."""

    def __init__(self, **params):
        self.params = params


@pytest.mark.parametrize(
    ("environment", "command"),
    [
        ({}, None),
        ({"COMP_WORDS": "hwsim run"}, None),
        ({"_HWSIM_COMPLETE": "complete_bash", "COMP_WORDS": "hwsim run --arch"}, "run"),
        ({"_HWSIM_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "hwsim gemm 'a b"}, "gemm"),
        ({"_HWSIM_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "hwsim"}, None),
        ({"_HWSIM_COMPLETE": "complete_fish"}, None),
    ],
)
def test_the_command_of_the_line(environment, command):
    assert typed_command(environment) == command


def test_names():
    assert complete_scheme("signed") == ["signed-binary"]
    assert {"bitnet", "binary", "brevitas-binary"} <= set(complete_scheme("b"))
    assert "resnet20-cifar" in complete_topology("resnet2")
    assert complete_topology("nothing") == []
    assert complete_tables("stonne,phys") == ["stonne,physical", "stonne,physical-aladdin"]


def test_settings_of_the_machine_of_the_line():
    assert complete_setting(Line(arch="eyeriss_v2"), "mac") == ["macs="]
    assert "num_ms=" in complete_setting(Line(), "num")
    assert complete_setting(Line(arch="sigma"), "distribution=") == [
        "distribution=ports",
        "distribution=multicast",
    ]
    assert complete_setting(Line(arch="nothing"), "") == []


def test_files_of_networks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("net.npz", "notes.txt", ".net.npz", "sub/m.onnx", "sub/b.PT"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert complete_network("") == ["net.npz", "sub/"]
    assert complete_network("sub/") == ["sub/b.PT", "sub/m.onnx"]
    assert complete_network(".n") == [".net.npz"]
    assert complete_network("no/where") == []


@pytest.mark.skipif(BASH is None, reason="no bash here")
def test_in_a_shell(tmp_path):
    hwsim = tmp_path / "hwsim"
    hwsim.write_text(f'#!/bin/sh\nexec {sys.executable} -m hwsim "$@"\n')
    hwsim.chmod(0o755)
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
    }
    lines = """
        eval "$(hwsim --show-completion bash)"
        COMP_WORDS=(hwsim run --arch sigma-h); COMP_CWORD=3
        _hwsim_completion hwsim; echo "${COMPREPLY[@]}"
        COMP_WORDS=(hwsim doc); COMP_CWORD=1
        _hwsim_completion hwsim; echo "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        [BASH, "-c", lines], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("sigma-hpca2020\ndoctor\n", "")
