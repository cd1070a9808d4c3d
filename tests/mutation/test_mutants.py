from pathlib import Path

import pytest

from tests.mutation.coverage_of_tests import Coverage
from tests.mutation.mutants import draw, mutants_of, mutated_text

MODULE = '''\
"""A module."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    LIMIT = 3 + 4

__all__ = ["area" + "s"]

Side = int | float
MOST = 7


@dataclass(frozen=True)
class Box:
    sides: tuple[Literal[1, 2] | None, ...] = (3,)


def area(width: Side, height: int | None = None) -> list[Literal[5]]:
    pairs = zip(width, height, strict=True)
    if isinstance(width, int | float):
        return min(width, MOST) * height


ENDLESS = 1e30
'''


@pytest.fixture
def root(tmp_path):
    (tmp_path / "hwsim").mkdir()
    (tmp_path / "hwsim" / "box.py").write_text(MODULE)
    return tmp_path


def test_what_computes_is_mutated_and_what_only_says_something_is_not(root):
    spots = list(mutants_of(root / "hwsim" / "box.py", root))
    assert [[str(mutant) for mutant in spot] for spot in spots] == [
        ["hwsim/box.py:13:7  7  ->  8"],
        ["hwsim/box.py:18:47  3  ->  4"],
        [
            "hwsim/box.py:24:15  min(width, MOST) * height  ->  min(width, MOST) / height",
        ],
        ["hwsim/box.py:24:15  min(width, MOST)  ->  max(width, MOST)"],
    ]
    assert [spot[0].in_function for spot in spots] == [False, False, True, True]


def test_a_mutant_differs_from_its_module_in_one_place(root):
    *_, (mutant,) = mutants_of(root / "hwsim" / "box.py", root)
    assert mutated_text(mutant, root) == MODULE.replace("min(width", "max(width")
    (root / mutant.path).write_text("def area(): ...\n")
    with pytest.raises(LookupError, match="not in the module"):
        mutated_text(mutant, root)


def test_a_seed_draws_the_same_mutants_again(root):
    drawn = [draw(["hwsim"], 3, seed, root) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1]
    assert {len(set(mutants)) for mutants in drawn} == {3}
    assert len(draw(["hwsim"], 100, 0, root)) == 4


def test_the_nearest_tests_come_first_and_slow_ones_last(root):
    *_, (mutant,) = mutants_of(root / "hwsim" / "box.py", root)
    tests = {
        "tests/test_other.py::test": 0.1,
        "tests/test_box.py::test_slow": 30.0,
        "tests/test_box.py::test": 1.0,
        "tests/test_last.py::test_slow": 40.0,
        "tests/test_import.py::test": 0.1,
    }
    *running, importing = tests
    coverage = Coverage({"hwsim/box.py": {24: running, 1: [importing]}}, tests)
    order = ["tests/test_box.py::test", "tests/test_other.py::test", "tests/test_box.py::test_slow"]
    assert coverage.tests_of(mutant) == order
    constant = next(iter(mutants_of(Path(root / "hwsim" / "box.py"), root)))[0]
    assert importing in coverage.tests_of(constant)


def test_the_tests_of_a_private_module_are_near(root):
    (root / "hwsim" / "_box.py").write_text(MODULE)
    *_, (mutant,) = mutants_of(root / "hwsim" / "_box.py", root)
    tests = {"tests/test_box.py::test": 1.0, "tests/test_other.py::test": 0.1}
    coverage = Coverage({"hwsim/_box.py": {24: sorted(tests)}}, tests)
    assert coverage.tests_of(mutant) == [*tests]


def test_a_module_without_functions_is_tried_on_the_nearest_tests(root):
    tests = {"tests/test_other.py::test": 0.1, "tests/test_box.py::test": 1.0}
    constant, *_, in_function = (spot[0] for spot in mutants_of(root / "hwsim" / "box.py", root))
    coverage = Coverage({"hwsim/box.py": {7: []}}, tests)
    assert coverage.tests_of(constant) == [*reversed(tests)]
    assert coverage.tests_of(in_function) == []


def test_a_function_that_only_an_import_runs_is_tried_on_the_tests_of_its_module(root):
    tests = {"tests/test_other.py::test": 0.1, "tests/test_box.py::test": 1.0}
    *_, (in_function,) = mutants_of(root / "hwsim" / "box.py", root)
    coverage = Coverage({"hwsim/box.py": {13: ["tests/test_box.py::test"], 24: []}}, tests)
    assert coverage.tests_of(in_function) == ["tests/test_box.py::test"]
