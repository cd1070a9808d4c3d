"""Loops of tiles on the ranks of their formats, by hand. Dimensions M, N, K; A is M x K."""

import pytest

from hwsim.engines.timeloop.sparse.representation import check_representations, lay_out
from hwsim.engines.timeloop.terms.formats import RankFormat, Representation
from hwsim.engines.timeloop.terms.problem import make_problem
from hwsim.errors import InputError
from tests.engines.timeloop.sparse.parts import (
    CP,
    UOP,
    compressed,
    extents,
    level,
    machine,
    product,
    tile,
)

M, N, K = range(3)


def flat(*dimensions, name="cp"):
    return RankFormat(name, 4, 0, (frozenset(dimensions),))


def trees(loops, *forms, inwards=False, sizes=None):
    """Fibertrees of A: for each rank the ends of its loops; boxes; fibers."""
    count = len(loops)
    a = []
    for number, ranks in enumerate(forms):
        form = None if ranks is None else Representation(ranks, inwards)
        a.append(
            tile(
                (sizes or [8] * count)[number],
                representation=form,
                child=number - 1 if number else None,
                parent=number + 1 if number + 1 < count else None,
            )
        )
    spaces = [a, [tile(0)] * count, [tile(0)] * count]
    names = [level(f"L{number}") for number in range(count)]
    lay_out(product(), spaces, extents(3, *loops), machine(*names))
    found = []
    for one in a:
        tree = one.fibertree
        ends = [[(loop.dimension, loop.end) for loop in rank] for rank in tree.loops]
        found.append((ends, list(tree.boxes), list(tree.fibers)))
    return found


def test_plain_tiles_are_one_rank_of_all_loops():
    (found,) = trees([[(M, 2), (N, 3), (K, 4)]], None)
    assert found == ([[(M, 2), (K, 4)]], [(1, 1), (2, 4)], [8])


@pytest.mark.parametrize("inwards", [False, True])
def test_a_rank_takes_a_loop(inwards):
    (found,) = trees([[(M, 2), (N, 3), (M, 1), (K, 4)]], (CP, UOP), inwards=inwards)
    assert found == ([[(M, 2)], [(K, 4)]], [(1, 1), (2, 1), (2, 4)], [2, 4])


def test_ranks_without_loops_are_outside_or_inside():
    (found,) = trees([[(K, 4)]], (CP, UOP, UOP))
    # from the outside the last ranks are left over, and go inside
    assert found == ([[], [], [(K, 4)]], [(1, 1), (1, 4), (1, 4), (1, 4)], [1, 1, 4])
    (found,) = trees([[(K, 4)]], (CP, UOP, UOP), inwards=True)
    assert found == ([[(K, 4)], [], []], [(1, 1), (1, 4), (1, 4), (1, 4)], [4, 1, 1])
    # and cover what the innermost loop does
    (found,) = trees([[(M, 2), (K, 4)]], (CP, UOP, UOP))
    assert found == ([[], [(M, 2)], [(K, 4)]], [(1, 1), (2, 1), (2, 1), (2, 4)], [1, 2, 4])
    (found,) = trees([[(M, 2), (K, 4)]], (CP, UOP, UOP), inwards=True)
    assert found == ([[(M, 2)], [(K, 4)], []], [(1, 1), (2, 1), (2, 4), (2, 1)], [2, 4, 1])


@pytest.mark.parametrize("inwards", [False, True])
def test_a_flattened_rank_takes_several_loops(inwards):
    loops = [[(M, 2), (K, 1), (K, 4), (M, 3)]]
    (found,) = trees(loops, (flat(M, K),), inwards=inwards)
    ends = [(M, 2), (K, 4), (M, 3)]
    # the box of a rank is that of the loop that it took first
    box = (2, 1) if inwards else (6, 4)
    assert found == ([ends], [(1, 1), box], [24])
    (found,) = trees(loops, (flat(M, K), flat(M)), inwards=False)
    assert found[0] == [[(M, 2), (K, 4)], [(M, 3)]]
    # and none of another dimension, however short
    ends = [[(M, 3)], [(K, 2)]] if inwards else [[(K, 2)], [(M, 3)]]
    forms = (flat(M), CP) if inwards else (CP, flat(M))
    assert trees([[*ends[0], *ends[1]]], forms, inwards=inwards)[0][0] == ends


def test_a_rank_that_may_not_take_a_loop_stays_empty():
    (found,) = trees([[(M, 2), (K, 4)]], (CP, UOP, flat(M)))
    assert found == ([[(M, 2)], [(K, 4)], []], [(1, 1), (2, 1), (2, 4), (2, 1)], [2, 4, 1])
    (found,) = trees([[(M, 2), (K, 4)]], (flat(K), CP, UOP), inwards=True)
    assert found == ([[], [(M, 2)], [(K, 4)]], [(1, 1), (1, 1), (2, 1), (2, 4)], [1, 2, 4])


def test_the_child_s_ranks_are_the_innermost():
    inner, outer = trees([[(K, 4)], [(M, 2), (K, 2)]], (CP,), (CP, UOP, UOP))
    assert inner == ([[(K, 4)]], [(1, 1), (1, 4)], [4])
    assert outer[0] == [[(K, 4)], [(M, 2)], [(K, 2)]]
    assert outer[1] == [(1, 1), (1, 4), (2, 4), (2, 8)]
    assert outer[2] == [4, 2, 2]


def test_what_is_plain_inside_is_tiled_beforehand():
    inner, outer = trees([[(K, 4)], [(M, 2)]], None, (CP, UOP))
    assert inner[2] == [4]
    assert outer[0] == [[(K, 4)], [(M, 2)]]
    # one rank is enough for it where nothing iterates outside
    _, outer = trees([[(K, 4)], [(M, 1)]], None, (CP,))
    assert outer == ([[(K, 4)]], [(1, 1), (1, 4)], [4])


def test_single_words_inside_are_no_tiles():
    # the loops inside are stretched into those of the level
    _, outer = trees([[(K, 4)], [(M, 2), (K, 2)]], None, (CP, UOP), sizes=[1, 16])
    assert outer[0] == [[(M, 2)], [(K, 8)]]


def test_too_few_ranks_are_refused():
    with pytest.raises(InputError) as caught:
        trees([[(M, 2), (K, 4)]], (CP,))
    assert str(caught.value) == (
        "L0: more compression ranks needed for A than the 1 given; list one rank for each loop "
        "that iterates here and for each rank of the compressed levels below"
    )


def test_other_inner_ranks_than_the_child_s_are_refused():
    with pytest.raises(InputError) as caught:
        trees([[(K, 4)], [(M, 2)]], (CP,), (UOP, RankFormat("rle", 1, 1)))
    assert str(caught.value) == (
        "L1: the inner ranks of A (uop rle, innermost first) have to be those of the level below "
        "(cp)"
    )
    with pytest.raises(InputError) as caught:
        trees([[(K, 4), (M, 2)], [(M, 2)]], (CP, UOP), (CP,))
    assert str(caught.value) == (
        "L1: the inner ranks of A (cp, innermost first) have to be those of the level below "
        "(cp uop)"
    )


def check(inner, outer, target=0, **changes):
    tiles = [tile(representation=inner, parent=2), tile(0), tile(representation=outer, child=0)]
    spaces = [[tile()] * 3 for _ in range(3)]
    spaces[target] = tiles
    levels = level("In", **changes), level("Between"), level("Out")
    check_representations(product(), spaces, machine(*levels))


def test_plain_inside_compressed_needs_hardware():
    with pytest.raises(InputError) as caught:
        check(None, compressed())
    assert str(caught.value) == (
        "In: A is compressed in Out and plain here, but decompression_supported is not set"
    )
    check(None, compressed(), decompresses=True)
    with pytest.raises(InputError) as caught:
        check(None, compressed(), target=2, decompresses=True)
    assert str(caught.value) == (
        "In: Z is plain here and compressed in Out, but compression_supported is not set"
    )
    check(None, compressed(), target=2, decompresses=True, compresses=True)
    check(None, compressed(UOP))  # offsets alone leave no zeros out
    check(compressed(), None)


def test_an_outer_level_needs_as_many_ranks():
    with pytest.raises(InputError) as caught:
        check(compressed(CP, UOP), compressed(CP))
    assert str(caught.value) == (
        "Out: A has 1 ranks here and 2 in In; give the outer level at least as many (its own and "
        "those of the inner level)"
    )
    check(compressed(CP, UOP), compressed(CP, UOP))


def test_points_that_windows_share_count_once_if_asked():
    problem = make_problem(
        {"P": 4, "R": 3, "C": 2},
        {
            "W": [{"C": 1}, {"R": 1}],
            "I": [{"C": 1}, {"P": 1, "R": 1}],
            "O": [{"P": 1}],
        },
        ["O"],
    )
    loops = extents(3, [(2, 2), (1, 3), (0, 4)])
    form = compressed(CP, UOP, UOP)

    def lay(**more):
        tiles = [tile(6, representation=form), tile(12, representation=form), tile(4)]
        lay_out(problem, [[each] for each in tiles], loops, machine(), **more)
        return [each.fibertree for each in tiles]

    weights, inputs, _ = lay(as_stored=True)
    assert weights.once is None  # nothing slides over them
    # six rows of two channels, of which windows make 4 x 3 rows, and 4 windows of 3 rows
    assert inputs.fibers == (2, 3, 4)
    assert inputs.once == (12 / 24, 6 / 12, 2 / 4)
    assert inputs.subtiles is None
    assert [tree.once for tree in lay()] == [None] * 3


def test_ranks_cover_all_of_their_loops_if_asked():
    problem = make_problem(
        {"M": 6, "K": 4}, {"A": [{"M": 1}, {"K": 1}], "B": [{"K": 1}], "Z": [{"M": 1}]}, ["Z"]
    )
    form = Representation((flat(0, 1), UOP), inner_to_outer=True)

    def boxes(**more):
        tiles = [tile(24, representation=form), tile(4), tile(6)]
        loops = extents(2, [(0, 2), (1, 4), (0, 3)])
        lay_out(problem, [[each] for each in tiles], loops, machine(), **more)
        return tiles[0].fibertree.boxes

    assert boxes() == ((1, 1), (2, 1), (2, 1))
    assert boxes(as_stored=True) == ((1, 1), (6, 4), (6, 4))


def test_a_single_window_repeats_nothing():
    problem = make_problem(
        {"P": 4, "R": 3, "C": 2},
        {"W": [{"R": 1}], "I": [{"C": 1}, {"P": 1, "R": 1}], "O": [{"P": 1}]},
        ["O"],
    )
    loops = extents(3, [(2, 2), (1, 3), (0, 1)])
    form = compressed(CP, UOP, UOP)
    tiles = [tile(3, representation=compressed(CP)), tile(6, representation=form), tile(1)]
    lay_out(problem, [[each] for each in tiles], loops, machine(), as_stored=True)
    assert tiles[1].fibertree.once == (1.0, 1.0, 1.0)
