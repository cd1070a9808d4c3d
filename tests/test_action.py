"""The action: its shell steps run here as a runner would run them, but for the network.

Steps that use other actions (Python, the cache) are looked at and not run, and of pip it is only
seen what it is told.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
import yaml

pytestmark = pytest.mark.outside

CHECKOUT = Path(__file__).parents[1]
ACTION = yaml.safe_load((CHECKOUT / "action.yml").read_text(encoding="utf-8"))
WORKFLOW = yaml.safe_load((CHECKOUT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]
EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")
#: What ``shell: bash`` is, docs.github.com, workflow syntax.
BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")

#: Stands for the Python of the runner: pip writes down what it is asked for.
PYTHON = f"""#!/bin/bash
if [ "$1 $2" = "-m pip" ]; then echo "$@" >>"$PIP_LOG"; exit 0; fi
exec {sys.executable} "$@"
"""


class Runner:
    """Runs the shell steps of the action in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "bin").mkdir()
        python = folder / "bin" / "python"
        python.write_text(PYTHON)
        python.chmod(0o755)
        self.pip, self.output, self.summary = (
            folder / name for name in ("pip.txt", "output.txt", "step.md")
        )

    def __call__(self, cwd=CHECKOUT, **inputs):
        """Run the steps; give the exit code of the first that failed, and what steps said."""
        given = {name: each.get("default") for name, each in ACTION["inputs"].items()} | inputs
        values = {f"inputs.{name}": value for name, value in given.items()}
        values["github.action_path"] = str(CHECKOUT)
        code, said = 0, ""
        for step in STEPS:
            if "run" in step and (code == 0 or step.get("if") == "always()"):
                env = {
                    name: EXPRESSION.sub(lambda match: values[match[1]], text)
                    for name, text in step["env"].items()
                }
                done = self._run(step["run"], env, cwd)
                code = code or done.returncode
                said += done.stdout + done.stderr
        return code, said

    def _run(self, script, env, cwd):
        path = self.folder / "step.sh"
        path.write_text(script)
        return subprocess.run(
            [*BASH, str(path)],
            cwd=cwd,
            env={
                **os.environ,
                **env,
                "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
                "PYTHONPATH": str(CHECKOUT),
                "PIP_LOG": str(self.pip),
                "GITHUB_OUTPUT": str(self.output),
                "GITHUB_STEP_SUMMARY": str(self.summary),
            },
            capture_output=True,
            text=True,
            timeout=120,
        )


@pytest.fixture
def runner(tmp_path):
    return Runner(tmp_path)


def gate():
    """What the project's own workflow gives the action."""
    (step,) = (each for each in WORKFLOW["jobs"]["sweep"]["steps"] if each.get("uses") == "./")
    return step["with"]


def test_the_projects_own_sweep_passes_and_a_broken_one_fails(runner, tmp_path):
    reports = {"junit": str(tmp_path / "j.xml"), "summary": str(tmp_path / "s.md")}
    store = str(tmp_path / "kept" / "x.db")
    code, said = runner(**gate(), **reports, store=store)
    assert code == 0, said
    assert runner.pip.read_text().split()[-1] == str(CHECKOUT)
    assert runner.output.read_text() == "code=0\n"
    assert runner.summary.read_text() == (tmp_path / "s.md").read_text()
    (suite,) = Xml.parse(tmp_path / "j.xml").getroot()
    assert int(suite.get("tests")) > 50
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("0", "0", "0")

    # The same study, expecting more than there is; the store knows all of it.
    study = (CHECKOUT / gate()["study"]).read_text(encoding="utf-8")
    (tmp_path / "digits").symlink_to(CHECKOUT / "examples" / "digits")
    (tmp_path / "my studies").mkdir()
    (tmp_path / "my studies" / "x.yaml").write_text(study.replace(">= 1.6", ">= 3"))
    given = {**gate(), **reports, "study": "my studies/x.yaml", "version": "1.2"}
    given["against"] = str(CHECKOUT / gate()["against"])
    code, said = runner(
        cwd=tmp_path, **given, store="kept/x.db", new="scheme=x\n\nlayer=fc, seed=3"
    )
    assert code == 1, said
    assert runner.pip.read_text().split()[-1] == "hwsim==1.2"
    assert runner.output.read_text() == "code=0\ncode=1\n"
    assert "**fails**" in runner.summary.read_text()
    for declared in ("scheme=x", "layer=fc, seed=3"):
        assert f"--new '{declared}' is of nothing that the baseline has not" in said
    (suite,) = Xml.parse(tmp_path / "j.xml").getroot()
    assert int(suite.get("failures")) > 0


def test_a_study_that_is_none_is_exit_2_with_reports(runner, tmp_path):
    code, said = runner(cwd=tmp_path, study="nosuch.yaml")
    assert (code, runner.output.read_text()) == (2, "code=2\n")
    assert "error: nosuch.yaml: no such file" in said
    assert "nosuch.yaml: no such file" in runner.summary.read_text()
    assert len(list(Xml.parse(tmp_path / "hwsim-junit.xml").getroot().iter("error"))) == 1


def test_every_input_is_used_and_declared():
    used = set()
    for step in STEPS:
        texts = [str(each) for part in ("env", "with") for each in step.get(part, {}).values()]
        for text in texts:
            used |= set(EXPRESSION.findall(text))
    inputs = {name.removeprefix("inputs.") for name in used if name.startswith("inputs.")}
    assert inputs == set(ACTION["inputs"])
    others = {name for name in used if not name.startswith("inputs.")}
    assert others == {"github.action_path", "github.run_id", "github.run_attempt"}
    assert all(each["description"] for each in ACTION["inputs"].values())


def test_no_input_becomes_shell():
    for step in STEPS:
        assert "${{" not in step.get("run", "")
        assert step.get("shell") == ("bash" if "run" in step else None)


def test_the_store_comes_from_the_run_before_and_goes_to_the_next():
    restore, save = (step for step in STEPS if "actions/cache" in step.get("uses", ""))
    assert (restore["uses"], save["uses"]) == ("actions/cache/restore@v4", "actions/cache/save@v4")
    assert restore["with"]["path"] == save["with"]["path"] == "${{ inputs.store }}"
    assert restore["with"]["key"] == save["with"]["key"]
    assert save["with"]["key"].startswith(restore["with"]["restore-keys"])
    # What was evaluated is kept when an expectation fails, too.
    assert save["if"] == "always()"


def test_the_workflow_uses_the_action_and_keeps_its_reports():
    assert set(gate()) <= set(ACTION["inputs"])
    assert (CHECKOUT / gate()["study"]).is_file()
    assert (CHECKOUT / gate()["against"]).is_file()
    (upload,) = (
        each
        for each in WORKFLOW["jobs"]["sweep"]["steps"]
        if each.get("uses", "").startswith("actions/upload-artifact@")
    )
    assert upload["if"] == "always()"
    defaults = [ACTION["inputs"][name]["default"] for name in ("junit", "summary")]
    assert upload["with"]["path"].split() == defaults


def test_make_does_the_same():
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    (command,) = re.findall(r"^check:.*\n((?:\t.*\n)+)", makefile, flags=re.MULTILINE)
    assert f"check {gate()['study']} --against {gate()['against']}" in " ".join(
        command.replace("\\\n", "").split()
    )
