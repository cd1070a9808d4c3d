"""``hwsim study`` and ``hwsim explore``: what they print, write and refuse."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "studies.md"


@pytest.fixture
def study(model: Path, tmp_path: Path) -> Path:
    path = tmp_path / "little.yaml"
    path.write_text(
        f"model: {model}\nscheme: [dense, pruned]\nsparsity: [0.5, 0.9]\n"
        "set: {num_ms: [64, 128]}\n"
    )
    return path


def test_from_a_file_to_tables(cli, study, tmp_path):
    store = tmp_path / "little.db"
    result = cli("study", "run", study, "--workers", "1")
    assert result.code == 0, result.err
    assert result.out.splitlines()[-1] == f"kept      {store}"
    listed = cli("study", "list", store)
    assert "little" in listed.out
    entries = json.loads(cli("study", "list", store, "--json").out)["studies"]
    assert [(each["name"], each["points"], each["failed"]) for each in entries] == [
        ("little", 6, 0)
    ]
    shown = json.loads(cli("study", "show", store, "--json").out)
    assert [each["sparsity"] for each in shown["points"]] == 2 * [None, 0.5, 0.9]
    assert cli("study", "show", store).out.splitlines()[0].startswith("study     little")
    assert cli("study", "export", store, "-o", tmp_path / "x.csv", "--by", "point").code == 0
    assert len(pd.read_csv(tmp_path / "x.csv")) == 6
    figures = cli("study", "plot", store, "-o", tmp_path / "f", "--format", "svg")
    assert figures.code == 0, figures.err
    assert (tmp_path / "f" / "pareto.svg").is_file()
    found = cli("explore", study, "--budget", "6", "--json", "--objective", "energy")
    assert found.code == 0, found.err
    front = [each for each in json.loads(found.out)["points"] if each["front"]]
    assert [each["sparsity"] for each in front] == [0.9]
    assert cli("study", "gc", store).out == "removed   0 tasks, 0 activities\n"


def test_diff_says_1_if_something_differs(cli, study, tmp_path):
    store = tmp_path / "x.db"
    assert cli("study", "run", study, "--store", store, "--workers", "1").code == 0
    same = cli("study", "diff", f"{store}:little", store)
    assert (same.code, same.out.splitlines()[-1]) == (
        *(0, "0 rows differ, 30 equal, 0 only before, 0 only after"),
    )
    slower = study.read_text().replace("128]", "128], clock: 100 MHz") + "study: slow\n"
    study.write_text(slower)
    assert cli("study", "run", study, "--store", store, "--workers", "1").code == 0
    differs = cli("study", "diff", f"{store}:little", f"{store}:slow")
    assert differs.code == 1
    assert differs.out.splitlines()[-1].startswith("30 rows differ, 0 equal")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "none.db"], "error: none.db: no such store\n"),
        (["gc", "none.db"], "error: none.db: no such store\n"),
        (
            ["export", "none.db", "-o", "x.csv", "--by", "points"],
            "error: --by 'points': expected layer or point\n",
        ),
        (
            ["plot", "none.db", "-o", "x", "--format", "pnk"],
            "error: --format 'pnk'; did you mean 'png'?\n",
        ),
    ],
)
def test_bad_input_is_one_line(cli, arguments, message):
    result = cli("study", *arguments)
    assert (result.code, result.err) == (2, message)


def test_the_commands_of_the_page_work(cli, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("study.yaml").write_text(
        f"model: {model}\nscheme: [dense, pruned]\nsparsity: [0.5, 0.9]\nlayers: block.conv1\n"
    )
    text = PAGE.read_text(encoding="utf-8").partition("## Running it")[2]
    (block,) = re.findall(r"```bash\n(.*?)```", text.partition("\n## ")[0], flags=re.DOTALL)
    commands = [shlex.split(line, comments=True) for line in block.splitlines()]
    assert len(commands) >= 7
    for hwsim, *arguments in commands:
        assert hwsim == "hwsim"
        if "diff" in arguments:
            shutil.copy("study.db", "old.db")
            shutil.copy("study.db", "new.db")
        extra = ["--workers", "1"] if arguments[:2] == ["study", "run"] else []
        done = cli(*arguments, *extra)
        assert done.code == 0, done.err
    shown = re.findall(r"`(hwsim (?:study plot|explore) study[^`]*)`", PAGE.read_text("utf-8"))
    assert len(shown) == 2
    for line in shown:
        done = cli(*shlex.split(line)[1:])
        assert done.code == 0, done.err


def test_certificates_are_three_and_for_a_scheduler(cli, study):
    result = cli("study", "run", study, "--tls", "ca.pem,cert.pem")
    message = "error: --tls: expected CA,CERT,KEY, three files, beside a --scheduler\n"
    assert (result.code, result.err) == (2, message)


@pytest.mark.parametrize("command", ["explore", "check", "study run"])
@pytest.mark.parametrize("folder", [".", "..", "/"])
def test_a_folder_is_no_study(cli, command, folder):
    refused = cli(*command.split(), folder)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(f"error: {folder}: ")
    assert "folder" in refused.err or "directory" in refused.err
