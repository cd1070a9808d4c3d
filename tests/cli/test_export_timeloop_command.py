"""``hwsim export timeloop``, and the real program at ``run`` and ``validate``."""

import json

import pytest

from tests.arch.quick_search import quick_arch
from tests.engines.programs import stand_ins
from tests.engines.timeloop.program.test_engine import MODEL, WRONG


@pytest.fixture
def arch(tmp_path):
    return quick_arch(tmp_path, "simple")


@pytest.fixture
def export(cli, model, arch, tmp_path):
    def call(*options):
        return cli("export", "timeloop", "--arch", arch, "--model", model, *options)

    return call


def test_an_export_is_read_back(export, cli, tmp_path):
    folder = tmp_path / "out"
    result = export("--scheme", "signed-binary", "-o", folder)
    assert result.code == 0, result.err
    assert result.out.splitlines() == [
        "5 layers under signed-binary for Timeloop v0.3",
        f"saved     {folder} (README.md says how to use it)",
    ]
    files = sorted((folder / "block.conv1").glob("*.yaml"))
    again = cli("timeloop", "model", *files, "-o", tmp_path / "back", "--json", "-")
    header, *rows = (folder / "layers.csv").read_text().splitlines()
    row = dict(zip(header.split(","), rows[1].split(","), strict=True))
    assert row["layer"] == "block.conv1"
    assert json.loads(again.out)["cycles"] == int(row["cycles"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--format", "v0.5"), "--format: expected v0.3 or v0.4. Got 'v0.5'"),
        (
            ("--density", "fixed"),
            "--density: unknown density 'fixed'; known: fixed-structured, hypergeometric",
        ),
    ],
)
def test_wrong_options(export, tmp_path, options, message):
    result = export(*options, "-o", tmp_path / "out")
    assert (result.code, result.err) == (2, f"error: {message}\n")
    assert not (tmp_path / "out").exists()


def test_a_machine_that_is_no_design(cli, model, tmp_path):
    result = cli("export", "timeloop", "--arch", "sigma", "--model", model, "-o", tmp_path / "out")
    assert result.code == 2
    assert result.err.startswith("error: arch 'sigma': engine 'sparseloop' needs its memories")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_not_empty(export, tmp_path):
    result = export("-o", tmp_path)
    assert (result.code, result.err) == (
        2,
        f"error: {tmp_path}: is not empty; exports go into a new or empty folder\n",
    )


@pytest.mark.outside
def test_validate_agrees(cli, model, arch, tmp_path):
    program = stand_ins.program(tmp_path, MODEL)
    two = ("--layers", "stem", "--layers", "fc")
    result = cli("validate", "--arch", arch, "--model", model, *two, "--program", program)
    assert result.code == 0, result.err
    assert "4 of 4 layers equal; " in result.out
    assert f"hwsim's engine against {program}" in result.out


@pytest.mark.outside
def test_validate_finds_a_difference(cli, model, arch, tmp_path):
    program = stand_ins.program(tmp_path, WRONG)
    options = ("--scheme", "dense", "--layers", "fc", "--program", program)
    result = cli("validate", "--arch", arch, "--model", model, *options)
    assert result.code == 1
    assert "Scalar fills (per-instance): " in result.out
    assert "0 of 1 layer equal; " in result.out
    found = json.loads(cli("validate", "--arch", arch, "--model", model, *options, "--json").out)
    assert len(found["layers"][0]["differences"]) == 1


@pytest.mark.outside
def test_validate_with_a_program_that_dies(cli, model, arch, tmp_path):
    program = stand_ins.program(tmp_path, stand_ins.DIES)
    options = ("--scheme", "dense", "--layers", "fc", "--program", program)
    result = cli("validate", "--arch", arch, "--model", model, *options)
    assert result.code == 3
    assert result.err.endswith(
        f"error: dense: layer 'fc': {program}: died with signal 11 (SIGSEGV); it printed nothing\n"
    )


@pytest.mark.outside
def test_run_with_the_real_program(cli, model, arch, tmp_path):
    program = stand_ins.program(tmp_path, MODEL)
    options = ("--scheme", "dense", "--layers", "fc", "--json")
    ours = json.loads(cli("run", "--arch", arch, "--model", model, *options).out)
    result = cli(
        *("run", "--arch", arch, "--model", model, "--engine", "timeloop", "--program", program),
        *options,
    )
    assert result.code == 0, result.err
    theirs = json.loads(result.out)
    assert theirs["layers"][0]["cycles"] == ours["layers"][0]["cycles"]
