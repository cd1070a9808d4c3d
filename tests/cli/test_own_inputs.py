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
    (tmp_path / "a.csv").write_text("layer,share\na,0.5\n")
    (tmp_path / "stonne.cfg").write_text("[MSNetwork]\nms_size=9\n")
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
        ("sweep --model m.npz --sparsity 0.5 --log", "./m.npz"),
        ("check s.yaml --write-baseline", "m.npz"),
        # Refused early, before the file is read.
        ("gemm --mk mk.npy --columns 0 --json", "mk.npy"),
        ("run --model m.npz --activations a.csv --energy nonsense -o", "a.csv"),
        ("network import m.npz --data mk.npy -o", "mk.npy"),
        ("timeloop model hyp_fix_1.0.yaml none.yaml --json", "hyp_fix_1.0.yaml"),
        ("stonne -energy -counter_file=a.csv -table_file=s.yaml -out_file", "s.yaml"),
        ("run --arch stonne.cfg --model m.npz -o", "stonne.cfg"),
    ],
)
def test_it_is_refused(cli, here, command, output):
    before = (here / output).read_bytes()
    *words, option = command.split()
    named = [f"{option}={output}"] if option.startswith("-out_") else [option, output]
    result = cli(*words, *named)
    assert result.code == 2
    name = output.removeprefix("./")
    assert result.err.splitlines()[-1] == (
        f"error: {name}: is an input of this command, which would overwrite it; name another file"
    )
    assert (here / output).read_bytes() == before


@pytest.mark.parametrize(
    ("study", "stays"),
    [
        ("study: s\nmodel: m.npz\nfoo: [1\n", "m.npz"),
        ("study: s\nmodel: 'm.npz'\nscheme: nonsense\n", "m.npz"),
        ("model: my net.npz  # ours\nscheme: nonsense\n", "my net.npz"),
        ("- {model: [m.npz]}\n", "m.npz"),
        (None, "m.npz"),
    ],
)
@pytest.mark.parametrize("option", ["--summary", "--junit"])
def test_a_study_that_cannot_be_read_leaves_what_it_names(cli, here, study, stays, option):
    shutil.copy("m.npz", "my net.npz")
    if study is not None:
        (here / "x.yaml").write_text(study)
    before = (here / stays).read_bytes()
    result = cli("check", "x.yaml", option, stays)
    assert result.code == 2
    assert result.err.startswith("error: x.yaml")
    assert (here / stays).read_bytes() == before
    assert cli("check", "x.yaml", option, "report").code == 2  # where nothing is it is written
    first = (here / "report").read_bytes()
    (here / "x.yaml").write_text("study: [\n")
    assert cli("check", "x.yaml", option, "report").code == 2  # and a report is replaced
    assert (here / "report").read_bytes() not in (first, b"")


def test_what_only_other_files_name_stays(cli, here):
    """A mask that a density names, and a file of the step's summary."""
    text = (here / "hyp_fix_1.0.yaml").read_text()
    density = "distribution: fixed_structured\n        density: 1.0\n"
    assert density in text
    mask = "distribution: real_data\n        data_file_path: mask.txt\n"
    (here / "x.yaml").write_text(text.replace(density, mask))
    (here / "mask.txt").write_text("1" * 64)
    result = cli("timeloop", "model", "x.yaml", "-o", "out", "--json", "mask.txt")
    assert result.code == 2
    assert result.err.splitlines()[-1].startswith("error: mask.txt: is an input of this command")
    assert (here / "mask.txt").read_text() == "1" * 64


def test_a_summary_of_the_step_is_not_appended_to_an_input(cli, here, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "m.npz")
    before = (here / "m.npz").read_bytes()
    result = cli("check", "s.yaml")
    assert result.code == 2
    assert result.err.splitlines()[-1].startswith("error: m.npz: is an input of this command")
    assert (here / "m.npz").read_bytes() == before


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


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("check s.yaml --store x.db --junit ./x.db", "--store and --junit name one file, ./x.db"),
        ("check s.yaml --junit x --summary x", "--junit and --summary name one file, x"),
        ("check s.yaml --against b.json --junit b.json", "--against and --junit name one file"),
        ("study run s.yaml --log=x.db --store=x.db", "--log and --store name one file, x.db"),
        ("sweep --model m.npz --store x.db -ox.db", "--store and -o name one file, x.db"),
    ],
)
def test_two_outputs_are_two_files(cli, here, command, told):
    result = cli(*command.split())
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"error: {told}")
    assert not (here / "x.db").exists()


def test_a_store_that_nobody_named_is_no_report(cli, here):
    assert cli("study", "run", "s.yaml").code == 0
    before = (here / "s.db").read_bytes()
    (here / "s.yaml").write_text((here / "s.yaml").read_text() + "expect: cycles >= 1\n")
    result = cli("check", "s.yaml", "--junit", "s.db")
    assert result.code == 2
    assert "s.db: is an input of this command" in result.err
    assert (here / "s.db").read_bytes()[:100] == before[:100]
    assert cli("study", "list", "s.db").code == 0


def test_an_output_is_not_what_another_has_written(cli, here):
    stats = "out/timeloop-model.stats.txt"
    (here / "out").mkdir()
    result = cli("timeloop", "model", "hyp_fix_1.0.yaml", "-o", "out", "--json", stats)
    assert result.code == 2
    assert result.err == (
        f"error: {stats}: two outputs of this command are this file; name another one\n"
    )
    (here / "s.yaml").write_text((here / "s.yaml").read_text() + "expect: cycles >= 1\n")
    assert cli("check", "s.yaml", "--junit", os.devnull, "--summary", os.devnull).code == 0


def test_a_reference_of_no_figure_is_refused(cli, here):
    assert cli("study", "run", "s.yaml").code == 0
    result = cli("study", "plot", "s.db", "-o", "f", "--reference", "nothing")
    assert (result.code, result.out) == (2, "")
    assert "reference 'nothing' changes nothing: the study has no sparsity axis" in result.err
    result = cli("study", "plot", "s.db", "-o", "f", "--format", "svg,svg")
    assert result.out == "saved     f: pareto.svg, pareto.csv\n"
