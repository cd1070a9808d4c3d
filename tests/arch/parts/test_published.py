"""The data files of published figures."""

import re
from pathlib import Path

import pytest

from hwsim.arch.parts.published import (
    FAMILIES,
    entries,
    published,
    read_published,
    read_published_file,
)
from hwsim.arch.parts.sram import read_sram_table
from hwsim.errors import InputError


def test_every_row_says_its_source_and_unit() -> None:
    for family in FAMILIES:
        spec = read_published(family)
        assert all(row.source in spec.sources for row in spec.rows)
        assert set(spec.ranges) <= set(entries(family))
    assert sum(len(read_published(family).rows) for family in FAMILIES) == 35
    assert len(read_sram_table().rows) == 200
    figure = published("logic", "int_multiply", "energy", 8)
    assert (figure.value, figure.node_nm) == (0.2, 45.0)


DATA = """\
schema: 1
name: logic
title: mine
sources: {paper: a paper}
ranges: {}
rows:
  - {entry: int_add, bits: 8, energy: 0.03 pJ, node: 45 nm, source: paper}
"""


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "0.03 pJ",
            "0.03",
            ", line 7: rows.0.energy: should be a valid string. Got 0.03",
        ),
        (
            "0.03 pJ",
            "0.03 nJ",
            ", line 7: rows.0: energy should be a number of 0 or more and pJ. Got '0.03 nJ'",
        ),
        (
            "0.03 pJ",
            "-1 pJ",
            ", line 7: rows.0: energy should be a number of 0 or more and pJ. Got '-1 pJ'",
        ),
        (
            "source: paper}",
            "source: papr}",
            ", line 7: rows.0.source: 'papr' is not among the sources; did you mean 'paper'?",
        ),
        (", source: paper}", "}", ", line 7: rows.0.source: missing; this key is required"),
        ("schema: 1", "schema: 2", ", line 1: schema: should be 1. Got 2"),
        (
            "energy: 0.03 pJ, ",
            "",
            ", line 7: rows.0: should state one of energy, area, energy_per_mm, power_density. "
            "Got none",
        ),
    ],
)
def test_a_bad_data_file_gets_one_line_with_file_line_and_key(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    path = tmp_path / "logic.yaml"
    path.write_text(DATA.replace(before, after))
    with pytest.raises(InputError, match=f"^{re.escape(str(path) + message)}$"):
        read_published_file(path)
