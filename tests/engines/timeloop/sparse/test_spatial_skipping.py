"""Instances that hold nothing are left out: by hand. Dimensions M, N, K; A is M x K."""

import pytest

from hwsim.engines.timeloop.density.density import FixedStructured, Hypergeometric
from hwsim.engines.timeloop.sparse.conditional_saving import Savings
from hwsim.engines.timeloop.sparse.spatial_skipping import skip_in_space
from hwsim.engines.timeloop.terms.machine import Mesh
from hwsim.engines.timeloop.terms.sparse_spec import Condition, Saving, SparseOptimizations
from hwsim.errors import InputError
from tests.engines.timeloop.sparse.parts import (
    compressed,
    compute,
    extents,
    level,
    machine,
    product,
    tile,
)

M, N, K = range(3)
A, B, Z = range(3)


HALF = FixedStructured(0.5)


def skip(loops, units, *wanted, density=HALF, represented=(A,), plain=(), bypassed=(), meshes=None):
    """Wanted: (level, target, others); plain, bypassed: (space, level).

    Returns tiles by data space, the units, and savings.
    """
    spaces, widths = [], []
    for number in range(len(loops)):
        columns = rows = 1
        for one in (loop for inside in loops[number + 1 :] for loop in inside):
            if len(one) > 2:
                columns *= one[1] if one[2] == "x" else 1
                rows *= one[1] if one[2] == "y" else 1
        widths.append((columns, rows))
    for space in (A, B, Z):
        row = []
        for number, (columns, rows) in enumerate(widths):
            form = compressed() if space in represented and (space, number) not in plain else None
            size = 0 if (space, number) in bypassed else 8
            row.append(tile(size, instances=columns * rows, columns=columns, rows=rows,
                            density=density, representation=form))  # fmt: skip
        spaces.append(row)
    working = compute(units, units)
    columns = rows = 1
    for one in (loop for inside in loops for loop in inside):
        if len(one) > 2:
            columns *= one[1] if one[2] == "x" else 1
            rows *= one[1] if one[2] == "y" else 1
    working.columns, working.rows = columns, rows
    by_level = {}
    for number, of, on in wanted:
        saving = Saving("skipping_spatial", (Condition(of, on),))
        by_level[number] = (*by_level.get(number, ()), saving)
    made = [level(f"L{number}", Mesh(*mesh)) for number, mesh in enumerate(meshes or widths)]
    savings = Savings()
    problem = product(A=density, B=density)
    skip_in_space(
        problem, spaces, working, extents(3, *loops), SparseOptimizations(savings=by_level),
        machine(*made, mesh=Mesh(columns, rows)), savings,
    )  # fmt: skip
    return spaces, working, savings


def shown(tiles):
    return [(one.columns, one.rows, one.instances) for one in tiles]


def test_nothing_asked_nothing_left_out():
    spaces, working, savings = skip([[(M, 4)], [(K, 4, "x")]], 4)
    assert shown(spaces[A]) == [(4, 1, 4), (1, 1, 1)]
    assert (working.columns, working.rows, working.instances) == (4, 1, 4)
    assert savings.spatial == {}


ONE = [(M, 1)]
SAVED = (1, B, (A,))


@pytest.mark.parametrize(
    ("loops", "density", "inner", "outer"),
    [
        # a point along K is there with chance 1/2; of a fiber of 4 at most 2
        ([ONE, [(K, 4, "x")]], FixedStructured(0.5), (2, 1, 2.0), 0.5),
        # parts of 2 x 1 points, a quarter not zero: half are empty, and a fiber holds 2 points
        ([[(M, 2)], [(K, 4, "x")]], FixedStructured(0.25), (2, 1, 2.0), 0.5),
        # what does not walk A is left alone: all of N
        ([[(N, 2, "x")], [(K, 4, "x")]], FixedStructured(0.5), (2, 1, 2.0), 0.5),
        # one of ten points: of four places at most one, and 0.4 on average
        ([ONE, [(K, 4, "x")]], FixedStructured(0.1), (1, 1, 0.4), 0.9),
        # two of eight points at random: all places of four may hold both
        ([ONE, [(K, 4, "x")]], Hypergeometric(0.25, 8), (2, 1, 1.0), 0.75),
        ([ONE, [(K, 4, "y")]], FixedStructured(0.5), (1, 2, 2.0), 0.5),
    ],
)
def test_places_that_hold_nothing_are_left_out(loops, density, inner, outer):
    spaces, _, savings = skip(loops, 4, SAVED, density=density)
    for space in (A, B):
        columns, rows, instances = shown(spaces[space])[0]
        assert (columns, rows, instances) == (*inner[:2], pytest.approx(inner[2]))
        assert shown(spaces[space])[1] == (1, 1, 1)
    # results know of no zeros, and keep all units
    assert shown(spaces[Z]) == [(4, 1, 4), (1, 1, 1)] if loops[1][0][2] == "x" else True
    assert savings.spatial == {(1, B): pytest.approx(outer)}


def test_units_are_those_of_the_data_space_that_needs_most():
    _, working, _ = skip([ONE, [(K, 4, "x")]], 4, SAVED)
    assert (working.columns, working.rows, working.instances) == (4, 1, 4)
    _, working, _ = skip([ONE, [(K, 4, "x")]], 4, SAVED, represented=(A, B, Z))
    assert working.columns == 4  # K does not walk results
    _, working, _ = skip([ONE, [(M, 4, "x")]], 4, (1, B, (A,)), represented=(A, Z))
    # M walks A and Z: both need half; B is asked to follow A
    assert (working.columns, working.rows, working.instances) == (2, 1, 2)


def test_plain_others_leave_nothing_out():
    spaces, _, savings = skip([ONE, [(K, 4, "x")]], 4, SAVED, represented=())
    assert shown(spaces[B]) == [(4, 1, 4), (1, 1, 1)]
    assert savings.spatial == {(1, B): 0}


def test_what_is_left_out_outside_is_left_out_inside():
    loops = [ONE, [(K, 2, "x")], [(K, 4, "x")]]
    spaces, _, savings = skip(loops, 8, (1, B, (A,)), (2, B, (A,)))
    # of the eight places half hold a point; parts of two points are never empty
    assert shown(spaces[B]) == [(4, 1, 4.0), (4, 1, 4.0), (1, 1, 1)]
    assert savings.spatial == {(2, B): 0, (1, B): 0.5}


def test_what_runs_while_the_target_stays_is_covered():
    # 8 of 32 points at random. B's tile stays while M runs: its place is left out if both of A's
    # points are empty
    strewn = Hypergeometric(0.25, 32)
    loops = [ONE, [(N, 2)], [(K, 4, "y"), (M, 2)]]
    spaces, _, savings = skip(loops, 4, (2, B, (A,)), density=strewn)
    both = 24 * 23 / (32 * 31)
    assert savings.spatial == {(2, B): pytest.approx(both)}
    assert shown(spaces[B])[1] == (1, 4, pytest.approx(4 * (1 - both)))
    # not once N has replaced it
    loops = [ONE, [(N, 2)], [(K, 4, "y"), (N, 2), (M, 2)]]
    _, _, savings = skip(loops, 4, (2, B, (A,)), density=strewn)
    assert savings.spatial == {(2, B): pytest.approx(0.75)}


def test_nothing_is_covered_for_loops_that_do_not_walk_the_target():
    loops = [ONE, [(N, 2)], [(M, 4, "y"), (M, 2)]]
    _, _, savings = skip(loops, 4, (2, B, (A,)), density=Hypergeometric(0.25, 32))
    assert savings.spatial == {(2, B): pytest.approx(0.75)}


def test_units_on_average_are_rounded_down():
    third = FixedStructured(0.3)
    _, working, _ = skip([ONE, [(M, 4, "x")]], 4, SAVED, density=third, represented=(A, Z))
    assert (working.columns, working.instances) == (2, 1)  # 2 of 4 at most, 1.2 on average


def test_instances_that_are_left_have_to_fit():
    with pytest.raises(InputError) as caught:
        skip([ONE, [(K, 4, "x")]], 4, SAVED, meshes=((1, 1), (1, 1)))
    assert str(caught.value) == (
        "L1: A needs 2 x 1 instances below each even after skipping, but there are 1 x 1"
    )


def test_no_instance_left_is_refused():
    with pytest.raises(InputError) as caught:
        skip([ONE, [(K, 4, "x")]], 4, SAVED, density=FixedStructured(0.0))
    assert str(caught.value) == ("sparse_optimizations: skipping in space leaves no instance for A")


def test_points_of_the_innermost_level_are_left_out_one_by_one():
    spaces, working, savings = skip([[(M, 4, "x")], [(K, 2)]], 4, (0, B, (A,)))
    assert savings.spatial == {(0, B): 0.5}
    assert shown(spaces[A]) == [(1, 1, 1), (1, 1, 1)]  # the tiles themselves are all there
    assert (working.columns, working.rows, working.instances) == (4, 1, 4)  # results: all
    _, working, _ = skip([[(M, 4, "y")], [(K, 2)]], 4, (0, B, (A,)), represented=(A, Z))
    assert (working.columns, working.rows, working.instances) == (1, 2, 2)


def test_one_place_is_not_left_out():
    spaces, _, savings = skip([ONE, [(K, 1, "x"), (M, 4)]], 1, SAVED)
    assert shown(spaces[A]) == shown(spaces[B]) == [(1, 1, 1), (1, 1, 1)]
    assert savings.spatial == {(1, B): 0}


EIGHTH = FixedStructured(0.125)


def test_a_plain_level_inside_a_represented_one():
    # rows of 4 points, an eighth not zero: half of them are empty, of two at most one is not
    loops = [[(K, 4, "x")], [(M, 2, "x")]]
    spaces, working, savings = skip(
        loops, 8, SAVED, density=EIGHTH, represented=(A, Z), plain=((A, 0), (Z, 0))
    )
    assert savings.spatial == {(1, B): 0.5}
    for space in (A, B):
        assert shown(spaces[space]) == [(1, 1, 1), (1, 1, 1)]
    # one result of a row is there with chance 1/8
    assert shown(spaces[Z]) == [(1, 1, 0.25), (1, 1, 1)]
    # what no row needs, none of its four units does
    assert (working.columns, working.rows, working.instances) == (4, 1, 4)


def test_shares_are_passed_inwards_down_to_the_next_level_with_its_own():
    loops = [[(N, 2, "x")], [(N, 2, "x")], [(M, 2, "x")]]
    # each row of A is one point, there with chance 1/2: of two rows at most one
    spaces, working, savings = skip(loops, 8, (2, B, (A,)), represented=(A,))
    assert savings.spatial == {(2, B): 0.5}
    assert shown(spaces[A]) == shown(spaces[B]) == [(2, 1, 2), (1, 1, 1), (1, 1, 1)]
    assert (working.columns, working.instances) == (8, 8)  # results: all
    # a level that skips by itself keeps its own share, and what it passes on is its own
    spaces, _, savings = skip(loops, 8, (2, B, (A,)), (1, B, (Z,)), represented=(A, Z))
    assert savings.spatial[2, B] == 0.5
    # N walks Z: of two results of 2 points half a point each
    assert savings.spatial[1, B] == pytest.approx(0.0)
    assert shown(spaces[B]) == [(2, 1, 4), (1, 1, 1), (1, 1, 1)]


def test_on_average_fewer_but_at_most_all():
    # 2 of 8 points at random: a row of one point is empty with chance 3/4, but both may be there
    loops = [ONE, [(N, 2, "x")], [(M, 2, "x")]]
    spaces, _, savings = skip(loops, 4, (2, B, (A,)), density=Hypergeometric(0.25, 8))
    assert savings.spatial == {(2, B): 0.75}
    assert shown(spaces[A]) == shown(spaces[B]) == [(4, 1, 4), (2, 1, 0.5), (1, 1, 1)]


def test_several_others_leave_out_together():
    loops = [ONE, [(K, 4, "x"), (N, 2, "y")]]
    both = (1, B, (A, Z))
    spaces, _, savings = skip(loops, 8, both, represented=(A, Z))
    assert savings.spatial == {(1, B): 0.75}
    assert shown(spaces[B])[0] == (2, 1, 2)
    # a plain one leaves nothing out, whichever comes first
    spaces, _, savings = skip(loops, 8, both, represented=(Z,))
    assert savings.spatial == {(1, B): 0.5}
    assert shown(spaces[B])[0] == (4, 1, 4)


def test_covered_as_far_out_as_the_target_is_kept():
    strewn = Hypergeometric(0.25, 32)
    loops = [[(M, 2)], [(K, 4, "y"), (M, 2)], [(M, 2)]]

    def all_empty(points):
        chance = 1.0
        for drawn in range(points):
            chance *= (24 - drawn) / (32 - drawn)
        return pytest.approx(chance)

    def left_out(*bypassed):
        _, _, savings = skip(loops, 4, (1, B, (A,)), density=strewn, bypassed=bypassed)
        return savings.spatial[1, B]

    assert left_out() == all_empty(4)
    assert left_out((B, 1)) == all_empty(8)
    assert left_out((B, 1), (B, 2)) == all_empty(8)
    assert left_out((B, 0)) == all_empty(2)  # nothing stays inside: one point after the other
    three = [ONE, *loops[:2]]
    _, _, savings = skip(three, 4, (2, B, (A,)), density=strewn, bypassed=((B, 0),))
    assert savings.spatial[2, B] == all_empty(4)  # it stays one level further out


def test_units_along_both_axes_are_of_the_space_that_needs_most():
    _, working, _ = skip([ONE, [(K, 4, "y"), (M, 2, "x")]], 8, SAVED, represented=(A, B))
    assert (working.columns, working.rows, working.instances) == (2, 4, 8)
    _, working, _ = skip([ONE, [(K, 4, "y"), (N, 2, "x")]], 8, (1, A, (B,)), represented=(B, Z))
    assert (working.columns, working.rows) == (2, 4)
    with pytest.raises(InputError, match="L1: A needs 1 x 2 instances"):
        skip([ONE, [(K, 4, "y")]], 4, SAVED, meshes=((1, 1), (1, 1)))


def test_own_zeros_and_those_of_others_both_leave_out_inside():
    # parts of two points, a quarter not zero, of both: half are empty
    loops = [ONE, [(M, 2, "x"), (N, 2)], [(K, 8, "x")]]
    quarter = FixedStructured(0.25)
    spaces, _, savings = skip(loops, 16, (2, B, (A,)), density=quarter, represented=(A, B))
    assert savings.spatial == {(2, B): 0.5}  # of the others alone
    assert shown(spaces[B]) == [(4, 1, 4), (2, 1, 4), (1, 1, 1)]
    # level after level, as Timeloop does: with 4 in place of 8 no unit would be left
    with pytest.raises(InputError, match="skipping in space leaves no instance for B"):
        skip([*loops[:2], [(K, 4, "x")]], 8, (2, B, (A,)), density=quarter, represented=(A, B))
