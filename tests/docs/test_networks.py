"""The recipes of "Bring your network" run, and its tables name what there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hwsim.cli import app
from hwsim.networks._chain import follow
from hwsim.networks.arrays.unpack import FORMATS
from hwsim.networks.topology import _KINDS
from hwsim.networks.topology_file import load_topology

pytestmark = pytest.mark.outside

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "networks.md").read_text(encoding="utf-8")
TOPOLOGY = (DOCS / "topology.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"<!-- runs -->\n```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_recipes_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for code in _blocks("python"):
        exec(compile(code, "docs/networks.md", "exec"), {})
    commands = [line for block in _blocks("console") for line in block.splitlines()]
    assert len(commands) >= 5
    for command in commands:
        result = CliRunner().invoke(app, shlex.split(command.removeprefix("$ hwsim ")))
        assert result.exit_code == 0, f"{command}: {result.output}"


def test_the_recipe_of_torch_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"<!-- runs with torch -->\n```python\n(.*?)```", PAGE, flags=re.DOTALL)
    known: dict[str, Any] = {}
    exec(compile(code, "docs/networks.md", "exec"), known)
    kinds = [layer.kind for layer in known["network"].layers]
    assert kinds == ["conv", *["linear"] * 3, *["product"] * 2, *["linear"] * 2]


def test_every_format_is_in_the_table() -> None:
    table = PAGE.partition("| format |")[2].partition("\n\n")[0]
    named = {text.partition(":")[0] for text in re.findall(r"`([a-z0-9_-]+(?::[\w]+)?)`", table)}
    assert set(FORMATS) <= named


def test_the_topology_page_is_right(tmp_path: Path) -> None:
    (text,) = re.findall(r"<!-- topology -->\n```yaml\n(.*?)```", TOPOLOGY, flags=re.DOTALL)
    path = tmp_path / "t.yaml"
    path.write_text(text)
    assert [layer.input_size for layer in follow(load_topology(path))] == [
        (32, 32), (16, 16), (16, 16), (1, 1),
    ]  # fmt: skip
    assert set(re.findall(r"^\| `(\w+)` \|", TOPOLOGY, flags=re.MULTILINE)) == set(_KINDS)
