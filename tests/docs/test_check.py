"""What the page on checks shows is understood, and of what there is."""

import re
from pathlib import Path

import pytest
import yaml

from hwsim.studies.expectations.measures import MEASURES
from hwsim.studies.study_file import study_of

pytestmark = pytest.mark.outside

CHECKOUT = Path(__file__).parents[2]
PAGE = (CHECKOUT / "docs" / "check.md").read_text(encoding="utf-8")


def block(name):
    (text,) = re.findall(rf"<!-- {name} -->\n```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    return yaml.safe_load(text)


def first_cells(table):
    rows = [row.split("|")[1] for row in table.splitlines()[2:] if row]
    return [name for cell in rows for name in re.findall(r"`([\w-]+)`", cell)]


def test_the_study_is_one():
    study = study_of({"study": "s", **block("checks")}, folder=CHECKOUT / "examples" / "studies")
    assert len(study.expectations) == 4


def test_every_measure_is_on_the_page():
    table = PAGE[PAGE.index("| measure |") : PAGE.index("**Schemes.**")]
    shown = first_cells(table)
    assert shown == list(MEASURES)


def test_the_workflow_gives_the_action_what_it_takes():
    action = yaml.safe_load((CHECKOUT / "action.yml").read_text(encoding="utf-8"))
    (step,) = (
        each for each in block("workflow")["jobs"]["hwsim"]["steps"] if "hwsim@" in each["uses"]
    )
    assert set(step["with"]) <= set(action["inputs"])
    table = PAGE[PAGE.index("| input |") : PAGE.index("Its output")]
    assert set(first_cells(table)) == set(action["inputs"])
