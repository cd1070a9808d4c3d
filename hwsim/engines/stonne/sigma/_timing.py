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

import numpy as np

from hwsim.engines.stonne.fabric.collection_bus import OutputArrivals, bus_line, last_receipt
from hwsim.engines.stonne.fabric.distribution import Distribution
from hwsim.engines.stonne.fabric.packing import Ints, Packing
from hwsim.engines.stonne.fabric.reduction_tree import ReductionTree


def configuration_cycles(
    packing: Packing,
    tree: ReductionTree,
    distribution: Distribution,
    columns: int,
    num_ms: int,
    dn_bw: int,
    rn_bw: int,
) -> Ints:
    """Cycles that each configuration takes for all columns, shape (C,)."""
    switches = int(num_ms > dn_bw)
    vn, offset, period = _port_arrivals(packing, tree, distribution, columns, switches)
    _, first_of_vn = np.unique(vn, return_index=True)
    last_arrival = np.maximum.reduceat(offset + (columns - 1) * period, first_of_vn)
    receipt = np.zeros(len(packing.repeats), dtype=np.int64)
    receipt[packing.configuration] = last_arrival + 1

    line = bus_line(tree.output_level, tree.output_node, num_ms, rn_bw)
    past_of_vn = np.append(first_of_vn[1:], len(vn))
    ports_of = list(zip(offset.tolist(), period.tolist(), strict=True))
    known: dict[bytes, int] = {}
    for vns in _several_vns(packing.configuration):
        ports = slice(first_of_vn[vns[0]], past_of_vn[vns[-1]])
        pattern = b"".join(
            part.tobytes() for part in (vn[ports] - vns[0], offset[ports], period[ports], line[vns])
        )
        if pattern not in known:
            arrivals = [
                OutputArrivals(ports_of[first:past])
                for first, past in zip(first_of_vn[vns], past_of_vn[vns], strict=True)
            ]
            known[pattern] = last_receipt(arrivals, line[vns].tolist(), columns)
        receipt[packing.configuration[vns[0]]] = known[pattern]
    return receipt + 1


def _port_arrivals(
    packing: Packing,
    tree: ReductionTree,
    distribution: Distribution,
    columns: int,
    switches: int,
) -> tuple[Ints, Ints, Ints]:
    """When outputs reach the bus as far as each port is concerned: VN, offset and period.

    One for each VN and the ports of equal period that feed it: output n is not on the bus before
    ``offset + n * period`` (relative to the configuration's first cycle).
    """
    d = distribution
    folded = packing.folded[packing.configuration]
    waits = folded[d.vn] & (d.port == 0)
    sent = 1 + d.stationary + d.order + waits * columns
    # No output waits for a forwarded partial sum: it is sent no later than any value, and goes
    # straight up the left edge of the tree.
    offset = sent + switches + tree.hops_from(d.vn, d.multiplier) + 1
    by_period = np.lexsort((d.load, d.vn))
    vn, offset, period = (a[by_period] for a in (d.vn, offset, d.load))
    first = np.flatnonzero((np.diff(vn, prepend=-1) != 0) | (np.diff(period, prepend=-1) != 0))
    return vn[first], np.maximum.reduceat(offset, first), period[first]


def _several_vns(configuration: Ints) -> list[Ints]:
    """List the VNs of each configuration that has more than one."""
    _, first = np.unique(configuration, return_index=True)
    spans = np.split(np.arange(len(configuration)), first[1:])
    return [vns for vns in spans if len(vns) > 1]
