"""What is shown of the texts of others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.shown_text import LONGEST_LINE, bounded, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("a\rb\x85c\x7f", r"a\rb\x85c\x7f"),
        ("tabs\tand\nlines stay", "tabs\tand\nlines stay"),
        ("right \u202eto left", r"right \u202eto left"),
        ("größe 層 😀", "größe 層 😀"),
    ],
)
def test_control_characters_are_escapes(text, shown):
    assert visible(text) == shown


def test_a_long_value_is_cut_and_what_is_said_of_it_stays():
    value = "x" * 5000
    line = bounded(f"net.yaml, line 3: layers.kernel: expected a number. Got {value!r}; see docs")
    assert line == (
        "net.yaml, line 3: layers.kernel: expected a number. Got "
        f"'{'x' * 37}...{'x' * 18}'; see docs"
    )


@given(st.text(max_size=60), st.integers(0, 2))
def test_lines_have_a_length(text, times):
    line = bounded("file.yaml: " + text * 10**times)
    assert len(line) <= LONGEST_LINE
    assert visible(line) == line


@given(st.text(max_size=200))
def test_short_lines_stay(text):
    assert bounded(visible(text)[:LONGEST_LINE]) == visible(text)[:LONGEST_LINE]
