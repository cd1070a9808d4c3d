"""What differs is found, and named."""

from tests.equality.comparison import Comparison, leaves
from tests.equality.page import SETS, page
from tests.measured import golden_folder


def test_sections_are_compared_figure_by_figure():
    found = Comparison()
    found.equal(1, {"a": {"b": 2, "c": 3}}, {"a": {"b": 2, "c": 4}})
    assert (found.exact, found.differing) == (2, [(1, "a.c", 3, 4)])
    found.equal(2, {"a": 1, "b": 2}, {"a": 1}, "x")
    assert found.differing[1:] == [(2, "x", "other keys")]
    found.equal(3, 5, {"a": 1}, "y")
    assert found.differing[2:] == [(3, "y", "other keys")]


def test_what_is_rounded_has_a_tolerance():
    found = Comparison()
    found.near(1, 1.0001, 1.0, "near", 1e-3)
    found.near(1, 0.005, 0.0, "last decimal", 1e-3, 0.0051)
    assert found.differing == []
    assert abs(found.largest_error - 1e-4) < 1e-12
    found.near(2, 1.1, 1.0, "far", 1e-3)
    assert found.differing == [(2, "far", 1.1, 1.0)]
    assert found.rounded == 3


def test_leaves_have_the_way_to_them():
    assert list(leaves({"a": {"b": 1}, "c": 2})) == [(("a", "b"), 1), (("c",), 2)]


def test_the_page_says_what_a_comparison_found(monkeypatch):
    def compare():
        return Comparison(cases=7, refused=2, exact=1234, rounded=5, largest_error=2e-4)

    sets = tuple((*each[:-1], compare) for each in SETS)
    monkeypatch.setattr("tests.equality.page.SETS", sets)
    text = page()
    assert "| 7 | 1,234 | 5 | 1e-3 | 0 |" in text
    assert f"{2 * len(sets)} combinations" in text
    files = golden_folder("stonne_files").glob("*.jsonl")
    assert f"in {sum(len(each.read_text().splitlines()) for each in files)} runs" in text
