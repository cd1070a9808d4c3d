"""Products side by side against each by itself."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hwsim
from hwsim.activities import Activities
from hwsim.activity import Activity
from hwsim.bit_rows import BitRows
from hwsim.engines.stonne.fabric.distribution import distribute
from hwsim.engines.stonne.fabric.packing import pack
from hwsim.engines.stonne.fabric.reduction_tree import reduce_in_tree
from hwsim.engines.stonne.sigma import gemms
from hwsim.engines.stonne.sigma._timing import arrivals_at_own_ports, arrivals_at_ports
from hwsim.engines.stonne.sigma.gemms import Gemms, simulate_gemms
from hwsim.engines.stonne.sigma.stream import Stream

SIZES = st.sampled_from([(4, 4, 4), (16, 16, 16), (16, 16, 2), (32, 8, 4), (64, 2, 1)])


@st.composite
def products(draw):
    """Some of one K, some of another, dense and sparse ones, streams of all kinds."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    made = []
    for _ in range(draw(st.integers(1, 5))):
        K, columns = draw(st.sampled_from([(9, 5), (40, 5), (40, 300)]))
        shape = (draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 6)))
        groups = shape[1]
        bits = rng.random((*shape, K)) < draw(st.sampled_from([0.05, 0.3, 0.7, 1.0]))
        weights = BitRows.full(bits.shape) if draw(st.booleans()) else BitRows.of(bits)
        kind = draw(st.sampled_from(["dense", "share", "bits", "shares"]))
        if kind == "bits":
            stream = Stream.of_bits(rng.random((columns, K)) < 0.5)
        elif kind == "shares":
            stream = Stream.of_shares(columns, rng.random((groups, K)))
        else:
            stream = Stream.of_density(columns, K, 1.0 if kind == "dense" else 0.37)
        made.append(Gemms(weights, stream, draw(st.sampled_from(["MK_STA_KN_STR", "other"]))))
    return made


@given(products(), SIZES)
def test_products_side_by_side_are_what_each_is_alone(several, sizes):
    arch = hwsim.load_arch("sigma", dict(zip(("num_ms", "dn_bw", "rn_bw"), sizes, strict=True)))
    together = simulate_gemms(several, arch)
    alone = [
        [
            simulate_gemms([replace(each, weights=each.weights[n : n + 1])], arch)[0][0]
            for n in range(len(each))
        ]
        for each in several
    ]
    assert [[one.to_json() for one in runs] for runs in together] == [
        [one.to_json() for one in runs] for runs in alone
    ]
    # What stands side by side is what it says when it is put so once more.
    told = [Activity.from_json(one.to_json()) for runs in alone for one in runs]
    for own, other in zip((run for runs in together for run in runs), told, strict=True):
        assert (own.activation_reads, own.depths) == (other.activation_reads, other.depths)
    beside, again = (Activities.of([*runs]) for runs in (chain(*together), told))
    for mapping in ("counts", "levels"):
        of_each = [
            {key: np.array(column).tolist() for key, column in getattr(each, mapping).items()}
            for each in (beside, again)
        ]
        assert of_each[0] == of_each[1]


def test_no_more_stand_side_by_side_than_memory_is_meant_for(monkeypatch):
    def widths_of(most):
        monkeypatch.setattr(gemms, "_TOGETHER", most)
        return [*gemms._together(several)]

    stream = Stream.of_density(1, 10, 1.0)
    shapes = [(1, 1, 2, 10), (3, 1, 3, 10), (1, 1, 1, 20), (1, 2, 1, 10), (1, 1, 1, 20)]
    several = [Gemms(BitRows.full(shape), stream, "") for shape in shapes]
    assert sorted(widths_of(1000)) == [[0, 1, 3], [2, 4]]
    assert sorted(widths_of(40)) == [[0], [1], [2, 4], [3]]


def test_counts_have_no_bound():
    columns = 10**17
    weights = BitRows.full((1, 1, 3, 1000))
    stream = Stream.of_density(columns, 1000, 1.0)
    [[activity]] = simulate_gemms([Gemms(weights, stream, "")], hwsim.load_arch("sigma"))
    assert activity.counts[gemms.MULTIPLICATION] == 3000 * columns == activity.macs


@given(
    st.lists(st.lists(st.integers(1, 40), min_size=2, max_size=2), min_size=1, max_size=6),
    st.sampled_from([4, 16, 32]),
)
def test_a_multiplier_with_a_port_of_its_own_gets_a_value_a_column(lengths, num_ms):
    """The shorter way is the one through ports and switches, where no switch is."""
    counts = np.array(lengths)
    rows = BitRows.of(np.arange(40) < counts.reshape(-1, 1))
    packing = pack([counts], num_ms).packing
    tree = reduce_in_tree(packing, num_ms)
    ports = distribute(packing, rows, num_ms, num_ms)
    columns = np.full(len(packing.repeats), 7)
    own, shared = arrivals_at_own_ports(tree), arrivals_at_ports(packing, tree, ports, columns)
    assert own.vn.tolist() == shared.vn.tolist()
    assert own.period.tolist() == shared.period.tolist()
    assert own.offset.tolist() == (shared.offset - 1).tolist()  # no switch on the way
    assert packing.weights.tolist() == ports.reached[0].tolist()


@pytest.mark.parametrize("numbers", [1, 8192, 8193, 25088])
def test_expected_reads_are_added_up_in_one_order_however_many_threads_there_are(numbers):
    draw = np.random.default_rng(numbers)
    passes, present = draw.integers(0, 99, numbers), draw.random(numbers)
    found = gemms._dot(passes, present)
    assert found == pytest.approx(math.fsum(passes * present), rel=1e-12)
    if numbers <= 8192:  # which no library splits
        assert found == (passes @ present).item()
    whole = gemms._dot(passes, passes)
    assert (whole, type(whole)) == ((passes @ passes).item(), int)
