"""Density models by hand: fixed structured, hypergeometric, and actual data."""

import numpy as np
import pytest

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.density import FixedStructured, Hypergeometric
from hwsim.errors import InputError


@pytest.mark.parametrize(
    ("density", "box", "occupancies", "chances"),
    [
        (0.3, (2, 5), [3], [1.0]),
        (0.3, (5,), [1, 2], [0.5, 0.5]),
        (0.25, (3, 2), [1, 2], [0.5, 0.5]),
        (0.25, (2,), [0, 1], [0.5, 0.5]),
        (0.0, (4,), [0], [1.0]),
        (1.0, (4, 2), [8], [1.0]),
    ],
)
def test_fixed_structured_has_one_or_two_occupancies(density, box, occupancies, chances):
    model = FixedStructured(density)
    found, shares = model.distribution(box)
    assert found.tolist() == occupancies
    assert shares == pytest.approx(chances)
    assert model.max_occupancy(box) == occupancies[-1]
    assert model.expected(box) == pytest.approx(np.dot(occupancies, chances))


def test_fixed_structured_does_not_depend_on_the_tensor():
    model = FixedStructured(0.5)
    assert model.of_tensor((8, 8)) is model
    assert model.name == "fixed_structured"


@pytest.mark.parametrize(("size", "empty"), [(1, 0.7), (2, 0.4), (3, 0.1), (4, 0.0), (100, 0.0)])
def test_fixed_structured_tiles_are_empty_until_they_hold_one(size, empty):
    assert FixedStructured(0.3).empty((size,)) == pytest.approx(empty)
    assert FixedStructured(0.3).empty((1, size)) == pytest.approx(empty)


def test_fixed_structured_most_of_a_size():
    model = FixedStructured(0.3)
    assert [model.max_occupancy_of_size(size) for size in (1, 3, 4, 10, 11)] == [1, 1, 2, 3, 4]


def test_fixed_structured_parts_of_a_known_tile():
    # tiles of 8 points with 0, 2, 4 and 8 of them: parts of 2 points hold 0, 1/2, 1 and 2
    found = FixedStructured(0.3).empty_given((2,), (4, 2), 8, np.array([0, 2, 4, 8]))
    assert found.tolist() == [1.0, 0.5, 0.0, 0.0]


def test_most_elements_are_non_zeros_or_all():
    model = FixedStructured(0.25)
    assert model.max_elements((8, 2), (1, 1)) == 4  # as many as there are non-zeros
    assert model.max_elements((8, 2), (4, 2)) == 2  # as many as there are elements
    strewn = Hypergeometric(0.25, 64)
    assert strewn.max_elements((4, 8), (1, 1)) == 16
    assert strewn.max_elements((8, 2), (4, 2)) == 2
    assert (strewn.max_elements((7, 2), (4, 1)), model.max_elements((7, 2), (4, 1))) == (3, 3)


def test_hypergeometric_rounds_its_non_zeros_up():
    model = Hypergeometric(0.3).of_tensor((3, 5))
    assert (model.tensor_size, model.nonzeros, model.name) == (15, 5, "hypergeometric")
    assert model.max_occupancy((2, 2)) == 4
    assert model.max_occupancy((2, 3)) == 5
    assert model.max_occupancy_of_size(3) == 3


def test_hypergeometric_by_hand():
    model = Hypergeometric(0.6, 5)  # 3 of 5 points
    occupancies, chances = model.distribution((2, 1))
    assert (occupancies.tolist(), chances.tolist()) == ([0, 1, 2], [0.1, 0.6, 0.3])
    assert model.empty((1, 2)) == 0.1
    assert model.empty((3,)) == 0.0
    assert model.expected((2,)) == pytest.approx(1.2)
    # two draws from a tile of four that holds none, one, two of them
    given = model.empty_given((2,), (4,), 4, np.array([0, 1, 2]))
    assert given.tolist() == [1.0, 0.5, 1 / 6]


def test_actual_data_by_hand():
    mask = np.array([[1, 0, 0, 1], [0, 0, 0, 0], [1, 1, 1, 0]], dtype=bool)
    model = ActualData(mask)
    assert model.of_tensor((3, 4)) is model
    assert model.name == "actual"
    occupancies, chances = model.distribution((2, 2))  # the last row of tiles is cut off
    assert (occupancies.tolist(), chances.tolist()) == ([1, 2], [0.75, 0.25])
    assert model.empty((1, 2)) == pytest.approx(2 / 6)
    assert model.empty((1, 1)) == pytest.approx(7 / 12)
    assert model.expected((2, 3)) == pytest.approx(6 * 5 / 12)
    assert model.max_occupancy((1, 4)) == 3
    assert [model.max_occupancy_of_size(size) for size in (4, 5, 6)] == [4, 5, 5]
    assert model.max_elements((3, 4), (1, 1)) == 5
    assert model.max_elements((1, 4), (1, 1)) == 3
    # halves of the rows: of rows with 2 non-zeros none is empty, with 3 none, with 0 both
    assert model.empty_given((1, 2), (1, 4), 4, np.array([0, 2, 3])).tolist() == [1.0, 0.0, 0.0]


def bad(message, key):
    return InputError(f"{key}: {message}")


def test_arrays_become_masks():
    model = ActualData.of_array(np.array([[0.0, -2.0], [3.0, 0.0]]), (2, 2), bad, "data")
    assert model.mask.tolist() == [[False, True], [True, False]]


def test_arrays_of_another_shape_or_of_no_numbers_are_refused():
    with pytest.raises(InputError) as caught:
        ActualData.of_array(np.zeros((2, 3)), (3, 2), bad, "data")
    assert str(caught.value) == (
        "data: expected an array of 3x2 (the ranks of the data space). Got 2x3"
    )
    with pytest.raises(InputError) as caught:
        ActualData.of_array(np.array(["a", "b"]), (2,), bad, "data")
    assert str(caught.value) == "data: expected numbers. Got an array of <U1"
