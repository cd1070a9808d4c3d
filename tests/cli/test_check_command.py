"""``hwsim check``: exit codes, files, and what is told where."""

import json
from xml.etree import ElementTree as Xml

import pytest

STUDY = """\
model: {model}
scheme: [dense, pruned]
sparsity: 0.5
quantize_layers: all
energy: physical
expect:
  - {expect}
"""


@pytest.fixture
def study(tmp_path, model, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)

    def written(expect):
        path = tmp_path / "gate.yaml"
        path.write_text(STUDY.format(model=model, expect=expect))
        return path.name

    return written


@pytest.fixture
def check(cli, study):
    """Check an expectation in this process."""
    return lambda expect, *options: cli("check", study(expect), *options)


@pytest.mark.outside
def test_a_process_holds_fails_or_cannot_tell(process, study, tmp_path):
    for expect, code, said in (
        ("energy_ratio(dense, pruned) >= 1", 0, "check  gate: 1 held"),
        ("energy_ratio(dense, pruned) >= 100", 1, "check  gate: 1 failed"),
        ("energy_ratio(dense, prund) >= 1", 2, "did you mean 'pruned'?"),
    ):
        done = process("check", study(expect), "--junit", "j.xml", cwd=tmp_path)
        assert done.code == code
        assert said in done.out + done.err
        (suite,) = Xml.parse(tmp_path / "j.xml").getroot()
        counts = suite.get("failures"), suite.get("errors")
        assert counts == (str(int(code == 1)), str(int(code == 2)))


def test_what_cannot_be_evaluated_outweighs_what_fails(check, tmp_path):
    two = "[cycles <= 1, 'cycles <= baseline * 1.01']"
    base = tmp_path / "b.json"
    assert check("cycles >= 1", "--write-baseline", base).code == 0
    assert check("cycles <= 1").code == 1
    document = json.loads(base.read_text())
    document["points"].pop()
    base.write_text(json.dumps(document))
    text = two.strip("[]").replace(", ", "\n  - ").replace("'", "")
    done = check(text, "--against", base)
    assert done.code == 2
    assert "1 cannot be evaluated, 2 failed, 1 held" in done.out
    done = check(text, "--against", base, "--new", "scheme=pruned")
    assert done.code == 1
    assert "2 failed, 1 new, 1 held" in done.out


def test_a_baseline_is_written_and_held(check, tmp_path):
    done = check("cycles == baseline", "--write-baseline", "b.json")
    assert (done.code, done.out.splitlines()[-1]) == (0, "baseline  b.json")
    assert "2 new" in done.out
    assert check("cycles == baseline", "--against", "b.json").code == 0
    done = check("cycles == baseline")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: gate.yaml, line 7: 'cycles == baseline' refers to a baseline; give one with "
        "--against, or make one with --write-baseline\n"
    )


def test_results_are_kept_beside_the_study_or_where_it_is_said(check, tmp_path):
    check("cycles >= 1")
    assert (tmp_path / "gate.db").is_file()
    check("cycles >= 1", "--store", "other.db")
    assert (tmp_path / "other.db").is_file()


def test_json_alone(check):
    done = check("cycles >= 1", "--json", "--write-baseline", "b.json")
    assert json.loads(done.out)["states"] == {"error": 0, "fails": 0, "new": 0, "holds": 2}
    assert "baseline  b.json" in done.err


def test_the_summary_goes_into_its_file_or_to_the_step(check, tmp_path, monkeypatch):
    step = tmp_path / "step.md"
    step.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(step))
    check("cycles >= 1", "--summary", "s.md")
    assert step.read_text() == "before\n"
    assert (tmp_path / "s.md").read_text().startswith("### hwsim check gate: 2 held\n")
    check("cycles >= 1")
    assert step.read_text().startswith("before\n### hwsim check gate: 2 held\n")
    check("cycle >= 1")
    assert step.read_text().count("### hwsim check gate: ") == 2
    assert step.read_text().endswith("did you mean 'cycles'?\n")


def test_no_report_of_a_former_check_is_left(check, tmp_path):
    options = ("--junit", "j.xml", "--summary", "s.md")
    assert check("cycles >= 1", *options).code == 0
    assert check("cycle >= 1", *options).code == 2
    assert "cannot be evaluated" in (tmp_path / "s.md").read_text()
    (error,) = Xml.parse(tmp_path / "j.xml").getroot().iter("error")
    assert error.get("message") == (
        "gate.yaml, line 7: expect.0: unknown measure 'cycle'; did you mean 'cycles'?"
    )


def test_a_report_that_cannot_be_written_costs_no_other(check):
    done = check("cycles >= 1", "--junit", "nosuch/j.xml")
    assert "check  gate: 2 held" in done.out
    assert (done.code, done.err.splitlines()[-1]) == (
        2,
        "error: nosuch/j.xml: cannot be written: No such file or directory",
    )


def test_what_a_baseline_need_not_have_needs_a_baseline(check):
    done = check("cycles >= 1", "--new", "scheme=pruned")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: --new declares what a baseline need not have; give one with --against\n"
    )


def test_a_scheme_is_not_compared_with_itself(check):
    done = check("energy_ratio(dense, dense) >= 1")
    assert done.code == 2
    assert "compares 'dense' with itself; name another scheme" in done.err
