"""How often each component of MAERI does what: sums over steps, no cycle among them.

Every count carries its operand; what goes through an accumulator is an output. STONNE's files have
the sums over operands.
"""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.activity import ACTIVATIONS, OUTPUTS, PARTIAL_SUMS, WEIGHTS, ActionKey
from hwsim.engines.stonne.fabric.packing import Ints
from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.placement import Placement
from hwsim.engines.stonne.maeri.reduction import Reduction


@dataclass(frozen=True)
class Totals:
    """What happens in all iterations together.

    Parameters
    ----------
    weight_steps, first_steps, later_steps : int
        Steps that send weights, all activations, and new columns only.
    outputs : int
        Outputs of virtual neurons, those beside the output of the layer included.
    weight_reads, input_reads, sum_reads, writes : int
        Accesses of the global buffer, values; ``writes`` are of the layer's outputs and their
        partial sums.
    final_writes : int
        Those of the writes that are outputs.
    """

    weight_steps: int
    first_steps: int
    later_steps: int
    outputs: int
    weight_reads: int
    input_reads: int
    sum_reads: int
    writes: int
    final_writes: int

    @classmethod
    def of(cls, loops: Loops) -> Totals:
        """Add up the loops."""
        layer, tile, iterations = loops.layer, loops.tile, loops.iterations
        firsts = loops.rows * (1 if loops.forwards else loops.columns)
        outputs = iterations * loops.positions * tile.neurons
        written = layer.N * layer.K * layer.rows * layer.columns
        return cls(
            weight_steps=iterations * loops.folds,
            first_steps=iterations * firsts * loops.folds,
            later_steps=iterations * (loops.positions - firsts) * loops.folds,
            outputs=outputs,
            weight_reads=loops.batches
            * loops.group_sets
            * tile.G
            * layer.filters
            * layer.reduction,
            input_reads=_input_reads(loops),
            sum_reads=(loops.folds - 1) * outputs if loops.sums_return else 0,
            writes=written * (loops.folds if loops.sums_return else 1),
            final_writes=written,
        )


def _input_reads(loops: Loops) -> int:
    """Count activations that are read: those within the filter as STONNE bounds it, once a step."""
    layer, tile = loops.layer, loops.tile
    _, row_folds, column_folds = loops.fold_sizes
    rows = tile.R + (tile.X - 1) * layer.strides
    columns = tile.S + (tile.Y - 1) * layer.strides
    past_row, past_column = tile.X + layer.R - 1, tile.Y + layer.S - 1
    rows_read = sum(min(rows, past_row - fold * tile.R) for fold in range(row_folds))
    columns_read = sum(min(columns, past_column - fold * tile.S) for fold in range(column_folds))
    # A filter whose neighbours hand on activations is cut evenly, so every fold has a last column.
    along_row = columns_read + (loops.columns - 1) * (
        column_folds if loops.forwards else columns_read
    )
    each = rows_read * along_row * layer.channels * tile.N * tile.G
    return loops.iterations * loops.rows * each


def count(
    loops: Loops, placement: Placement, reduction: Reduction, totals: Totals
) -> dict[ActionKey, float]:
    """Count every action, in the order of STONNE's counters."""
    folds, neurons, tree = loops.folds, loops.tile.neurons, reduction.tree
    switches = loops.machine.leaves.bit_length() - 1
    turns = totals.outputs * folds // neurons  # that every neuron takes
    multiplications = totals.outputs * folds * loops.tile.products
    weights = totals.weight_steps * loops.tile.products * neurons
    handed_on = totals.later_steps * _links(loops)
    sums = totals.sum_reads
    zeros = totals.outputs + neurons if loops.sums_return else 0
    entering = multiplications + sums + zeros  # values that leave multipliers for the tree
    alone = sum(reduction.passed_on_alone) if loops.sums_return else 0
    # Every value of the last, unused zeros waits in one queue in the end.
    waiting = neurons if loops.sums_return else 0
    passed_on = _each(tree.wires, turns) + alone
    to_memory = totals.outputs * (folds if loops.sums_return else 1)
    sent_together = reduction.shared * turns
    accumulated = totals.outputs * folds if loops.machine.sums_stay else 0
    queued = totals.outputs + accumulated * loops.machine.accumulates

    reached = placement.activations.reached
    nodes = [
        a * totals.first_steps + b * totals.later_steps
        for a, b in zip(reached, placement.new_column.reached, strict=True)
    ]
    weight_nodes = [each * totals.weight_steps for each in placement.weights.reached]
    routed = {
        WEIGHTS: weight_nodes,
        ACTIVATIONS: nodes,
        PARTIAL_SUMS: [sums] * (switches + 1),
    }
    counts: dict[tuple[str, str, str], dict[str, float]] = {
        ("DSNetwork", "DN_WIRE", "WRITE"): {name: sum(each) for name, each in routed.items()},
        ("DSNetwork", "DN_WIRE", "READ"): {"": 0},
    }
    if switches:
        copies = {name: each[-1] - each[0] for name, each in routed.items()}
        counts |= {
            ("DSNetwork", "SWITCH", "ROUTE_UNICAST"): {
                name: sum(each[:-1]) - copies[name] for name, each in routed.items()
            },
            ("DSNetwork", "SWITCH", "ROUTE_BROADCAST"): {
                name: copies[name] for name in (WEIGHTS, ACTIVATIONS)
            },
        }
    weight_queue = weights + multiplications
    resident = loops.tile.products * neurons * folds
    activation_queue = multiplications + handed_on  # handed on: one more queue on the way
    sum_queue = multiplications + 2 * sums + zeros
    tree_queue = entering + 2 * passed_on + totals.outputs * folds
    counts |= {
        ("MSNetwork", "MN_WIRE", "WRITE"): {ACTIVATIONS: handed_on},
        ("MSNetwork", "MN_WIRE", "READ"): {"": 0},
        ("MSNetwork", "MULTIPLIER", "MULTIPLICATION"): {"": multiplications},
        ("MSNetwork", "MULTIPLIER", "FORWARD_PSUM"): {PARTIAL_SUMS: sums},
        ("MSNetwork", "MULTIPLIER", "CONFIGURATION"): {"": loops.neuron_size * neurons},
        ("MSNetwork", "FIFO", "PUSH"): {
            WEIGHTS: weight_queue,
            ACTIVATIONS: activation_queue,
            PARTIAL_SUMS: sum_queue,
        },
        ("MSNetwork", "FIFO", "POP"): {
            WEIGHTS: weight_queue - resident,
            ACTIVATIONS: activation_queue,
            PARTIAL_SUMS: sum_queue,
        },
        ("MSNetwork", "FIFO", "FRONT"): {"": 0},
        ("ReduceNetwork", "RN_WIRE", "WRITE"): {
            PARTIAL_SUMS: entering + passed_on,
            OUTPUTS: accumulated and accumulated - sent_together,
        },
        ("ReduceNetwork", "RN_WIRE", "READ"): {"": 0},
        ("ReduceNetwork", "ADDER", "ADD_2_1"): {
            "": _each(tree.adds_2_1, turns),
            **({OUTPUTS: totals.outputs * (folds - 1)} if loops.machine.fold_nodes else {}),
        },
        ("ReduceNetwork", "ADDER", "ADD_3_1"): {"": _each(tree.adds_3_1, turns)},
        ("ReduceNetwork", "ADDER", "CONFIGURATION"): {
            "": 0 if loops.machine.fold_nodes else tree.configured  # which STONNE does not count
        },
        ("ReduceNetwork", "FIFO", "PUSH"): {
            PARTIAL_SUMS: tree_queue,
            OUTPUTS: accumulated and queued,
        },
        ("ReduceNetwork", "FIFO", "POP"): {
            PARTIAL_SUMS: tree_queue - waiting,
            OUTPUTS: accumulated and queued,
        },
        ("ReduceNetwork", "FIFO", "FRONT"): {"": 0},
    }
    if loops.machine.accumulates:
        added = totals.outputs * (folds - 1)
        counts |= {
            ("ReduceNetwork", "ACCUMULATOR", "READ"): {OUTPUTS: added},
            ("ReduceNetwork", "ACCUMULATOR", "WRITE"): {OUTPUTS: accumulated},
            ("ReduceNetwork", "ACCUMULATOR", "ADD"): {"": added},
        }
    counts |= {
        ("GlobalBuffer", "GLOBALBUFFER", "READ"): {
            WEIGHTS: totals.weight_reads,
            ACTIVATIONS: totals.input_reads,
            PARTIAL_SUMS: sums,
        },
        ("GlobalBuffer", "GLOBALBUFFER", "WRITE"): {
            PARTIAL_SUMS: totals.writes - totals.final_writes,
            OUTPUTS: totals.final_writes,
        },
        ("CollectionBus", "CB_WIRE", "WRITE"): {
            PARTIAL_SUMS: 2 * to_memory - (0 if loops.machine.sums_stay else sent_together)
        },
        ("CollectionBus", "CB_WIRE", "READ"): {"": 0},
        ("CollectionBus", "FIFO", "PUSH"): {PARTIAL_SUMS: to_memory},
        ("CollectionBus", "FIFO", "POP"): {PARTIAL_SUMS: to_memory},
        ("CollectionBus", "FIFO", "FRONT"): {"": 0},
    }
    return {
        ActionKey(*action, operand): number
        for action, shares in counts.items()
        for operand, number in shares.items()
    }


def spread(
    loops: Loops, placement: Placement, reduction: Reduction, totals: Totals
) -> dict[ActionKey, tuple[float, ...]]:
    """Spread what the trees do over their levels, from the multipliers up.

    Of the adder tree: additions of each level; wires and pushes of the values that leave the
    multipliers, then of those that the adders of each level put out; results of each level that
    hold a sum from the buffer. Where nodes of the tree add up folds: the whole sums that leave each
    level on the way to them. Of the distribution trees: the activations that pass each depth, from
    the multipliers up to the ports, and last those that leave the buffer.
    """
    turns = totals.outputs * loops.folds // loops.tile.neurons
    zeros = totals.outputs + loops.tile.neurons if loops.sums_return else 0
    products = totals.outputs * loops.folds * loops.tile.products
    entering = products + totals.sum_reads + zeros
    levels = reduction.tree.totals
    alone = reduction.passed_on_alone if loops.sums_return else [0] * len(levels)
    wires = [level.wires * turns + more for level, more in zip(levels, alone, strict=True)]
    pushed = [
        level.results * turns + more + wire
        for level, more, wire in zip(levels, alone, wires, strict=True)
    ]
    back = turns * (loops.folds - 1) // loops.folds
    steps = totals.first_steps, totals.later_steps
    sides = placement.activations, placement.new_column
    passing = [
        sum(side.reached[depth] * number for side, number in zip(sides, steps, strict=True))
        for depth in range(len(placement.activations.reached) - 1, -1, -1)
    ]
    leaving = sum(side.values * number for side, number in zip(sides, steps, strict=True))
    wire = ActionKey("ReduceNetwork", "RN_WIRE", "WRITE", PARTIAL_SUMS)
    folding: dict[ActionKey, tuple[float, ...]] = {}
    if loops.machine.fold_nodes:
        folding[wire._replace(operand=OUTPUTS)] = tuple(
            turns * passing for passing in reduction.up_to_fold_nodes
        )
    return folding | {
        ActionKey("DSNetwork", "DN_WIRE", "WRITE", ACTIVATIONS): (*passing, leaving),
        ActionKey("MSNetwork", "MULTIPLIER", "FORWARD_PSUM", PARTIAL_SUMS): tuple(
            level.returning * back for level in levels
        ),
        wire: (entering, *wires),
        wire._replace(component="FIFO", action="PUSH"): (entering, *pushed),
        ActionKey("ReduceNetwork", "ADDER", "ADD_2_1"): tuple(
            level.adds_2_1 * turns for level in levels
        ),
        ActionKey("ReduceNetwork", "ADDER", "ADD_3_1"): tuple(
            level.adds_3_1 * turns for level in levels
        ),
    }


def _links(loops: Loops) -> int:
    """Count the multipliers that hand an activation on."""
    tile = loops.tile
    return (tile.S - 1) * tile.R * tile.C * tile.neurons


def _each(of_neuron: Ints, turns: int) -> int:
    return int(of_neuron.sum()) * turns
