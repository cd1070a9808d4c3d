"""Chances of draws: fractions rounded once; large populations with the program's error."""

import math
from fractions import Fraction

import numpy as np
import pytest

from hwsim.engines.timeloop.density._draws import hypergeometric, none_drawn
from hwsim.engines.timeloop.density._large_population import LARGEST_EXACT, chances


def ways(nonzeros, draws, population, found):
    return Fraction(
        math.comb(nonzeros, found) * math.comb(population - nonzeros, draws - found),
        math.comb(population, draws),
    )


def test_two_draws_of_five_by_hand():
    occupancies, chance = hypergeometric(3, 2, 5)
    assert occupancies.tolist() == [0, 1, 2]
    assert chance.tolist() == [1 / 10, 6 / 10, 3 / 10]


@pytest.mark.parametrize(
    ("nonzeros", "draws", "population", "occupancies"),
    [(0, 3, 8, [0]), (8, 3, 8, [3]), (5, 8, 8, [5]), (5, 9, 8, [5]), (7, 6, 8, [5, 6])],
)
def test_only_possible_occupancies_have_a_chance(nonzeros, draws, population, occupancies):
    found, chance = hypergeometric(nonzeros, draws, population)
    assert found.tolist() == occupancies
    assert chance.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("nonzeros", "draws", "population"),
    [(37, 20, 100), (3000, 500, 9000), (104_722, 3, LARGEST_EXACT), (2, 50_000, LARGEST_EXACT)],
)
def test_every_chance_is_the_fraction_rounded_once(nonzeros, draws, population):
    occupancies, chance = hypergeometric(nonzeros, draws, population)
    for occupancy, one in zip(occupancies.tolist(), chance.tolist(), strict=True):
        assert one == float(ways(nonzeros, draws, population, occupancy))


def test_negligible_chances_are_left_out():
    occupancies, chance = hypergeometric(2000, 1000, 4000)
    most = chance.max()
    assert most * 1e-25 < chance.min() < most * 1e-23
    assert occupancies[0] > 0
    assert occupancies[-1] < 1000
    assert occupancies.tolist() == list(range(occupancies[0], occupancies[-1] + 1))
    below = ways(2000, 1000, 4000, int(occupancies[0]) - 1)
    assert below < Fraction(most) / 10**25


def test_chances_cannot_be_changed():
    for array in hypergeometric(3, 2, 5):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@pytest.mark.parametrize(("draws", "population"), [(2, 5), (17, 60), (3, LARGEST_EXACT)])
def test_none_drawn_is_the_fraction_rounded_once(draws, population):
    nonzeros = np.arange(min(population, 40) + 1)
    found = none_drawn(nonzeros, draws, population)
    for count, chance in zip(nonzeros.tolist(), found.tolist(), strict=True):
        zeros = population - count
        assert chance == float(Fraction(math.comb(zeros, draws), math.comb(population, draws)))


def test_none_drawn_starts_anywhere():
    assert none_drawn(np.array([3, 4]), 2, 5).tolist() == [1 / 10, 0]
    assert none_drawn(np.array([5]), 2, 5).tolist() == [0]
    assert none_drawn(np.array([4]), 0, 5).tolist() == [1]
    assert none_drawn(np.array([3, 4, 5]), 0, 5).tolist() == [1, 1, 1]
    assert none_drawn(np.array([6, 7]), 2, 5).tolist() == [0, 0]
    assert none_drawn(np.array([], dtype=np.int64), 2, 5).tolist() == []


def test_more_draws_than_points_draw_everything():
    assert none_drawn(np.array([0, 1]), 6, 5).tolist() == [0, 0]


def test_tiny_chances_are_right_until_doubles_end():
    # of 1000 draws and 500 non-zeros among 2000 points
    (chance,) = none_drawn(np.array([500]), 1000, 2000)
    assert chance == float(Fraction(math.comb(1500, 1000), math.comb(2000, 1000)))
    assert 0 < chance < 1e-160
    (denormal,) = none_drawn(np.array([1038]), 1000, 2100)
    assert denormal == float(Fraction(math.comb(1062, 1000), math.comb(2100, 1000)))
    assert none_drawn(np.array([50_000]), 50_000, 104_000).tolist() == [0]


# As the real program's library gives them with mantissas of 64 bits.
MEASURED = [
    (0, 70_656, 1, 117_760, "0x1.99999999999ffp-2"),
    (1, 70_656, 1, 117_760, "0x1.3333333333362p-1"),
    (12, 100_000, 37, 200_000, "0x1.b98546901a846p-7"),
    (600, 60_000, 1_500, 150_000, "0x1.5a2a908b2268dp-6"),
    (0, 3_000, 16, 147_456, "0x1.707efb2880261p-1"),
    (0, 1, 147_456, 589_824, "0x1.8000000000068p-1"),
    (150, 200_000, 450, 589_824, "0x1.3c047c89fab82p-5"),
    (2, 3, 500_000, 1_048_576, "0x1.6d6ce2f7155a6p-2"),
    (0, 5, 40_000, 1_048_576, "0x1.a583ece93b3b5p-1"),
    (70_000, 147_456, 280_000, 589_824, "0x1.3ae0f003092d4p-9"),
    (0, 300, 4_000, 1_000_000, "0x1.33a04b04f90cdp-2"),
    (1, 2, 3, 16_777_216, "0x1.7ffffd0000e48p-22"),
    (0, 4_000, 90_000, 200_000, "0x0.0p+0"),
]


@pytest.mark.parametrize(("found", "nonzeros", "draws", "population", "chance"), MEASURED)
def test_large_populations_have_the_error_of_64_bit_mantissas(
    found, nonzeros, draws, population, chance
):
    one = chances(np.array([found]), np.array([nonzeros]), draws, population)
    assert one[0].hex() == chance


def test_large_populations_one_by_one_and_together():
    found = np.arange(0, 120)
    together = chances(found, np.full_like(found, 60_000), 300, 150_000)
    alone = [chances(found[k : k + 1], np.array([60_000]), 300, 150_000)[0] for k in (0, 50, 119)]
    assert together[[0, 50, 119]].tolist() == alone
    assert chances(np.array([], dtype=np.int64), np.array([], dtype=np.int64), 3, 150_000).size == 0


def test_the_limit_is_the_largest_population_that_is_factorised():
    assert LARGEST_EXACT == 104_723
    _, exact = hypergeometric(50_000, 3, LARGEST_EXACT)
    assert exact[0] == float(ways(50_000, 3, LARGEST_EXACT, 0))
    _, beyond = hypergeometric(50_000, 3, LARGEST_EXACT + 1)
    expected = chances(np.arange(4), np.full(4, 50_000), 3, LARGEST_EXACT + 1)
    assert beyond.tolist() == expected.tolist()


def test_none_of_a_large_population():
    population = 150_000
    nonzeros = np.array([149_998, 149_999, 150_000])
    found = none_drawn(nonzeros, 2, population)
    assert found[0] == pytest.approx(2 / (population * (population - 1)), rel=1e-12)
    assert found[1:].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("nonzeros", "draws", "population"), [(593, 404, 687), (345, 398, 572), (243, 202, 292)]
)
def test_chances_are_negligible_beside_the_likeliest(nonzeros, draws, population):
    """Of neighbours of the likeliest, one more would be."""
    low, high = max(0, draws + nonzeros - population), min(draws, nonzeros)
    all_ways = {k: ways(nonzeros, draws, population, k) for k in range(low, high + 1)}
    least = max(all_ways.values()) / 10**25
    found, _ = hypergeometric(nonzeros, draws, population)
    assert found.tolist() == [k for k, chance in all_ways.items() if chance > least]
