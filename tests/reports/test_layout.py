"""Tables of figures: set by themselves as rich sets them."""

from __future__ import annotations

import io
from itertools import zip_longest

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from hwsim.reports._layout import add_row, figures

TEXTS = st.text("ab c[]日1,", max_size=12).map(str.strip)
HEADINGS = st.lists(TEXTS, min_size=1, max_size=3).map("\n".join)


def printed(report: RenderableType, width: int) -> list[str]:
    text = io.StringIO()
    Console(file=text, width=width, highlight=False).print(report)
    return [line.rstrip() for line in text.getvalue().splitlines()]


@pytest.mark.parametrize("width", [20, 120])
@settings(max_examples=30, deadline=None)
@given(
    words=st.lists(HEADINGS, min_size=1, max_size=2),
    numbers=st.lists(HEADINGS, min_size=1, max_size=3),
    caption=st.sampled_from([None, "a caption", "a caption that is longer than most tables are"]),
    rows=st.lists(st.lists(TEXTS, min_size=1, max_size=5), max_size=4),
)
def test_rows_stand_as_rich_would_set_them(words, numbers, caption, rows, width):
    expected = Table(
        box=SIMPLE_HEAD,
        padding=0,
        pad_edge=False,
        show_edge=False,
        caption=caption and Text(caption),
        caption_justify="left",
    )
    for heading in words:
        expected.add_column(Text(heading), overflow="fold")
    for heading in numbers:
        expected.add_column(Text(heading), justify="right", no_wrap=True)
    table = figures(words, numbers, caption)
    widest = [max(map(cell_len, heading.split("\n"))) for heading in (*words, *numbers)]
    for row in rows:
        cells = row[: len(words) + len(numbers)]
        add_row(table, *cells)
        expected.add_row(*map(Text, cells))
        widest = [max(pair) for pair in zip_longest(widest, map(cell_len, cells), fillvalue=0)]
    least = [min(10, each) for each in widest[: len(words)]] + widest[len(words) :]
    # Where numbers have no room, a figure stands in a line of its own, and no table is set.
    assume(not rows or sum(max(1, each) for each in least) + len(least) - 1 <= width)
    assert printed(table, width) == printed(expected, width)
    assert printed(table, width) == printed(expected, width)  # again: nothing is used up
