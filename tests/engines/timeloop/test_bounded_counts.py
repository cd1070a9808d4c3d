"""No number of a file decides how long it takes: what was counted one by one is not, or refused."""

from __future__ import annotations

import time

import pytest

from hwsim.engines.timeloop.density._draws import hypergeometric
from hwsim.engines.timeloop.density.banded_density import Banded
from hwsim.engines.timeloop.inputs import evaluate_timeloop
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.spec.sparse import widened
from hwsim.engines.timeloop.terms.constraints import Constraints
from hwsim.engines.timeloop.terms.problem import make_problem
from hwsim.errors import InputError
from tests.cli.test_cases import CASES

TEXT = (CASES / "timeloop" / "hyp_fix_1.0.yaml").read_text()


def one_by_one(bits: int, width: int) -> int:
    if bits > width > 0:
        return 2 * bits
    return next((wide for wide in range(bits, 2 * bits) if width % wide == 0), 2 * bits)


def test_units_are_widened_as_if_each_width_was_tried() -> None:
    for width in range(130):
        for bits in range(70):
            assert widened(bits, width) == one_by_one(bits, width), (bits, width)


@pytest.mark.parametrize(
    ("width", "found"),
    [(2**33, 2**32), (2**33 + 1, 2**33), (2**32 - 5, 2**33), (3 * 2**32, 2**32)],
)
def test_wide_units_are_widened_at_once(width: int, found: int) -> None:
    begin = time.process_time()
    assert widened(2**32, width) == found
    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize("width", range(12))
def test_non_zeros_of_a_band_are_those_of_its_diagonals(width: int) -> None:
    side = 12
    banded = Banded(width).of_tensor((side, side))
    inside = sum(abs(row - column) <= width for row in range(side) for column in range(side))
    assert banded.expected((side, side)) == pytest.approx(inside)


def test_bands_that_cannot_be_counted() -> None:
    with pytest.raises(InputError, match=r"more rows than the band is wide \(12\).*Got 12"):
        Banded(12).of_tensor((12, 12))
    with pytest.raises(InputError, match=r"1,048,576 at most\. Got 2,097,152"):
        Banded(3).of_tensor((2**21, 2**21))
    with pytest.raises(InputError, match="a band of width 100000 has too many tiles of 1 x 1"):
        Banded(100_000).of_tensor((2**20, 2**20)).max_occupancy((1, 1))


def test_draws_whose_occupancies_cannot_be_listed() -> None:
    occupancies, chances = hypergeometric(2**20, 2**20, 2**21)
    assert len(occupancies) < 20_000
    assert chances.sum() == pytest.approx(1)
    with pytest.raises(InputError, match="has more likely numbers of non-zeros than can be listed"):
        hypergeometric(2**39, 2**39, 2**40)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("width: 64", "width: 8589934593", "width: expected a whole number, 1,073,741,824 at most"),
        ("format: CP", "format: CP\n          payload_word_bits: 4294967296", "1,048,576 at most"),
        ("name: pe", "name: pe[0..1073741824]", "expected 1,073,741,824 instances at most"),
        ("name: pe", f"name: pe[0..1{'0' * 5000}]", "expected 1,073,741,824 instances at most"),
    ],
)
def test_what_no_chip_has(tmp_path, old: str, new: str, words: str) -> None:
    assert old in TEXT
    path = tmp_path / "x.yaml"
    path.write_text(TEXT.replace(old, new, 1))
    with pytest.raises(InputError, match=words):
        evaluate_timeloop([path])


def test_lengths_that_are_not_factored() -> None:
    spaces = {"A": [{"K": 1}], "Z": [{"M": 1}]}
    problem = make_problem({"M": 2, "K": 2**36 + 1}, spaces, ["Z"])
    with pytest.raises(InputError, match="mapper: K is 68,719,476,737 long"):
        MapSpace(problem, None, Constraints())  # type: ignore[arg-type]
