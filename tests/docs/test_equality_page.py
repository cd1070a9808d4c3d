"""What the README says of equality is the sum of what the page has, which a comparison wrote."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.outside

CHECKOUT = Path(__file__).parents[2]
PAGE = (CHECKOUT / "docs" / "equality.md").read_text(encoding="utf-8")
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
VALIDATION = (CHECKOUT / "docs" / "validation.md").read_text(encoding="utf-8")


def rows():
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 8 and re.fullmatch(r"[\d,]+", cells[3]):
            cases, counts = (int(cells[place].replace(",", "")) for place in (3, 4))
            yield cells[0], cells[1].strip("`"), cases, counts, cells[6], cells[7]


def test_nothing_differs():
    assert len(list(rows())) >= 5
    assert {differing for *_, differing in rows()} == {"0"}


def test_the_readme_has_the_sums():
    stonne = [row for row in rows() if row[0].startswith("STONNE")]
    assert {row[1] for row in stonne} == {"sigma", "maeri", "tpu"}
    counts, runs = sum(row[3] for row in stonne), sum(row[2] for row in stonne)
    assert f"{counts:,} counts of {runs:,} runs, all exactly" in README
    (timeloop,) = [row for row in rows() if row[1] == "sparseloop"]
    assert f"{timeloop[3]:,} counts of {timeloop[2]:,} runs, all exactly" in README
    assert float(timeloop[4]) < 1e-3  # beyond the decimals of its file


def test_the_readme_has_the_layers_of_eyeriss():
    (found,) = re.findall(
        r"^\| eyeriss_v2_pe \|.*\| exact \|.*\| (\d+ of \d+) \|$", VALIDATION, re.M
    )
    assert f"cycles of {found} layers, exactly" in README
