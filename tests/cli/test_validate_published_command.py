"""``hwsim validate published``, beside ``hwsim validate``."""

import json

import pytest

from hwsim.validation import published
from tests.validation.files import write

MISNAMED = "error: sigma: a figure is not as near as is wanted; its name should end in -like"


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.setattr(published, "DATA", tmp_path)
    return lambda *changes: write(tmp_path, *changes)


def ours(cli):
    document = json.loads(cli("validate", "published", "--json").out)
    return [row["ours"] for row in document["tables"][0]["rows"]]


@pytest.fixture
def near(cli, files):
    """Let the published figures be ours."""
    files()
    cycles, speedup = ours(cli)
    return ("100 cycles", f"{cycles:.0f} cycles"), ("value: 2 x", f"value: {speedup:.3f} x")


def test_figures_within_what_is_stated(cli, files, near):
    files(*near)
    result = cli("validate", "published")
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == "sigma: two products"
    assert lines[2] == "prices      physical model, pJ"
    assert "taken from  owner/copy" in lines
    assert any(line.startswith("why cycles") and line.endswith("nothing waits") for line in lines)
    assert lines[-1] == ("2 of 2 figures within what the machines state, 2 within what is wanted")


def test_figures_beyond_what_is_stated(cli, files, near):
    files(near[0], ("value: 2 x", "value: 20 x"))
    result = cli("validate", "published", "--machine", "sigma")
    assert result.code == 1
    beyond, misnamed = result.err.splitlines()
    assert beyond.startswith("error: sigma: small: speed-up over dense: ")
    assert beyond.endswith("x low, beyond the stated 1.5x")
    assert misnamed == MISNAMED
    assert "beyond" in result.out


def test_figures_beyond_what_is_wanted(cli, files, near):
    further = f"{int(near[0][1].split()[0]) * 1.07:.0f} cycles"
    files(("100 cycles", further), near[1])
    result = cli("validate", "published")
    assert (result.code, result.err) == (1, f"{MISNAMED}\n")
    assert result.out.splitlines()[-1].endswith("1 within what is wanted")


def test_a_machine_that_is_better_than_its_name(cli, files, near, tmp_path):
    spec = tmp_path / "specs" / "like.yaml"
    spec.parent.mkdir()
    spec.write_text("schema: 1\nextends: sigma\nname: sigma-like\ntitle: in its manner\n")
    files(*near, ("machine: sigma", f"machine: {spec}"))
    told = "Every figure of sigma-like is as wanted; it could bear the name of the chip."
    result = cli("validate", "published")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines()[-2] == told
    page = cli("validate", "published", "--markdown").out.splitlines()
    assert told in page[: page.index("## sigma-like: two products")]


def test_markdown(cli, files, near):
    files(*near)
    result = cli("validate", "published", "--markdown")
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == "# Machines against published figures"
    assert "| sigma | two products | cycles | exact | 10 % | 5 % | 1 of 1 |" in lines
    assert any(line.startswith("| sigma | two products | speed-up over dense | ") for line in lines)
    assert "## sigma: two products" in lines
    assert "- verified: all" in lines
    assert "- Why speed-up over dense: ports" in lines
    head = "| work | quantity | published | ours | error | states | another transcription |"
    place = lines.index(head)
    cycles = near[0][1]
    number = f"{int(cycles.split()[0]):,} cycles"
    assert lines[place + 1] == "| --- | --- | --- | --- | --- | --- | --- |"
    assert lines[place + 2].startswith(f"| small | cycles | {number} (read off) | ")
    assert lines[place + 2].endswith(" | exact | 10 % | 120 cycles (somebody) |")
    assert lines[place + 3].endswith(" | 1.5x |  |")


def test_without_other_transcriptions_there_is_no_column(cli, files):
    files((", other: {value: 120 cycles, source: somebody}", ""))
    result = cli("validate", "published", "--markdown")
    assert result.code == 1
    assert "another transcription" not in result.out


def test_both_forms_at_once_are_refused(cli, files):
    result = cli("validate", "published", "--json", "--markdown")
    assert result.code == 2
    assert result.err == "error: --json and --markdown are two forms of the same; give one\n"


def test_an_unknown_machine(cli, files):
    files()
    result = cli("validate", "published", "--machine", "sgma")
    assert (result.code, result.out) == (2, "")
    assert result.err == ("error: nothing is published of machine 'sgma'; did you mean 'sigma'?\n")


def test_validate_alone_still_asks_for_a_model(cli):
    result = cli("validate", "--arch", "sigma")
    assert result.code == 2
    assert result.err == "error: Missing option '--model' / '-m' (see hwsim validate --help)\n"
