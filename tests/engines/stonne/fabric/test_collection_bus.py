"""The bus and the memory's queue against stepping cycle by cycle."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.stonne.fabric.collection_bus import (
    OutputArrivals,
    SteadyStretch,
    _steady_stretch,
    bus_line,
    last_receipt,
)


def step(vns, lines, columns):
    """Play bus lines and memory cycle by cycle; the cycle of the last receipt."""
    arrivals = {}
    for vn, line in zip(vns, lines, strict=True):
        for column in range(columns):
            key = (max(offset + column * period for offset, period in vn.ports), line)
            arrivals[key] = arrivals.get(key, 0) + 1
    waiting = dict.fromkeys(lines, 0)
    sent = in_memory = received = 0
    cycle = min(at for at, _ in arrivals)
    while True:
        in_memory += sent
        taken = -(-in_memory // 2)
        in_memory -= taken
        received += taken
        if received == columns * len(vns):
            return cycle
        sent = 0
        for line in waiting:
            waiting[line] += arrivals.get((cycle, line), 0)
            if waiting[line]:
                waiting[line] -= 1
                sent += 1
        cycle += 1


@st.composite
def configurations(draw):
    vns, lines = [], []
    for _ in range(draw(st.integers(1, 6))):
        ports = draw(st.integers(1, 3))
        offset = draw(st.lists(st.integers(0, 25), min_size=ports, max_size=ports))
        period = draw(st.lists(st.integers(1, 4), min_size=ports, max_size=ports, unique=True))
        vns.append(OutputArrivals(list(zip(offset, period, strict=True))))
        lines.append(draw(st.integers(0, 3)))
    return vns, lines


@settings(max_examples=400, deadline=None)
@given(configurations(), st.integers(1, 250))
def test_equal_to_stepping(configuration, columns):
    vns, lines = configuration
    assert last_receipt(vns, lines, columns) == step(vns, lines, columns)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 25), st.integers(0, 2)), min_size=2, max_size=6),
    st.integers(1, 60),
)
def test_outputs_that_come_every_cycle_are_equal_to_stepping(vns, columns):
    arrivals, lines = [OutputArrivals([(offset, 1)]) for offset, _ in vns], [at for _, at in vns]
    assert last_receipt(arrivals, lines, columns) == step(arrivals, lines, columns)


def test_long_runs_cost_no_more_than_short_ones():
    vns = [OutputArrivals([(start, 1)]) for start in (3, 4, 4, 6)]
    far = last_receipt(vns, [0, 1, 2, 2], 10**9)
    near = last_receipt(vns, [0, 1, 2, 2], 1000)
    assert far - near == 2 * (10**9 - 1000)  # the shared line sends every other output of each


@pytest.mark.parametrize(("num_ms", "rn_bw"), [(4, 4), (16, 16), (64, 8), (256, 256), (256, 1)])
def test_lines_are_dealt_out_in_turn(num_ms, rn_bw):
    pairs, singles = [], []
    depth = num_ms.bit_length() - 1
    for level in range(depth):
        nodes = range(1 << level)
        ends = {0, (1 << level) - 1}
        singles += [(level, node) for node in nodes if node in ends]
        pairs += [(level, node) for node in nodes if node not in ends]
    expected = {adder: place // 2 % rn_bw for place, adder in enumerate(pairs)}
    expected |= {adder: (len(pairs) + place) % rn_bw for place, adder in enumerate(singles)}
    level, node = np.array(list(expected)).T
    assert bus_line(level, node, num_ms, rn_bw).tolist() == list(expected.values())


def test_when_outputs_arrive_by_hand():
    vn = OutputArrivals([(0, 3), (10, 1)])  # 3 n against 10 + n
    assert [vn.at(column) for column in (0, 4, 5, 6)] == [10, 14, 15, 18]
    assert vn.between(4, 7).tolist() == [14, 15, 18]
    assert vn.slowest == 3
    assert vn.steady_column == 5  # from there on the slow port alone decides
    assert OutputArrivals([(0, 3), (11, 1)]).steady_column == 6  # 5.5 up
    assert OutputArrivals([(9, 3), (1, 1)]).steady_column == 0
    assert OutputArrivals([(7, 2)]).steady_column == 0
    # of two slow ports the later one decides: 4 + 3 n against 11 + n
    assert OutputArrivals([(0, 3), (4, 3), (11, 1)]).steady_column == 4


def test_a_line_with_more_outputs_than_cycles_falls_behind_during_the_stretch():
    every, other, third = (OutputArrivals([(0, period)]) for period in (1, 2, 3))
    assert SteadyStretch(start=4, length=10, repeat=2).backlog([every, other]) == 5
    assert SteadyStretch(start=4, length=12, repeat=6).backlog([other, third]) == 0
    assert SteadyStretch(start=4, length=12, repeat=6).backlog([every, other, third]) == 2 * 5


def test_arrivals_without_the_stretch():
    vn = OutputArrivals([(1, 2)])  # 1, 3, 5 ... 19
    cut = SteadyStretch(start=5, length=6, repeat=2)  # 7, 9 and 11 are in it
    assert cut.arrivals(vn, 10).tolist() == [1, 3, 5, 7, 9, 11, 13]
    assert SteadyStretch(start=5, length=0, repeat=2).arrivals(vn, 3).tolist() == [1, 3, 5]


def test_the_stretch_begins_when_the_lines_have_drained():
    """Periods of 2 and 3 fill 5 of 6 cycles of a line: 2 outputs that wait take 2 repetitions."""
    vns = [OutputArrivals([(0, period)]) for period in (2, 3)]
    # 2 to drain, 1 for the bit of one line's queue, 4 to settle, of 6 cycles each
    assert _steady_stretch(vns, [0, 0], 100) == SteadyStretch(start=42, length=150, repeat=6)
    # On lines of their own both have room: one output drains within the first repetition.
    assert _steady_stretch(vns, [0, 1], 100) == SteadyStretch(start=36, length=156, repeat=6)
    # The line that drains last decides.
    third = OutputArrivals([(0, 6)])
    stretch = SteadyStretch(start=42, length=150, repeat=6)
    assert _steady_stretch([*vns, third], [0, 0, 1], 100) == stretch
    assert _steady_stretch(vns, [0, 0], 8).length == 0
    # 5 to settle where none drains, one to go on with, and what is between is cut out
    full = [OutputArrivals([(0, 2)])] * 2
    assert _steady_stretch(full, [0, 0], 7).length == 0
    assert _steady_stretch(full, [0, 0], 8) == SteadyStretch(start=10, length=2, repeat=2)
