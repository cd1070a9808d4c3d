from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from hwsim import evaluate_timeloop
from hwsim.cli.errors import ReportingGroup
from hwsim.cli.timeloop_mapper import mapper
from tests.engines.timeloop.mapper.designs import gemm, inputs


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer(cls=ReportingGroup)
    app.command("mapper")(mapper)
    app.command("other")(lambda: None)
    return app


def _files(folder: Path, design: dict[str, Any]) -> list[str]:
    paths = []
    for key, content in design.items():
        path = folder / f"{key}.yaml"
        path.write_text(yaml.safe_dump({key: content}), encoding="utf-8")
        paths.append(str(path))
    return paths


def test_writes_a_mapping_that_the_model_takes(app: typer.Typer, tmp_path: Path) -> None:
    files = _files(tmp_path, inputs(gemm(), spad=100))
    out = tmp_path / "out"
    call = ["mapper", *files, "-o", str(out), "--budget", "1000", "--seed", "3"]
    result = CliRunner().invoke(app, [*call, "--objective", "energy", "--json", "-"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert sorted(path.name for path in out.iterdir()) == [
        "timeloop-mapper.map.yaml",
        "timeloop-mapper.stats.txt",
    ]
    checked = evaluate_timeloop([*files, str(out / "timeloop-mapper.map.yaml")])
    assert document["evaluation"] == json.loads(json.dumps(checked.to_dict()))
    assert document["value"] == checked.evaluation.energy
    assert document["unit"] == "pJ"
    assert document["search"]["scored"] == 1000
    again = CliRunner().invoke(app, [*call, "--objective", "energy", "--json", "-"])
    assert again.stdout == result.stdout
    text = (out / "timeloop-mapper.stats.txt").read_text(encoding="utf-8")
    assert f"Cycles: {checked.cycles}\n" in text


def test_prints_the_loops(app: typer.Typer, tmp_path: Path) -> None:
    files = _files(tmp_path, inputs(gemm(), spad=100))
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["mapper", *files, "-o", str(out), "--budget", "600"])
    assert result.exit_code == 0, result.output
    assert "edp " in result.stdout
    assert "DRAM [" in result.stdout
    assert "timeloop-mapper.map.yaml" in result.stdout


def test_bad_input_is_one_line(app: typer.Typer, tmp_path: Path) -> None:
    wrong = [{"target": "GLB", "type": "temporal", "factors": "M=5"}]
    files = _files(tmp_path, inputs(gemm(), wrong))
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["mapper", *files, "-o", str(out)])
    assert result.exit_code == 2
    assert result.stderr == (
        "error: constraints: GLB (temporal) takes M=5, which does not divide the problem's M of "
        "16; the search uses factors that divide\n"
    )
    assert not out.exists()
    result = CliRunner().invoke(app, ["mapper", *files, "--budget", "soon"])
    assert result.exit_code == 2
    assert result.stderr == (
        "error: budget 'soon': expected a number of mappings such as 10000, or a time such as 30s "
        "or 5m\n"
    )


@pytest.mark.parametrize(
    ("name", "problem"),
    [(".", "is a folder; name a file in it"), ("y" * 300, "File name too long")],
)
def test_json_that_cannot_be_written_is_refused_before_anything_is_done(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, problem: str
) -> None:
    files, out = _files(tmp_path, inputs(gemm())), tmp_path / "out"
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["mapper", *files, "-o", str(out), "--json", name])
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert result.stderr.endswith(f": cannot be written: {problem}\n")
    assert not out.exists()


def test_a_mapping_among_the_inputs_is_named(app: typer.Typer, tmp_path: Path) -> None:
    given = inputs(gemm()) | {"mapping": [{"target": "Buffer", "type": "temporal"}]}
    out = str(tmp_path / "out")
    result = CliRunner().invoke(app, ["mapper", *_files(tmp_path, given), "-o", out])
    assert result.exit_code == 0
    assert "note: mapping is not read: a mapping is what is searched for\n" in result.stderr


def test_json_without_a_folder_is_refused_before_anything_is_done(
    app: typer.Typer, tmp_path: Path
) -> None:
    files, out, json = (
        _files(tmp_path, inputs(gemm())),
        tmp_path / "out",
        tmp_path / "no" / "x.json",
    )
    result = CliRunner().invoke(app, ["mapper", *files, "-o", str(out), "--json", str(json)])
    assert result.exit_code == 2
    assert result.stderr == (
        f"error: {json}: cannot be written: there is no folder {json.parent}\n"
    )
    assert not out.exists()
