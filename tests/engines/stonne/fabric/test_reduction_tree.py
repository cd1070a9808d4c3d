"""The reduction tree against sums that are carried through it node by node."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.engines.stonne.fabric.packing import Packing
from hwsim.engines.stonne.fabric.reduction_tree import reduce_in_tree


def one_configuration(sizes):
    sizes = np.array(sizes, dtype=np.int64)
    return Packing(
        repeats=np.array([1]),
        folded=np.array([False]),
        configuration=np.zeros(len(sizes), dtype=np.int64),
        size=sizes,
        start=np.cumsum(sizes) - sizes,
        row=np.arange(len(sizes)),
        resident_weights=int(sizes.sum()),
        first_rows=np.array([0]),
    )


def carry_sums(start, size, num_ms):
    """Carry the hop count of every multiplier up the tree, node by node."""
    held = {m: {m: 0} for m in range(start, start + size)}
    adds = {2: 0, 3: 0}
    wires = 0
    width = num_ms
    while True:
        width //= 2
        low, high = min(held), max(held)
        nodes = {}
        for child, sums in held.items():
            merged = nodes.setdefault(child // 2, {})
            merged.update({m: hops + 1 for m, hops in sums.items()})
        operands = {node: sum(c // 2 == node for c in held) for node in nodes}
        outgoing = len(nodes)
        left, right = min(nodes), max(nodes)
        forwards = []
        if left % 2 and left + 1 < width and left + 1 in nodes:
            fills, reaches = 2 * left + 2 - low, high - (2 * left + 1)
            if reaches > fills:
                forwards.append((left, left + 1))
        links_left = right % 2 == 0 and 0 < right < width - 1 and right - 1 in nodes
        if links_left and (right - 1, right) not in forwards:
            forwards.append((right, right - 1))
        for sender, receiver in forwards:
            sums = nodes.pop(sender)
            nodes[receiver].update({m: hops + 1 for m, hops in sums.items()})
            operands[receiver] += 1
        for count in operands.values():
            if count > 1:
                adds[count] += 1
        if len(nodes) == 1:
            ((node, sums),) = nodes.items()
            return width.bit_length() - 1, node, sums, adds, wires + outgoing - 1
        wires += outgoing
        held = nodes


@pytest.mark.parametrize("num_ms", [4, 16, 64])
@given(data=st.data())
def test_every_vn_is_summed_once_and_in_time(num_ms, data):
    sizes = data.draw(st.lists(st.integers(3, num_ms), min_size=1, max_size=8))
    while sum(sizes) > num_ms:
        sizes = sizes[:-1] if len(sizes) > 1 else [num_ms]
    packing = one_configuration(sizes)
    tree = reduce_in_tree(packing, num_ms)
    for vn, (start, size) in enumerate(zip(packing.start, packing.size, strict=True)):
        level, node, hops, adds, wires = carry_sums(int(start), int(size), num_ms)
        assert tree.output_level[vn] == level
        assert tree.output_node[vn] == node
        assert tree.hops[vn] == max(hops.values())
        assert (tree.adds_2_1[vn], tree.adds_3_1[vn]) == (adds[2], adds[3])
        assert tree.wires[vn] == wires
        multipliers = np.array(list(hops))
        assert tree.hops_from(np.full(size, vn), multipliers).tolist() == list(hops.values())
    additions = tree.adds_2_1 + 2 * tree.adds_3_1
    assert np.array_equal(additions, packing.size - 1)


@given(st.lists(st.integers(3, 40), min_size=1, max_size=10))
def test_vns_of_three_or_more_never_leave_by_one_adder(sizes):
    sizes = [s for i, s in enumerate(sizes) if sum(sizes[: i + 1]) <= 64] or [3]
    tree = reduce_in_tree(one_configuration(sizes), 64)
    outputs = list(zip(tree.output_level.tolist(), tree.output_node.tolist(), strict=True))
    assert len(set(outputs)) == len(outputs)


@pytest.mark.parametrize("num_ms", [4, 16, 64])
@given(data=st.data())
def test_levels_add_up_to_what_the_vns_do(num_ms, data):
    sizes = data.draw(st.lists(st.integers(3, num_ms), min_size=1, max_size=8))
    while sum(sizes) > num_ms:
        sizes = sizes[:-1] if len(sizes) > 1 else [num_ms]
    tree = reduce_in_tree(one_configuration(sizes), num_ms)
    assert len(tree.totals) == num_ms.bit_length() - 1
    assert sum(level.adds_2_1 for level in tree.totals) == tree.adds_2_1.sum()
    assert sum(level.adds_3_1 for level in tree.totals) == tree.adds_3_1.sum()
    assert sum(level.wires for level in tree.totals) == tree.wires.sum()
    # What an adder puts out goes to another adder, or is the VN's output.
    assert sum(level.results - level.wires for level in tree.totals) == len(sizes)
    assert sum(level.returning for level in tree.totals) == 0


def test_what_a_full_tree_does_on_each_level():
    packing = one_configuration([8])._replace(folded=np.array([True]), repeats=np.array([3]))
    assert reduce_in_tree(packing, 8).totals == [
        (3 * 4, 0, 3 * 4, 3 * 4, 3),
        (3 * 2, 0, 3 * 2, 3 * 2, 3),
        (3 * 1, 0, 3 * 1, 0, 3),
    ]


def test_a_vn_is_done_with_the_levels_above_its_output():
    first, second, third = reduce_in_tree(one_configuration([3]), 8).totals
    assert first == (1, 0, 2, 2, 0)
    assert second == (1, 0, 1, 0, 0)
    assert third == (0, 0, 0, 0, 0)


def test_two_vns_of_one_multiplier_leave_by_one_adder():
    def in_company(*sizes, configuration=None):
        packing = one_configuration(sizes)
        if configuration is not None:
            packing = packing._replace(
                configuration=np.array(configuration),
                repeats=np.ones(2, dtype=np.int64),
                folded=np.zeros(2, dtype=bool),
            )
        return reduce_in_tree(packing, 4).leaves_in_company(packing).tolist()

    assert in_company(1, 1, 2) == [False, True, False]
    assert in_company(1, 1, 1, 1) == [False, True, False, True]
    assert in_company(1, 1, 2, configuration=[0, 1, 1]) == [False, False, False]
    # the first is complete in the left adder, the second not before the root
    assert in_company(1, 2) == [False, False]
