"""What the page on equal area shows is what a run prints, and what machines of each kind have."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

import hwsim
from hwsim.reports.run_report import run_report
from tests.studies.test_equal_area import comparison

pytestmark = pytest.mark.outside

PAGE = (Path(__file__).parents[2] / "docs" / "equal_area.md").read_text(encoding="utf-8")
(SHOWN,) = re.findall(r"<!-- shows -->\n```text\n(.*?)```", PAGE, flags=re.DOTALL)
MACHINES = re.findall(r"^\| (\w+) \| (\d+) \| (\d+) \| (\d+\.\d) % \|", PAGE, flags=re.MULTILINE)


def test_the_worked_example_is_what_a_run_prints():
    result = hwsim.run(hwsim.make_network("resnet18"), equal_area=True)
    console = Console(width=120, file=io.StringIO(), highlight=False)
    console.print(run_report(result))
    printed = [line.rstrip() for line in console.file.getvalue().splitlines()]
    place = printed.index(SHOWN.splitlines()[0])
    assert printed[place : place + len(SHOWN.splitlines())] == SHOWN.splitlines()


def test_four_machines_are_listed():
    assert [name for name, *_ in MACHINES] == ["sigma", "scnn", "stc", "eie"]


@pytest.mark.parametrize(("name", "dense", "binary", "used"), MACHINES)
def test_units_and_area_of_a_machine(name, dense, binary, used):
    found = comparison(name, ["dense", "binary"])
    built = found.machines["binary"].built
    share = f"{100 * built.area / found.own.area:.1f}"
    assert (str(found.own.units), str(built.units), share) == (dense, binary, used)
