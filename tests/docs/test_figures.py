"""The commands of the page on figures work as they stand."""

import re
import shlex
from pathlib import Path

import pytest

import hwsim
from hwsim.networks import save_network
from tests.cli.conftest import cli

pytestmark = pytest.mark.outside

__all__ = ["cli"]
PAGE = (Path(__file__).parents[2] / "docs" / "figures.md").read_text(encoding="utf-8")


def test_the_commands(cli, tmp_path, monkeypatch):
    pytest.importorskip("jinja2")
    save_network(hwsim.make_network("resnet18", input_size=(32, 32)), tmp_path / "resnet18.npz")
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"<!-- runs -->\n```console\n(.*?)```", PAGE, flags=re.DOTALL)
    for line in block.splitlines():
        result = cli(*shlex.split(line.removeprefix("$ hwsim ")))
        assert result.code == 0, result.err
    assert {"report.html", "energy.pdf", "energy.csv", "roofline.svg"} <= {
        file.name for file in tmp_path.iterdir()
    }
