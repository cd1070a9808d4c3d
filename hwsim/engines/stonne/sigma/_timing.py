"""Cycles of a configuration: from its first control cycle to the receipt of its last output.

One configuration is a pipeline that repeats for every column. With c the cycle in which the
controller configures the machine:

- the stationary values queue at the read ports from c + 1 on, one a cycle and port; the columns
  queue behind them from c + 2 on, so a port that serves L values a column sends value i of
  column n in cycle c + 1 + (stationary values of the port) + n L + i;
- the partial sums of a folded row go first: column n's in cycle c + 2 + n, and the values behind
  them on port 0 wait until all have gone;
- a multiplier gets a value in the same cycle where a port has no tree of switches below it, else
  one cycle later; every adder on the way to the bus takes a cycle, and so do the way into the bus
  and the way into the memory.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.stonne.fabric.collection_bus import OutputArrivals, bus_line, last_receipt
from hwsim.engines.stonne.fabric.distribution import Distribution
from hwsim.engines.stonne.fabric.packing import Ints, Packing
from hwsim.engines.stonne.fabric.reduction_tree import ReductionTree


class Arrivals(NamedTuple):
    """When outputs reach the bus as far as each port is concerned.

    One entry for each VN and the ports of equal period that feed it: output n is not on the bus
    before ``offset + n * period`` (relative to the configuration's first cycle).

    Parameters
    ----------
    vn, offset, period : ndarray of int, shape (E,)
        The VN, ascending, and when its outputs arrive [cycles].
    """

    vn: Ints
    offset: Ints
    period: Ints


def arrivals_at_own_ports(tree: ReductionTree) -> Arrivals:
    """Tell them where each multiplier has a port: a value a column, and the farthest decides."""
    vns = len(tree.hops)
    sent = 2  # behind the stationary value
    return Arrivals(np.arange(vns), sent + tree.hops + 1, np.ones(vns, dtype=np.int64))


def arrivals_at_ports(
    packing: Packing, tree: ReductionTree, distribution: Distribution, columns: Ints
) -> Arrivals:
    """Tell them where several multipliers share a port; ``columns`` as below."""
    d = distribution
    configuration = packing.configuration[d.vn]
    waits = packing.folded[configuration] & (d.port == 0)
    sent = 1 + d.stationary + d.order + waits * columns[configuration]
    # No output waits for a forwarded partial sum: it is sent no later than any value, and goes
    # straight up the left edge of the tree. The 1 is the way through the port's switches.
    offset = sent + 1 + tree.hops_from(d.vn, d.multiplier) + 1
    by_period = np.lexsort((d.load, d.vn))
    vn, offset, period = (a[by_period] for a in (d.vn, offset, d.load))
    first = np.flatnonzero((np.diff(vn, prepend=-1) != 0) | (np.diff(period, prepend=-1) != 0))
    return Arrivals(vn[first], np.maximum.reduceat(offset, first), period[first])


def configuration_cycles(
    packing: Packing,
    tree: ReductionTree,
    arrivals: Arrivals,
    columns: Ints,
    num_ms: int,
    rn_bw: int,
) -> Ints:
    """Cycles that each configuration takes for all its ``columns``, both of shape (C,)."""
    first_of_vn = np.flatnonzero(np.diff(arrivals.vn, prepend=-1))
    last = columns[packing.configuration[arrivals.vn]] - 1
    last_arrival = np.maximum.reduceat(arrivals.offset + last * arrivals.period, first_of_vn)
    receipt = np.zeros(len(packing.repeats), dtype=np.int64)
    receipt[packing.configuration] = last_arrival + 1
    line = bus_line(tree.output_level, tree.output_node, num_ms, rn_bw)
    _share_the_bus(receipt, packing, arrivals, line, first_of_vn, columns)
    return receipt + 1


def _share_the_bus(
    receipt: Ints,
    packing: Packing,
    arrivals: Arrivals,
    line: Ints,
    first_of_vn: Ints,
    columns: Ints,
) -> None:
    """Find the receipts of configurations that have several VNs.

    Those are alike whose outputs arrive alike, whatever the cycle of the first one and the numbers
    of the lines: so there are few that differ, each of which is worked out once.
    """
    vns = np.flatnonzero(np.bincount(packing.configuration)[packing.configuration] > 1)
    if not len(vns):
        return
    earliest = np.minimum.reduceat(arrivals.offset, first_of_vn)
    configuration = packing.configuration[vns]
    # Where no line is shared it does not matter who has which.
    by_line = np.lexsort((line[vns], configuration))
    same = ~_begins(configuration[by_line], line[vns][by_line])
    shares = np.zeros(len(packing.repeats), dtype=bool)
    shares[configuration[by_line][same]] = True
    own_line = np.where(shares[configuration], line[vns], 0)
    order = np.lexsort((earliest[vns], own_line, configuration))
    vns, configuration, own_line = vns[order], configuration[order], own_line[order]
    first = np.flatnonzero(_begins(configuration))
    place = _within(configuration, first)
    new_line = _begins(configuration, own_line) | ~shares[configuration]
    number = np.cumsum(new_line) - 1
    number -= np.repeat(number[first], np.diff(first, append=len(vns)))

    entries = np.diff(first_of_vn, append=len(arrivals.vn))[vns]
    vn_of = np.repeat(np.arange(len(vns)), entries)
    entry = first_of_vn[vns][vn_of] + _within(vn_of, np.flatnonzero(_begins(vn_of)))
    base = np.minimum.reduceat(earliest[vns], first)
    offset = arrivals.offset[entry] - np.repeat(base, np.add.reduceat(entries, first))
    table = np.stack((place[vn_of], number[vn_of], offset, arrivals.period[entry]), axis=1)

    bounds = [*(np.cumsum(entries) - entries)[first].tolist(), len(table)]
    mine = configuration[first]
    found = [
        _last_receipt(table[begin:past].tobytes(), outputs)
        for (begin, past), outputs in zip(pairwise(bounds), columns[mine].tolist(), strict=True)
    ]
    receipt[mine] = base + np.array(found, dtype=np.int64)


@lru_cache(maxsize=4096)  # layers that are alike have the same
def _last_receipt(pattern: bytes, columns: int) -> int:
    """Work out a pattern, rows of (VN, line, offset, period) in the order of the VNs."""
    vns: dict[int, list[tuple[int, int]]] = {}
    lines = []
    for vn, line, offset, period in np.frombuffer(pattern, np.int64).reshape(-1, 4).tolist():
        if vn not in vns:
            lines.append(line)
        vns.setdefault(vn, []).append((offset, period))
    return last_receipt([OutputArrivals(ports) for ports in vns.values()], lines, columns)


def _begins(*keys: Ints) -> NDArray[np.bool_]:
    """Mark the places where a key is another than before it."""
    new = np.ones(len(keys[0]), dtype=bool)
    new[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    return new


def _within(key: Ints, first: Ints) -> Ints:
    """Count the places of each key from 0; they begin at ``first``."""
    counts = np.diff(first, append=len(key))
    return np.arange(len(key)) - np.repeat(first, counts)
