"""SIGMA as its paper describes it, in closed form.

The stationary matrix is cut into blocks of k, its values fill the multipliers fold after fold, and
every streaming vector passes each fold in a cycle: any word reaches any multipliers. See
``docs/sigma.md`` for the machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hwsim.activity import (
    ACTIVATIONS,
    OUTPUTS,
    PARTIAL_SUMS,
    UNUSED_ACTIVATIONS,
    WEIGHTS,
    ActionKey,
    Activity,
)
from hwsim.engines.stonne.fabric.reduction_tree import ReductionTree, reduce_in_tree
from hwsim.engines.stonne.sigma.groups import MULTIPLICATION
from hwsim.engines.stonne.sigma.multicast.blocks import block
from hwsim.engines.stonne.sigma.multicast.components import component_instances
from hwsim.engines.stonne.sigma.multicast.folds import Folds, fold_blocks
from hwsim.engines.stonne.sigma.multicast.sizes import MulticastSizes
from hwsim.engines.stonne.sigma.multicast.sums import Sums, sums_of
from hwsim.engines.stonne.sigma.multicast.timing import cycles_of
from hwsim.engines.stonne.sigma.multicast.words import Words, follow_words
from hwsim.workload.workload import Workload

if TYPE_CHECKING:
    from hwsim.arch import Arch


def simulate_multicast(workload: Workload, arch: Arch, engine: str) -> Activity:
    """Evaluate a lowered layer on the published machine.

    Parameters
    ----------
    workload : Workload
        The layer; its weights stay in the multipliers, its groups run one after the other.
    arch : Arch
        An architecture with ``num_ms``, ``dn_bw`` and ``rn_bw``, and ``stream_bw`` if more words
        of the streaming matrix than of the stationary one reach the multipliers in a cycle.
    engine : str
        Whose activity it is.

    Returns
    -------
    Activity
        Counts under the names of STONNE's counters; expected values where of the streaming zeros
        only the share is known.
    """
    sizes = MulticastSizes.of(arch)
    blocks = block(workload, sizes.stream_bw)
    nonzeros = np.count_nonzero(blocks.bits, axis=2)
    folds = fold_blocks(nonzeros, sizes.num_ms)
    tree = reduce_in_tree(folds.packing, sizes.num_ms)
    words = follow_words(blocks, sizes)
    sums = sums_of(folds, nonzeros, blocks.groups, workload.streams)
    cycles = cycles_of(folds, workload.streams, sizes)
    loaded = int(folds.values.sum())
    values = workload.size
    return Activity(
        engine=engine,
        cycles=cycles.total,
        counts=_counts(folds, tree, words, sums, sizes),
        instances=component_instances(sizes),
        macs=workload.macs,
        effectual_macs=workload.effectual_macs,
        utilization=words.multiplications / (sizes.num_ms * cycles.total),
        statistics={
            "Total_cycles": cycles.total,
            "Loading_cycles": cycles.loading,
            "Streaming_cycles": cycles.streaming,
            "Reduction_cycles": cycles.reduction,
            "N_SRAM_weight_reads": loaded,
            "N_SRAM_input_reads": words.reads,
            "N_SRAM_psum_reads": sums.returned,
            "N_SRAM_psum_writes": sums.written,
            "Dataflow": workload.dataflow,
            "STA_sparsity": 100 * (values - loaded) // values,
            "STR_sparsity": int(100 * (1 - workload.activations.density)),
            "N_reconfigurations": len(folds.values),
        },
        levels=_levels(tree, words, sums),
    )


def _counts(
    folds: Folds, tree: ReductionTree, words: Words, sums: Sums, sizes: MulticastSizes
) -> dict[ActionKey, float]:
    """Count every action for each operand."""
    loaded, products, columns = int(folds.values.sum()), words.multiplications, sums.columns
    passed_on = int(tree.wires.sum()) * columns
    # An adder takes two values; a sum that returns is added by one that its fold does not use.
    additions = int((folds.size - 1).sum()) * columns + sums.returned

    entered, copies = words.reached[0], words.reached[-1] - words.reached[0]
    to_parting = entered * (sizes.half_levels + 1)
    counts: dict[tuple[str, str, str], dict[str, float]] = {
        ("DSNetwork", "DN_WIRE", "WRITE"): {
            WEIGHTS: loaded * (sizes.benes_levels + 1),
            ACTIVATIONS: to_parting + sum(words.reached),
        },
        ("DSNetwork", "SWITCH", "ROUTE_UNICAST"): {
            WEIGHTS: loaded * sizes.benes_levels,
            ACTIVATIONS: to_parting + sum(words.reached[:-1]) - copies,
        },
        ("DSNetwork", "SWITCH", "ROUTE_BROADCAST"): {ACTIVATIONS: copies},
        MULTIPLICATION[:3]: {"": products},
        ("MSNetwork", "MULTIPLIER", "CONFIGURATION"): {"": loaded},
        ("MSNetwork", "FIFO", "PUSH"): {
            WEIGHTS: loaded,
            ACTIVATIONS: products,
            PARTIAL_SUMS: products,
        },
        ("ReduceNetwork", "RN_WIRE", "WRITE"): {PARTIAL_SUMS: products + passed_on},
        ("ReduceNetwork", "ADDER", "ADD_2_1"): {"": additions},
        ("ReduceNetwork", "ADDER", "CONFIGURATION"): {"": tree.configured},
        # A value passes an input and an output queue at every adder.
        ("ReduceNetwork", "FIFO", "PUSH"): {PARTIAL_SUMS: products + 2 * passed_on + sums.written},
        ("GlobalBuffer", "GLOBALBUFFER", "READ"): {
            WEIGHTS: loaded,
            ACTIVATIONS: words.reads,
            UNUSED_ACTIVATIONS: 0,  # the bit maps are ANDed before the memory is read
            PARTIAL_SUMS: sums.returned,
        },
        ("GlobalBuffer", "GLOBALBUFFER", "WRITE"): {
            PARTIAL_SUMS: sums.written - sums.finished,
            OUTPUTS: sums.finished,
        },
        ("CollectionBus", "CB_WIRE", "WRITE"): {PARTIAL_SUMS: sums.written},
        ("CollectionBus", "FIFO", "PUSH"): {PARTIAL_SUMS: sums.written},
    }
    return {
        ActionKey(*action, operand): count
        for action, shares in counts.items()
        for operand, count in shares.items()
    }


def _levels(tree: ReductionTree, words: Words, sums: Sums) -> dict[ActionKey, tuple[float, ...]]:
    """Spread what the trees do over their levels, as the engine does for STONNE's machine.

    Sums that return are added on the level of the root, wherever an adder is free.
    """
    columns = sums.columns
    wire = ActionKey("ReduceNetwork", "RN_WIRE", "WRITE", PARTIAL_SUMS)
    wires = [level.wires * columns for level in tree.totals]
    results = [level.results * columns for level in tree.totals]
    additions = [(level.adds_2_1 + 2 * level.adds_3_1) * columns for level in tree.totals]
    returning = [0] * (len(tree.totals) - 1) + [sums.returned]
    pushes = [both[0] + both[1] for both in zip(wires, results, strict=True)]
    added = [both[0] + both[1] for both in zip(additions, returning, strict=True)]
    return {
        ActionKey("DSNetwork", "DN_WIRE", "WRITE", ACTIVATIONS): (
            *reversed(words.reached),
            words.reads,
        ),
        wire: (words.multiplications, *wires),
        wire._replace(component="FIFO", action="PUSH"): (words.multiplications, *pushes),
        ActionKey("ReduceNetwork", "ADDER", "ADD_2_1"): tuple(added),
    }
