"""A weight that becomes zero saves energy, unless it lengthens a way, which counts then say.

A zero moves the weights behind it to other multipliers. A sum may then take one more link of the
tree, or rows that had configurations of their own may share one, and those behind them come
together otherwise, so that a configuration needs other activations. Else nothing rises.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hwsim.activity import Activity
from hwsim.arch import load_arch
from hwsim.energy import load_energy_table, price
from hwsim.energy.physical import structures
from hwsim.engines.stonne.sigma.gemms import simulate
from hwsim.engines.stonne.sigma.stream import Stream
from hwsim.workload.operands import Coding, Operands

#: Never more after a weight became zero, whatever is packed where.
NEVER_MORE = (
    ("MSNetwork", "MULTIPLIER", "MULTIPLICATION", ""),
    ("MSNetwork", "FIFO", "PUSH", "activations"),
    ("GlobalBuffer", "GLOBALBUFFER", "READ", "weights"),
    ("GlobalBuffer", "GLOBALBUFFER", "READ", "partial sums"),
    ("GlobalBuffer", "GLOBALBUFFER", "WRITE", "partial sums"),
    ("CollectionBus", "FIFO", "PUSH", "partial sums"),
)
#: The same, as long as the same rows share a configuration: they are read once for all of them.
READS = ("GlobalBuffer", "GLOBALBUFFER", "READ", "activations")


def together(sizes: np.ndarray, num_ms: int) -> list[int]:
    """How many rows each configuration takes: whole ones while they fit, or a long one alone."""
    taken, room = [], 0
    for size in sizes:
        if size > room:
            taken.append(0)
            room = num_ms
        taken[-1] += 1
        room = max(0, room - size)
    return taken


def is_longer(before: Activity, after: Activity) -> bool:
    """Whether time, or what happens on some level of a tree and above it, grew."""
    if after.cycles > before.cycles:
        return True
    for key, spread in after.levels.items():
        from_the_top = zip(reversed(spread), reversed(before.levels[key]), strict=True)
        above = 0.0
        for now, then in from_the_top:
            above += now - then
            if above > 0:
                return True
    return False


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([8, 16, 32]),
    st.sampled_from([1, 2, 4]),
    st.integers(1, 6),
    st.integers(8, 90),
    st.integers(1, 60),
    st.floats(0.1, 1),
    st.sampled_from(["value", "zero"]),
    st.integers(0, 7),
    st.integers(0, 2**32 - 1),
)
def test_energy_never_rises_when_a_weight_becomes_zero(
    num_ms: int,
    share: int,
    filters: int,
    K: int,
    columns: int,
    density: float,
    coding: Coding,
    structure: int,
    seed: int,
) -> None:
    draw = np.random.default_rng(seed)
    before = draw.random((1, filters, K)) < density
    assume((before.sum(axis=2) > 3).all())  # STONNE fills shorter rows up with zeros
    after = before.copy()
    places = np.argwhere(before)
    after[tuple(places[draw.integers(len(places))])] = False

    arch = load_arch("sigma", {"num_ms": num_ms, "dn_bw": num_ms // share})
    assert arch.technology is not None
    technology = list(structures(arch.technology).values())[structure]
    stream = Stream.of_density(columns, K, 1.0)
    activities, energies = [], []
    for bits in (before, after):
        activity = simulate(bits, stream, arch, "MK_STA_KN_STR")
        width = 8 if coding == "value" else 1
        operands = Operands(
            coding, width, 0, bits.size, int(bits.sum()), K * columns, filters * columns
        )
        built = replace(arch, technology=technology)
        priced = price(activity, load_energy_table("physical"), built, operands)
        activities.append(activity)
        energies.append(priced.total)
    rows = [together(bits[0].sum(axis=1), num_ms) for bits in (before, after)]
    never_more = (*NEVER_MORE, READS) if rows[0] == rows[1] else NEVER_MORE
    for unit, component, action, operand in never_more:
        then, now = (
            activity.counts.get((unit, component, action, operand), 0)  # type: ignore[call-overload]
            for activity in activities
        )
        assert now <= then, (unit, component, action, operand)
    if rows[0] == rows[1] and not is_longer(*activities):
        assert energies[1] <= energies[0] * (1 + 1e-12)
    assert energies[1] <= energies[0] * 1.02


def test_a_zero_may_lengthen_the_way_of_a_sum() -> None:
    """15 values fill nodes up to the last; of 14 the last pair takes a link on the next level."""
    arch = load_arch("sigma", {"num_ms": 16})
    cycles = []
    for values in (16, 15, 14, 12):
        bits = np.zeros((1, 1, 20), dtype=bool)
        bits[:, :, :values] = True
        activity = simulate(bits, Stream.of_density(10, 20, 1.0), arch, "MK_STA_KN_STR")
        cycles.append(activity.cycles)
    assert cycles == [10 + 4 + way for way in (4, 4, 5, 4)]


def test_rows_that_come_together_otherwise_may_need_other_activations() -> None:
    """Of 9, 7, 8, 9 and 6 weights three rows fill 32 multipliers; with one less, four do."""
    assert together(np.array([9, 7, 8, 9, 6]), 32) == [3, 2]
    assert together(np.array([9, 7, 7, 9, 6]), 32) == [4, 1]
    assert together(np.array([40, 32, 1]), 32) == [1, 1, 1]
    columns = [range(9), range(7), range(8), range(20, 29), range(20, 26)]
    reads = []
    for third in (8, 7):
        bits = np.zeros((1, 5, 30), dtype=bool)
        for row, places in enumerate(columns):
            bits[0, row, list(places)] = True
        bits[0, 2, third:8] = False
        stream = Stream.of_density(1, 30, 1.0)
        activity = simulate(bits, stream, load_arch("sigma", {"num_ms": 32}), "MK_STA_KN_STR")
        reads.append(activity.counts[READS])  # type: ignore[index]
    assert reads == [9 + 9, 18 + 6]
