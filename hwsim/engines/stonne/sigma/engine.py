"""SIGMA as STONNE simulates it, in closed form; as published with ``distribution: multicast``.

Weights are stationary. STONNE's controller packs their non-zeros into configurations of the
multipliers; for each it streams every column of the other matrix, reduces each virtual neuron in
the tree and collects the outputs. See ``docs/sigma.md`` for the machine.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hwsim.activity import (
    ACTIVATIONS,
    OUTPUTS,
    PARTIAL_SUMS,
    UNUSED_ACTIVATIONS,
    WEIGHTS,
    ActionKey,
    Activity,
)
from hwsim.bit_rows import BitRows
from hwsim.engines.protocol import Engine, operand_limits
from hwsim.engines.stonne.fabric.components import component_instances
from hwsim.engines.stonne.fabric.distribution import Distribution, distribute
from hwsim.engines.stonne.fabric.fibers import SHORTEST_FIBER, fill_short_fibers, filled_rows
from hwsim.engines.stonne.fabric.packing import Ints, Packing, pack
from hwsim.engines.stonne.fabric.reduction_tree import ReductionTree, reduce_in_tree
from hwsim.engines.stonne.fabric.sizes import FabricSizes
from hwsim.engines.stonne.fabric.variants import multicasts
from hwsim.engines.stonne.fabric.waiting import passes_that_wait
from hwsim.engines.stonne.sigma._timing import configuration_cycles
from hwsim.engines.stonne.sigma.groups import MULTIPLICATION, add_groups
from hwsim.engines.stonne.sigma.multicast.sizes import STREAM_BANDWIDTH, MulticastSizes
from hwsim.engines.stonne.sigma.packing_pace import with_packing_pace
from hwsim.errors import InputError
from hwsim.workload.workload import Workload

if TYPE_CHECKING:
    from hwsim.arch import Arch


@dataclass(frozen=True, eq=False)
class Stream:
    """The streaming matrix: how many vectors it has and how many values are not zero.

    ``present`` counts the non-zeros over all vectors of a group, on average over groups,
    ``present_at`` those of each k, shape (K,), or (groups, K) where groups differ; both are floats
    where they are expectations.
    """

    columns: int
    present: float
    present_at: NDArray[np.int64] | NDArray[np.float64]

    @classmethod
    def of_bits(cls, bits: NDArray[np.bool_]) -> Stream:
        """Count a real matrix, one vector a row, shape (columns, K)."""
        filled = fill_short_fibers(bits)
        present_at = np.count_nonzero(filled, axis=0)
        return cls(len(bits), int(present_at.sum()), present_at)

    @classmethod
    def of_density(cls, columns: int, K: int, density: float) -> Stream:
        """Expect ``density`` of the K values of each vector, of each k alike; 1 is dense."""
        if density == 1.0 or SHORTEST_FIBER >= K:
            return cls(columns, columns * K, np.full(K, columns))
        present = columns * max(K * density, SHORTEST_FIBER)
        return cls(columns, present, np.full(K, present / K))

    @classmethod
    def of_shares(cls, columns: int, shares: NDArray[np.float64]) -> Stream:
        """Expect a share of the values at each k of each group, shape (groups, K).

        Where vectors have too few, STONNE's front end fills the first places, in part here.
        """
        groups, K = shares.shape
        if SHORTEST_FIBER >= K:
            return cls.of_density(columns, K, 1.0)
        shares = shares.copy()
        missing = np.maximum(SHORTEST_FIBER - shares.sum(axis=1, keepdims=True), 0)
        room = 1 - shares[:, :SHORTEST_FIBER]
        shares[:, :SHORTEST_FIBER] += room * missing / np.maximum(room.sum(axis=1)[:, None], 1e-9)
        present_at = columns * shares
        return cls(columns, float(present_at.sum()) / groups, present_at)


class SigmaEngine(Engine):
    """Cycles and action counts of a GEMM on SIGMA, equal to STONNE's, or of the published one."""

    name = "sigma"
    images_together = True
    compares_schemes = False

    def check(self, arch: Arch) -> None:
        """Refuse sizes that the machine cannot have, and a distribution that is not known."""
        if multicasts(arch):
            MulticastSizes.of(arch)
            return
        FabricSizes.of(arch)
        if STREAM_BANDWIDTH in arch.overrides:
            raise InputError(
                f"arch {arch.label!r}: {STREAM_BANDWIDTH} says nothing of ports; set "
                "distribution=multicast"
            )

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
        if multicasts(arch):
            from hwsim.engines.stonne.sigma.multicast.simulation import simulate_multicast

            return with_packing_pace(
                simulate_multicast(workload, arch, self.name), workload.streams
            )
        present = workload.activations.nonzeros
        if present is None:
            stream = _expected(workload)
            run = simulate_rows(workload.bits, stream, arch, workload.dataflow)
            return with_packing_pace(run, workload.streams)
        # Every group streams a matrix of its own, so its reads are its own.
        runs = [
            (simulate_rows(bits, Stream.of_bits(vectors), arch, workload.dataflow), 1)
            for bits, vectors in zip(workload.bits.parts(), present, strict=True)
        ]
        return with_packing_pace(add_groups(workload, runs), workload.streams)

    def key(self, workload: Workload) -> Hashable:
        """Identify the GEMM and its zeros: SIGMA knows no levels and no windows."""
        return workload.zeros_fingerprint()

    def reads(self, arch: Arch) -> Hashable:
        """Identify sizes and options: no clock, memory or node changes a cycle."""
        settings = tuple(sorted(arch.parameters.items())), tuple(sorted(arch.options.items()))
        return settings, operand_limits(arch)


def _expected(workload: Workload) -> Stream:
    activations = workload.activations
    if activations.uneven:
        return Stream.of_shares(workload.streams, workload.shares_of_k())
    return Stream.of_density(workload.streams, workload.K, activations.density)


def simulate(weights: NDArray[np.bool_], stream: Stream, arch: Arch, dataflow: str) -> Activity:
    """Run stationary bits against a stream.

    Parameters
    ----------
    weights : ndarray of bool, shape (groups, rows, K)
        Non-zeros of the stationary matrix, each row a fiber along the reduction.
    stream : Stream
        The other matrix, the same for every group or of each its own.
    arch : Arch
        The machine.
    dataflow : str
        STONNE's name for which operand is stationary; it changes no count.

    Returns
    -------
    Activity
    """
    return simulate_rows(BitRows.of(weights), stream, arch, dataflow)


def simulate_rows(weights: BitRows, stream: Stream, arch: Arch, dataflow: str) -> Activity:
    """Do as :func:`simulate`."""
    num_ms, dn_bw, rn_bw = FabricSizes.of(arch)
    groups, filters, K = weights.shape
    rows = weights.reshape(groups * filters)
    bits, held = filled_rows(rows), rows.counts
    sizes = np.maximum(held, min(SHORTEST_FIBER, K))
    packing = pack(sizes.reshape(groups, filters), num_ms)
    tree = reduce_in_tree(packing, num_ms)
    distribution = distribute(packing, bits, num_ms, dn_bw)
    cycles = configuration_cycles(packing, tree, distribution, stream.columns, num_ms, dn_bw, rn_bw)
    total_cycles = int(cycles @ packing.repeats)
    waiting = passes_that_wait(packing, bits, groups)
    memory = _memory_accesses(packing, stream, waiting, groups * filters)
    counts = _counts(packing, tree, distribution, stream.columns, memory)
    multiplications = counts[MULTIPLICATION]
    elements = K * stream.columns * groups
    vectors = np.bincount(packing.configuration, minlength=len(packing.repeats))
    reconfigurations = int(packing.repeats.sum())
    return Activity(
        engine=SigmaEngine.name,
        cycles=total_cycles,
        counts=counts,
        instances=component_instances(num_ms, dn_bw, rn_bw),
        macs=weights.size * stream.columns,
        # without the zeros that short fibers are filled with
        effectual_macs=int(held.sum()) * stream.columns,
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
        levels=_levels(tree, distribution, packing, stream.columns, int(waiting.sum()), counts),
    )


@dataclass(frozen=True)
class MemoryAccesses:
    """Accesses of the global buffer, in values; ``psum_writes`` counts finished outputs, too.

    Nobody waits for ``unused_reads`` of the ``input_reads``.
    """

    weight_reads: int
    input_reads: float
    unused_reads: float
    psum_reads: int
    psum_writes: int
    outputs: int


def _memory_accesses(packing: Packing, stream: Stream, waiting: Ints, rows: int) -> MemoryAccesses:
    # The later pieces of a folded row go on where the piece before stopped reading the columns,
    # so all pieces of a row together read the streaming matrix once.
    if stream.present_at.ndim == 1:
        passes = len(packing.first_rows)
        reads = stream.present * passes
        unused = ((passes - waiting.sum(axis=0)) @ stream.present_at).item()
    else:
        own = packing.passes(len(waiting), rows)[:, None]
        reads = float((own * stream.present_at).sum())
        unused = float(((own - waiting) * stream.present_at).sum())
    return MemoryAccesses(
        weight_reads=int(packing.weights @ packing.repeats),
        input_reads=reads,
        unused_reads=unused,
        psum_reads=int(packing.repeats @ packing.folded) * stream.columns,
        psum_writes=int(packing.repeats[packing.configuration].sum()) * stream.columns,
        outputs=rows * stream.columns,
    )


def _counts(
    packing: Packing,
    tree: ReductionTree,
    distribution: Distribution,
    columns: int,
    memory: MemoryAccesses,
) -> dict[ActionKey, float]:
    """Count every action for each operand, named as in STONNE's counters file."""
    weights, psums, written = memory.weight_reads, memory.psum_reads, memory.psum_writes
    vn_repeats = packing.repeats[packing.configuration]
    multiplications = weights * columns
    products = multiplications + psums
    in_company = int(tree.leaves_in_company(packing) @ vn_repeats)
    tree_wires = products + int(tree.wires @ vn_repeats) * columns
    # A value passes an input and an output queue at every adder.
    tree_queue = 2 * tree_wires - products + written
    psum_queue = multiplications + 2 * psums
    # The controller pushes a weight anew for every multiplication that it takes part in.
    weight_queue = weights + multiplications

    # Stationary values and partial sums pass one node of every depth of a port's tree.
    reached = [int(nodes @ packing.repeats) * columns for nodes in distribution.reached]
    switches = len(reached) - 1
    copies = reached[-1] - reached[0]

    counts: dict[tuple[str, str, str], dict[str, float]] = {
        ("DSNetwork", "DN_WIRE", "WRITE"): {
            WEIGHTS: weights * (switches + 1),
            ACTIVATIONS: sum(reached),
            PARTIAL_SUMS: psums * (switches + 1),
        },
        ("DSNetwork", "DN_WIRE", "READ"): {"": 0},
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
        ("MSNetwork", "MN_WIRE", "WRITE"): {"": 0},
        ("MSNetwork", "MN_WIRE", "READ"): {"": 0},
        MULTIPLICATION[:3]: {"": multiplications},
        ("MSNetwork", "MULTIPLIER", "FORWARD_PSUM"): {PARTIAL_SUMS: psums},
        ("MSNetwork", "MULTIPLIER", "CONFIGURATION"): {"": int(packing.size @ vn_repeats)},
        ("MSNetwork", "FIFO", "PUSH"): {
            WEIGHTS: weight_queue,
            ACTIVATIONS: multiplications,
            PARTIAL_SUMS: psum_queue,
        },
        ("MSNetwork", "FIFO", "POP"): {
            WEIGHTS: weight_queue - packing.resident_weights,
            ACTIVATIONS: multiplications,
            PARTIAL_SUMS: psum_queue,
        },
        ("MSNetwork", "FIFO", "FRONT"): {"": 0},
        ("ReduceNetwork", "RN_WIRE", "WRITE"): {PARTIAL_SUMS: tree_wires},
        ("ReduceNetwork", "RN_WIRE", "READ"): {"": 0},
        ("ReduceNetwork", "ADDER", "ADD_2_1"): {"": int(tree.adds_2_1 @ vn_repeats) * columns},
        ("ReduceNetwork", "ADDER", "ADD_3_1"): {"": int(tree.adds_3_1 @ vn_repeats) * columns},
        ("ReduceNetwork", "ADDER", "CONFIGURATION"): {"": tree.configured},
        ("ReduceNetwork", "FIFO", "PUSH"): {PARTIAL_SUMS: tree_queue},
        ("ReduceNetwork", "FIFO", "POP"): {PARTIAL_SUMS: tree_queue},
        ("ReduceNetwork", "FIFO", "FRONT"): {"": 0},
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
        ("CollectionBus", "CB_WIRE", "WRITE"): {PARTIAL_SUMS: 2 * written - in_company * columns},
        ("CollectionBus", "CB_WIRE", "READ"): {"": 0},
        ("CollectionBus", "FIFO", "PUSH"): {PARTIAL_SUMS: written},
        ("CollectionBus", "FIFO", "POP"): {PARTIAL_SUMS: written},
        ("CollectionBus", "FIFO", "FRONT"): {"": 0},
    }
    return {
        ActionKey(*action, operand): count
        for action, shares in counts.items()
        for operand, count in shares.items()
    }


def _levels(
    tree: ReductionTree,
    distribution: Distribution,
    packing: Packing,
    columns: int,
    sent: int,
    counts: dict[ActionKey, float],
) -> dict[ActionKey, tuple[float, ...]]:
    """Spread what the trees do over their levels, from the multipliers up.

    Of the adder tree: additions of each level; wires and pushes into queues of the values that
    leave the multipliers, then of those that the adders of each level put out; results of each
    level that hold a sum from the buffer. Of the distribution trees: the values that pass each
    depth, from the multipliers up to the ports, and last those that leave the buffer.
    """
    wire = ActionKey("ReduceNetwork", "RN_WIRE", "WRITE", PARTIAL_SUMS)
    sums_back = ActionKey("MSNetwork", "MULTIPLIER", "FORWARD_PSUM", PARTIAL_SUMS)
    products = counts[MULTIPLICATION] + counts[sums_back]
    packets = [int(nodes @ packing.repeats) for nodes in reversed(distribution.reached)]

    def of_all_columns(*totals: int) -> tuple[int, ...]:
        return tuple(total * columns for total in totals)

    return {
        ActionKey("DSNetwork", "DN_WIRE", "WRITE", ACTIVATIONS): of_all_columns(*packets, sent),
        sums_back: of_all_columns(*(level.returning for level in tree.totals)),
        wire: (products, *of_all_columns(*(level.wires for level in tree.totals))),
        wire._replace(component="FIFO", action="PUSH"): (
            products,
            *of_all_columns(*(level.wires + level.results for level in tree.totals)),
        ),
        ActionKey("ReduceNetwork", "ADDER", "ADD_2_1"): of_all_columns(
            *(level.adds_2_1 for level in tree.totals)
        ),
        ActionKey("ReduceNetwork", "ADDER", "ADD_3_1"): of_all_columns(
            *(level.adds_3_1 for level in tree.totals)
        ),
    }
