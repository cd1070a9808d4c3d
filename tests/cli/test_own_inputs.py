"""No output of a command overwrites one of its inputs, whatever the input is called."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pytest

from tests.cli.test_cases import CASES


@pytest.fixture
def here(tmp_path, monkeypatch):
    shutil.copy(CASES / "hostile" / "m.npz", tmp_path)
    shutil.copy(CASES / "timeloop" / "hyp_fix_1.0.yaml", tmp_path)
    np.save(tmp_path / "mk.npy", np.eye(3))
    os.link(tmp_path / "m.npz", tmp_path / "same.npz")
    study = "study: s\nmodel: m.npz\narch: sigma\nenergy: stonne\nscheme: dense\n"
    (tmp_path / "s.yaml").write_text(study)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("export npz --model m.npz -o", "./m.npz"),
        ("network import m.npz -o", "same.npz"),
        ("gemm --mk mk.npy --columns 2 --json", "mk.npy"),
        ("timeloop model hyp_fix_1.0.yaml -o out --json", "hyp_fix_1.0.yaml"),
        ("check s.yaml --junit", "s.yaml"),
        ("study run s.yaml --log", "m.npz"),
    ],
)
def test_it_is_refused(cli, here, command, output):
    before = (here / output).read_bytes()
    result = cli(*command.split(), output)
    assert result.code == 2
    name = output.removeprefix("./")
    assert result.err.splitlines()[-1] == (
        f"error: {name}: is an input of this command, which would overwrite it; name another file"
    )
    assert (here / output).read_bytes() == before


def test_a_table_of_results_that_is_read_stays(cli, here):
    run = ("--energy", "stonne", "--scheme", "dense")
    shutil.copy("m.npz", "results.parquet")
    result = cli("run", "--model", "results.parquet", *run, "-o", ".")
    assert result.code == 2
    assert result.err.startswith("error: results.parquet: is an input of this command")


def test_names_of_tables_are_no_paths(cli, here, tmp_path):
    from hwsim.energy.registry import _TABLES

    text = (_TABLES / "stonne.yaml").read_text().replace("name: stonne", "name: ../../evil/x", 1)
    (here / "e.yaml").write_text(text)
    result = cli("run", "--model", "m.npz", "--energy", "stonne,e.yaml", "-o", "out")
    assert result.code == 0, result.err
    assert (here / "out" / "energy-2.png").is_file()


@pytest.mark.parametrize(
    ("base", "text", "words"),
    [
        ("secret.txt", "password: hunter2\n", "expected a spec, .yaml. Got 'secret.txt'"),
        ("secret.yaml", "password: hunter2\n", "secret.yaml is no spec of a machine"),
    ],
)
def test_extends_reads_specs_alone(cli, here, base, text, words):
    (here / base).write_text(text)
    (here / "x.yaml").write_text(f"schema: 1\nextends: {base}\nname: x\n")
    result = cli("arch", "show", "x.yaml")
    assert (result.code, result.out) == (2, "")
    assert result.err == f"error: {here / 'x.yaml'}: extends: {words}\n"


def test_a_title_of_several_lines_is_one_in_the_configuration(cli, here):
    title = '"a\\n[MSNetwork]\\nms_size=9"'
    (here / "x.yaml").write_text(f"schema: 1\nextends: sigma\nname: x\ntitle: {title}\n")
    result = cli("export", "stonne", "--model", "m.npz", "--arch", "x.yaml", "-o", "out")
    assert result.code == 0, result.err
    config = next((here / "out").glob("*/stonne.cfg")).read_text()
    assert config.startswith("# x: a [MSNetwork] ms_size=9\nprint_stats_enabled=true\n")
