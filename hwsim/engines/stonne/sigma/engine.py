"""SIGMA as STONNE simulates it, in closed form.

Weights are stationary. The controller packs their non-zeros into configurations of the
multipliers; for each it streams every column of the other matrix, reduces each virtual neuron in
the tree and collects the outputs. See ``docs/sigma.md`` for the machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hwsim.activity import ActionKey, Activity
from hwsim.engines.stonne.fabric.distribution import Distribution, distribute
from hwsim.engines.stonne.fabric.fibers import SHORTEST_FIBER, fill_short_fibers
from hwsim.engines.stonne.fabric.packing import Packing, pack
from hwsim.engines.stonne.fabric.reduction_tree import ReductionTree, reduce_in_tree
from hwsim.engines.stonne.sigma.machine import component_instances
from hwsim.engines.stonne.sigma.timing import configuration_cycles
from hwsim.workload.workload import Workload

if TYPE_CHECKING:
    from hwsim.arch import Arch


@dataclass(frozen=True)
class Stream:
    """The streaming matrix: how many vectors it has and how many values are not zero.

    ``present`` counts the non-zeros over all vectors; it is a float where it is an expectation.
    """

    columns: int
    present: float

    @classmethod
    def of_bits(cls, bits: NDArray[np.bool_]) -> Stream:
        """Count a real matrix, one vector a row, shape (columns, K)."""
        return cls(len(bits), int(np.count_nonzero(fill_short_fibers(bits))))

    @classmethod
    def of_density(cls, columns: int, K: int, density: float = 1.0) -> Stream:
        """Expect ``density`` of the K values of each vector; 1 is a dense matrix."""
        if density == 1.0 or SHORTEST_FIBER >= K:
            return cls(columns, columns * K)
        return cls(columns, columns * max(K * density, SHORTEST_FIBER))


class SigmaEngine:
    """Cycles and action counts of a GEMM on SIGMA, equal to STONNE's."""

    name = "sigma"
    parameters = ("num_ms", "dn_bw", "rn_bw")

    def simulate(self, workload: Workload, arch: Arch) -> Activity:
        """Evaluate a lowered layer.

        Parameters
        ----------
        workload : Workload
            The layer; its groups run one after the other.
        arch : Arch
            An architecture with ``num_ms``, ``dn_bw`` and ``rn_bw``.

        Returns
        -------
        Activity
            Totals over all groups.
        """
        stream = Stream.of_density(workload.streams, workload.K, workload.activation_density)
        return simulate(workload.weights, stream, arch, workload.dataflow)


def simulate(weights: NDArray[np.bool_], stream: Stream, arch: Arch, dataflow: str) -> Activity:
    """Run stationary bits against a stream.

    Parameters
    ----------
    weights : ndarray of bool, shape (groups, rows, K)
        Non-zeros of the stationary matrix, each row a fiber along the reduction.
    stream : Stream
        The other matrix, the same for every group.
    arch : Arch
        The machine.
    dataflow : str
        STONNE's name for which operand is stationary; it changes no count.

    Returns
    -------
    Activity
    """
    num_ms, dn_bw, rn_bw = (arch[name] for name in SigmaEngine.parameters)
    groups, filters, K = weights.shape
    bits = fill_short_fibers(weights.reshape(groups * filters, K))
    packing = pack(np.count_nonzero(bits, axis=1).reshape(groups, filters), num_ms)
    tree = reduce_in_tree(packing, num_ms)
    distribution = distribute(packing, bits, num_ms, dn_bw)
    cycles = configuration_cycles(packing, tree, distribution, stream.columns, num_ms, dn_bw, rn_bw)
    total_cycles = int(cycles @ packing.repeats)
    memory = _memory_accesses(packing, stream)
    counts = _counts(packing, tree, distribution, stream.columns, memory)
    multiplications = counts["MSNetwork", "MULTIPLIER", "MULTIPLICATION"]
    elements = K * stream.columns * groups
    vectors = np.bincount(packing.configuration, minlength=len(packing.repeats))
    reconfigurations = int(packing.repeats.sum())
    return Activity(
        engine=SigmaEngine.name,
        cycles=total_cycles,
        counts=counts,
        instances=component_instances(num_ms, dn_bw, rn_bw),
        macs=weights.size * stream.columns,
        effectual_macs=int(np.count_nonzero(weights)) * stream.columns,
        utilization=multiplications / (num_ms * total_cycles),
        statistics={
            "Total_cycles": total_cycles,
            "N_SRAM_weight_reads": memory.weight_reads,
            "N_SRAM_input_reads": memory.input_reads,
            "N_SRAM_psum_reads": memory.psum_reads,
            "N_SRAM_psum_writes": memory.psum_writes,
            "Dataflow": dataflow,
            "STA_sparsity": 100 * (bits.size - memory.weight_reads) // bits.size,
            "STR_sparsity": int(100 * (elements - stream.present * groups) // elements),
            "STA_vectors_at_once_avg": int(vectors @ packing.repeats) // reconfigurations,
            "STA_vectors_at_once_max": int(vectors.max()),
            "N_reconfigurations": reconfigurations,
        },
    )


@dataclass(frozen=True)
class MemoryAccesses:
    """Accesses of the global buffer, in values."""

    weight_reads: int
    input_reads: float
    psum_reads: int
    psum_writes: int


def _memory_accesses(packing: Packing, stream: Stream) -> MemoryAccesses:
    # The later pieces of a folded row go on where the piece before stopped reading the columns,
    # so all pieces of a row together read the streaming matrix once.
    passes = int(packing.repeats @ ~packing.folded)
    return MemoryAccesses(
        weight_reads=int(packing.weights @ packing.repeats),
        input_reads=stream.present * passes,
        psum_reads=int(packing.repeats @ packing.folded) * stream.columns,
        psum_writes=int(packing.repeats[packing.configuration].sum()) * stream.columns,
    )


def _counts(
    packing: Packing,
    tree: ReductionTree,
    distribution: Distribution,
    columns: int,
    memory: MemoryAccesses,
) -> dict[ActionKey, float]:
    """Count every action, named as in STONNE's counters file."""
    weights, psums, outputs = memory.weight_reads, memory.psum_reads, memory.psum_writes
    vn_repeats = packing.repeats[packing.configuration]
    multiplications = weights * columns
    products = multiplications + psums
    in_company = int(tree.leaves_in_company(packing) @ vn_repeats)
    tree_wires = products + int(tree.wires @ vn_repeats) * columns
    multiplier_fifo = 3 * multiplications + weights + 2 * psums

    # Stationary values and partial sums pass one node of every depth of a port's tree.
    reached = [int(nodes @ packing.repeats) * columns for nodes in distribution.reached]
    switched_once = (weights + psums) * (len(reached) - 1)
    copies = reached[-1] - reached[0]

    counts: dict[ActionKey, float] = {
        ("DSNetwork", "DN_WIRE", "WRITE"): sum(reached) + switched_once + weights + psums,
        ("DSNetwork", "DN_WIRE", "READ"): 0,
    }
    if len(reached) > 1:
        counts |= {
            ("DSNetwork", "SWITCH", "ROUTE_UNICAST"): sum(reached[:-1]) - copies + switched_once,
            ("DSNetwork", "SWITCH", "ROUTE_BROADCAST"): copies,
        }
    counts |= {
        ("MSNetwork", "MN_WIRE", "WRITE"): 0,
        ("MSNetwork", "MN_WIRE", "READ"): 0,
        ("MSNetwork", "MULTIPLIER", "MULTIPLICATION"): multiplications,
        ("MSNetwork", "MULTIPLIER", "FORWARD_PSUM"): psums,
        ("MSNetwork", "MULTIPLIER", "CONFIGURATION"): int(packing.size @ vn_repeats),
        ("MSNetwork", "FIFO", "PUSH"): multiplier_fifo,
        ("MSNetwork", "FIFO", "POP"): multiplier_fifo - packing.resident_weights,
        ("MSNetwork", "FIFO", "FRONT"): 0,
        ("ReduceNetwork", "RN_WIRE", "WRITE"): tree_wires,
        ("ReduceNetwork", "RN_WIRE", "READ"): 0,
        ("ReduceNetwork", "ADDER", "ADD_2_1"): int(tree.adds_2_1 @ vn_repeats) * columns,
        ("ReduceNetwork", "ADDER", "ADD_3_1"): int(tree.adds_3_1 @ vn_repeats) * columns,
        ("ReduceNetwork", "ADDER", "CONFIGURATION"): tree.configured,
        # A value passes an input and an output queue at every adder.
        ("ReduceNetwork", "FIFO", "PUSH"): 2 * tree_wires - products + outputs,
        ("ReduceNetwork", "FIFO", "POP"): 2 * tree_wires - products + outputs,
        ("ReduceNetwork", "FIFO", "FRONT"): 0,
        ("GlobalBuffer", "GLOBALBUFFER", "READ"): weights + memory.input_reads + psums,
        ("GlobalBuffer", "GLOBALBUFFER", "WRITE"): outputs,
        ("CollectionBus", "CB_WIRE", "WRITE"): 2 * outputs - in_company * columns,
        ("CollectionBus", "CB_WIRE", "READ"): 0,
        ("CollectionBus", "FIFO", "PUSH"): outputs,
        ("CollectionBus", "FIFO", "POP"): outputs,
        ("CollectionBus", "FIFO", "FRONT"): 0,
    }
    return counts
