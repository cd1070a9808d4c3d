"""Cells that a spreadsheet would calculate."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.csv_tables import quoted_cell, text_of_cell, text_of_table, write_table


@pytest.mark.parametrize("text", ["=1+1", "+1", "-cmd", "@SUM(A1)", "\t=1", "'=1"])
def test_a_formula_is_quoted(text):
    assert quoted_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["conv1", "", "'quoted'", -1.5, None, "a=b"])
def test_all_else_stays(value):
    assert quoted_cell(value) == value
    assert text_of_cell(value) == value


@given(st.text())
def test_texts_come_back(text):
    assert text_of_cell(quoted_cell(text)) == text
    assert not quoted_cell(text).startswith(("=", "+", "-", "@"))


def test_tables(tmp_path):
    rows = [{"layer": "=x", "change": -1.5}]
    write_table(pd.DataFrame(rows), tmp_path / "t.csv")
    for text in ((tmp_path / "t.csv").read_text(), text_of_table(rows)):
        assert list(csv.reader(io.StringIO(text))) == [["layer", "change"], ["'=x", "-1.5"]]
