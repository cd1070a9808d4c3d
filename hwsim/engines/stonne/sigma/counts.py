"""What products made SIGMA do, as Python's numbers side by side: a place a product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwsim.activity import (
    ACTIVATIONS,
    OUTPUTS,
    PARTIAL_SUMS,
    UNUSED_ACTIVATIONS,
    WEIGHTS,
    ActionKey,
)
from hwsim.engines.stonne.fabric.reduction_tree import LevelTotals
from hwsim.engines.stonne.sigma.groups import MULTIPLICATION

#: Python's numbers, which no product is too large for, shape (products,).
Numbers = NDArray[np.object_]


class Totals(NamedTuple):
    """Sums over all configurations of a product, with their repeats, of one column.

    Parameters
    ----------
    columns : ndarray
        Of the streaming matrix.
    weights, returning : ndarray
        Stationary values, and partial sums that the buffer gives back.
    multipliers : ndarray
        That get a configuration.
    resident_weights : ndarray
        As in :class:`~hwsim.engines.stonne.fabric.packing.Packing`.
    reached : list of ndarray
        Nodes of the distribution trees that packets pass, for each depth from the ports on.
    sent : ndarray
        Values that leave the buffer for multipliers.
    wires, adds_2_1, adds_3_1, adders : ndarray
        As in :class:`~hwsim.engines.stonne.fabric.reduction_tree.ReductionTree`.
    in_company : ndarray
        Outputs that share a wire write with another.
    outputs : ndarray
        Sums that leave the tree.
    levels : ndarray, shape (levels, 5, products)
        For each level of the tree from the multipliers up, the numbers of
        :class:`~hwsim.engines.stonne.fabric.reduction_tree.LevelTotals`.
    """

    columns: Numbers
    weights: Numbers
    returning: Numbers
    multipliers: Numbers
    resident_weights: Numbers
    reached: list[Numbers]
    sent: Numbers
    wires: Numbers
    in_company: Numbers
    adds_2_1: Numbers
    adds_3_1: Numbers
    adders: Numbers
    outputs: Numbers
    levels: Numbers


class MemoryAccesses(NamedTuple):
    """Accesses of the global buffer, in values; ``psum_writes`` counts finished outputs, too.

    Nobody waits for ``unused_reads`` of the ``input_reads``.
    """

    weight_reads: Numbers
    input_reads: Numbers
    unused_reads: Numbers
    psum_reads: Numbers
    psum_writes: Numbers
    outputs: Numbers


def counts_of(totals: Totals, memory: MemoryAccesses) -> dict[ActionKey, Numbers]:
    """Count every action for each operand, named as in STONNE's counters file."""
    columns, none = totals.columns, 0 * totals.columns
    weights, psums, written = memory.weight_reads, memory.psum_reads, memory.psum_writes
    multiplications = weights * columns
    products = multiplications + psums
    tree_wires = products + totals.wires * columns
    # A value passes an input and an output queue at every adder.
    tree_queue = 2 * tree_wires - products + written
    psum_queue = multiplications + 2 * psums
    # The controller pushes a weight anew for every multiplication that it takes part in.
    weight_queue = weights + multiplications

    # Stationary values and partial sums pass one node of every depth of a port's tree.
    reached = [nodes * columns for nodes in totals.reached]
    switches = len(reached) - 1
    copies = reached[-1] - reached[0]

    counts: dict[tuple[str, str, str], dict[str, Numbers]] = {
        ("DSNetwork", "DN_WIRE", "WRITE"): {
            WEIGHTS: weights * (switches + 1),
            ACTIVATIONS: sum(reached),
            PARTIAL_SUMS: psums * (switches + 1),
        },
        ("DSNetwork", "DN_WIRE", "READ"): {"": none},
    }
    if switches:
        counts |= {
            ("DSNetwork", "SWITCH", "ROUTE_UNICAST"): {
                WEIGHTS: weights * switches,
                ACTIVATIONS: sum(reached[:-1]) - copies,
                PARTIAL_SUMS: psums * switches,
            },
            ("DSNetwork", "SWITCH", "ROUTE_BROADCAST"): {ACTIVATIONS: copies},
        }
    counts |= {
        ("MSNetwork", "MN_WIRE", "WRITE"): {"": none},
        ("MSNetwork", "MN_WIRE", "READ"): {"": none},
        MULTIPLICATION[:3]: {"": multiplications},
        ("MSNetwork", "MULTIPLIER", "FORWARD_PSUM"): {PARTIAL_SUMS: psums},
        ("MSNetwork", "MULTIPLIER", "CONFIGURATION"): {"": totals.multipliers},
        ("MSNetwork", "FIFO", "PUSH"): {
            WEIGHTS: weight_queue,
            ACTIVATIONS: multiplications,
            PARTIAL_SUMS: psum_queue,
        },
        ("MSNetwork", "FIFO", "POP"): {
            WEIGHTS: weight_queue - totals.resident_weights,
            ACTIVATIONS: multiplications,
            PARTIAL_SUMS: psum_queue,
        },
        ("MSNetwork", "FIFO", "FRONT"): {"": none},
        ("ReduceNetwork", "RN_WIRE", "WRITE"): {PARTIAL_SUMS: tree_wires},
        ("ReduceNetwork", "RN_WIRE", "READ"): {"": none},
        ("ReduceNetwork", "ADDER", "ADD_2_1"): {"": totals.adds_2_1 * columns},
        ("ReduceNetwork", "ADDER", "ADD_3_1"): {"": totals.adds_3_1 * columns},
        ("ReduceNetwork", "ADDER", "CONFIGURATION"): {"": totals.adders},
        ("ReduceNetwork", "FIFO", "PUSH"): {PARTIAL_SUMS: tree_queue},
        ("ReduceNetwork", "FIFO", "POP"): {PARTIAL_SUMS: tree_queue},
        ("ReduceNetwork", "FIFO", "FRONT"): {"": none},
        ("GlobalBuffer", "GLOBALBUFFER", "READ"): {
            WEIGHTS: weights,
            ACTIVATIONS: memory.input_reads - memory.unused_reads,
            UNUSED_ACTIVATIONS: memory.unused_reads,
            PARTIAL_SUMS: psums,
        },
        ("GlobalBuffer", "GLOBALBUFFER", "WRITE"): {
            PARTIAL_SUMS: written - memory.outputs,
            OUTPUTS: memory.outputs,
        },
        ("CollectionBus", "CB_WIRE", "WRITE"): {
            PARTIAL_SUMS: 2 * written - totals.in_company * columns
        },
        ("CollectionBus", "CB_WIRE", "READ"): {"": none},
        ("CollectionBus", "FIFO", "PUSH"): {PARTIAL_SUMS: written},
        ("CollectionBus", "FIFO", "POP"): {PARTIAL_SUMS: written},
        ("CollectionBus", "FIFO", "FRONT"): {"": none},
    }
    return {
        ActionKey(*action, operand): count
        for action, shares in counts.items()
        for operand, count in shares.items()
    }


def levels_of(totals: Totals) -> Mapping[ActionKey, tuple[Numbers, ...]]:
    """Spread what the trees do over their levels, from the multipliers up.

    Of the adder tree: additions of each level; wires and pushes into queues of the values that
    leave the multipliers, then of those that the adders of each level put out; results of each
    level that hold a sum from the buffer. Of the distribution trees: the values that pass each
    depth, from the multipliers up to the ports, and last those that leave the buffer.
    """
    wire = ActionKey("ReduceNetwork", "RN_WIRE", "WRITE", PARTIAL_SUMS)
    columns = totals.columns
    products = (totals.weights + totals.returning) * columns
    names = LevelTotals._fields
    levels = [dict(zip(names, level * columns, strict=True)) for level in totals.levels]
    packets = [nodes * columns for nodes in reversed(totals.reached)]
    return {
        ActionKey("DSNetwork", "DN_WIRE", "WRITE", ACTIVATIONS): (*packets, totals.sent * columns),
        ActionKey("MSNetwork", "MULTIPLIER", "FORWARD_PSUM", PARTIAL_SUMS): tuple(
            level["returning"] for level in levels
        ),
        wire: (products, *(level["wires"] for level in levels)),
        wire._replace(component="FIFO", action="PUSH"): (
            products,
            *(level["wires"] + level["results"] for level in levels),
        ),
        ActionKey("ReduceNetwork", "ADDER", "ADD_2_1"): tuple(
            level["adds_2_1"] for level in levels
        ),
        ActionKey("ReduceNetwork", "ADDER", "ADD_3_1"): tuple(
            level["adds_3_1"] for level in levels
        ),
    }
