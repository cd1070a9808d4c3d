"""The collection bus: from the adders that complete outputs into the memory.

Every write port is a bus line that takes one output a cycle from the adders wired to it and never
idles while an output waits. The memory controller then takes half of the outputs that wait for
it, rounded up, each cycle (its loop ends when it meets its own shrinking queue), so outputs that
arrive together are received over several cycles.

When the last output is received therefore depends on how the arrivals of all virtual neurons (VN)
interleave. Arrivals are periodic once every VN waits for its slowest port alone, and so, after a
while, is all that follows; whole periods of that stretch are cut out before the rest is worked
through.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.stonne.fabric.bus_queues import receive_half, serve_one_a_cycle
from hwsim.engines.stonne.fabric.packing import Ints


def bus_line(level: Ints, node: Ints, num_ms: int, rn_bw: int) -> Ints:
    """Find the bus line of adders.

    Adders with a forwarding link are wired in pairs, both to one line, the pairs taking the
    lines in turn from the top of the tree to the bottom; then come the first and last adders of
    each level.

    Parameters
    ----------
    level, node : ndarray of int
        Level of the adder (0 is the root) and its number in the level.
    num_ms, rn_bw : int
        Multipliers and write ports.

    Returns
    -------
    ndarray of int
        Line number, 0 to ``rn_bw`` - 1.
    """
    in_pair, pair, single, linked_adders = _wiring(level, node, num_ms)
    return np.where(in_pair, pair, single + linked_adders) % rn_bw


def bus_input(level: Ints, node: Ints, num_ms: int, rn_bw: int) -> Ints:
    """Find which input of its bus line an adder has; parameters as of :func:`bus_line`.

    A line takes its inputs in turn, so the number says who goes first when several wait.

    Returns
    -------
    ndarray of int
        Input of the line, from 0.
    """
    in_pair, pair, single, linked_adders = _wiring(level, node, num_ms)
    of_pair = 2 * (pair // rn_bw) + (node - 1) % 2
    return np.where(in_pair, of_pair, linked_adders // rn_bw + 1 + single // rn_bw)


def _wiring(level: Ints, node: Ints, num_ms: int) -> tuple[NDArray[np.bool_], Ints, Ints, int]:
    """Tell adders with a link from the others: which, number of their pair, else their number."""
    nodes = np.int64(1) << level
    pairs_above = np.maximum(nodes // 2 - level, 0)  # sum over l < level of 2^(l-1) - 1
    in_pair = (node > 0) & (node < nodes - 1)
    pair = pairs_above + (node - 1) // 2
    depth = num_ms.bit_length() - 1
    single = np.where(level == 0, 0, 2 * level - (node == 0))
    return in_pair, pair, single, num_ms - 2 * depth


class OutputArrivals:
    """When the outputs of one VN reach its bus line: ``max(offset + n * period)`` for column n.

    Parameters
    ----------
    ports : sequence of (int, int)
        Of each read port that feeds the VN: the cycle of column 0, and cycles a column. A few
        plain numbers, for which arrays would take longer.

    Attributes
    ----------
    slowest, fastest : int
        Cycles a column of the slowest and of the fastest port.
    """

    def __init__(self, ports: Sequence[tuple[int, int]]) -> None:
        self.ports = ports
        periods = [period for _, period in ports]
        self.slowest, self.fastest = max(periods), min(periods)

    def at(self, column: int) -> int:
        """Cycle in which one column's output arrives."""
        return max(offset + column * period for offset, period in self.ports)

    def between(self, first: int, past: int) -> Ints:
        """Cycles in which the outputs of columns ``first`` to ``past`` - 1 arrive, ascending."""
        columns = np.arange(first, past, dtype=np.int64)
        arrivals = [offset + period * columns for offset, period in self.ports]
        return arrivals[0] if len(arrivals) == 1 else np.asarray(np.maximum.reduce(arrivals))

    @property
    def steady_column(self) -> int:
        """First column from which the slowest port alone decides."""
        slow = self.slowest
        lead = max(offset for offset, period in self.ports if period == slow)
        faster = [(offset, period) for offset, period in self.ports if period < slow]
        return max([0, *(-((lead - offset) // (slow - period)) for offset, period in faster)])


def last_receipt(vns: list[OutputArrivals], lines: list[int], columns: int) -> int:
    """Find the cycle in which the memory receives the last output of a configuration.

    Parameters
    ----------
    vns : list of OutputArrivals
        The VNs of the configuration.
    lines : list of int
        The bus line of each.
    columns : int
        Outputs of each VN.

    Returns
    -------
    int
        Cycle, on the scale of the arrivals.
    """
    if len(vns) == 1:
        return vns[0].at(columns - 1) + 1
    by_line: dict[int, list[OutputArrivals]] = {}
    for vn, line in zip(vns, lines, strict=True):
        by_line.setdefault(line, []).append(vn)
    runs: list[tuple[int, int]] = []
    if all(vn.slowest == 1 for vn in vns):
        # While outputs come every cycle their line is busy as if all had come with the first.
        for sharing in by_line.values():
            free = 0
            for first in sorted(vn.at(0) for vn in sharing):
                start = max(free, first)
                runs.append((start + 1, columns))
                free = start + columns
        return receive_half(runs)
    cut = _steady_stretch(vns, lines, columns)
    for sharing in by_line.values():
        arrivals = np.concatenate([cut.arrivals(vn, columns) for vn in sharing])
        outputs = np.ones_like(arrivals)
        if len(sharing) > 1:  # alone on its line an output is sent when it arrives
            if backlog := cut.backlog(sharing):
                arrivals, outputs = np.append(arrivals, cut.start), np.append(outputs, backlog)
            arrivals, outputs = serve_one_a_cycle(arrivals, outputs)
        runs += zip((arrivals + 1).tolist(), outputs.tolist(), strict=True)
    return receive_half(runs) + cut.length


class SteadyStretch(NamedTuple):
    """Cycles ``start`` to ``start + length``, in which nothing happens but repetition."""

    start: int
    length: int
    repeat: int

    def arrivals(self, vn: OutputArrivals, columns: int) -> Ints:
        """Arrivals of a VN with the stretch cut out and what follows moved up."""
        if self.length == 0:
            return vn.between(0, columns)
        steady = vn.steady_column
        until = steady + (self.start - vn.at(steady)) // vn.slowest
        later = until + self.length // vn.slowest
        return np.concatenate([vn.between(0, until), vn.between(later, columns) - self.length])

    def backlog(self, sharing: list[OutputArrivals]) -> int:
        """Count the outputs by which the queue of a line grows during the stretch."""
        a_repeat = sum(self.repeat // vn.slowest for vn in sharing)
        return max(0, a_repeat - self.repeat) * (self.length // self.repeat)


def _steady_stretch(vns: list[OutputArrivals], lines: list[int], columns: int) -> SteadyStretch:
    """Find whole periods in which every queue repeats (or grows by the same) each period."""
    repeat = math.lcm(*(vn.slowest for vn in vns))
    begin = max(vn.at(min(vn.steady_column, columns)) for vn in vns)
    end = min(vn.at(columns - 1) for vn in vns)
    if end - begin < 7 * repeat:  # five at least until the queues have settled, and one to go on
        return SteadyStretch(begin, 0, repeat)
    waiting: dict[int, int] = {}  # outputs that may wait at a line when the pattern begins
    a_repeat: dict[int, int] = {}
    for vn, line in zip(vns, lines, strict=True):
        waiting[line] = waiting.get(line, 0) + (begin - vn.at(0)) // vn.fastest + 1
        a_repeat[line] = a_repeat.get(line, 0) + repeat // vn.slowest
    # A line with room to spare drains what waits; then lines repeat, and the memory's queue,
    # whose memory halves every cycle, needs as many cycles as its length has bits, and two
    # periods more for the rounding to settle.
    drained = max(
        -(-waiting[line] // (repeat - a_repeat[line])) if a_repeat[line] < repeat else 0
        for line in waiting
    )
    settled = drained + -(-len(waiting).bit_length() // repeat) + 4
    start = begin + settled * repeat
    return SteadyStretch(start, max(0, (end - repeat - start) // repeat) * repeat, repeat)
