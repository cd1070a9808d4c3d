"""Boxes of points, by hand."""

import pytest

from hwsim.engines.timeloop.nest._boxes import motion, subtract, volumes


def box(*ranks):
    """By rank its first point and the one after its last."""
    return tuple(zip(*ranks, strict=True))


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [
        ((0, 3), (2, 5), 2),
        ((2, 5), (0, 3), -2),
        ((0, 3), (0, 3), 0),
        # a box that grows moves its centre by half a point: away from zero, as C rounds
        ((0, 3), (0, 4), 1),
        ((0, 4), (0, 3), -1),
        ((0, 3), (2, 4), 2),
    ],
)
def test_motion_of_the_centre(old, new, moved):
    assert motion(box(old), box(new)) == (moved,)
    assert motion(box((5, 6), old), box((5, 6), new)) == (0, moved)


def test_what_a_box_has_beyond_another():
    new = box((0, 4), (0, 5))
    # a hole in the middle: above, below, and what is left on both sides of it
    found = subtract(new, box((1, 3), (2, 3)))
    assert found == [
        box((0, 1), (0, 5)), box((3, 4), (0, 5)), box((1, 3), (0, 2)), box((1, 3), (3, 5)),
    ]  # fmt: skip
    assert volumes(found) == 20 - 2
    assert subtract(new, box((0, 4), (0, 5))) == []
    assert subtract(new, box((2, 9), (0, 5))) == [box((0, 2), (0, 5))]


@pytest.mark.parametrize("rows", [(4, 6), (-2, 0), (7, 9)])
def test_boxes_that_only_touch_have_nothing_in_common(rows):
    new = box((0, 4), (0, 5))
    assert subtract(new, box(rows, (1, 3))) == [new]
    assert subtract(box((0, 5), (0, 4)), box((1, 3), rows)) == [box((0, 5), (0, 4))]
