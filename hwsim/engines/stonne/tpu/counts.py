"""What a GEMM makes the components of the mesh do, and how many of them there are."""

from __future__ import annotations

from typing import Final

from hwsim.activity import (
    ACTIVATIONS,
    OUTPUTS,
    PARTIAL_SUMS,
    WEIGHTS,
    ActionKey,
    ComponentKey,
)
from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.engines.stonne.tpu.tile import Gemm, Tile

#: Queues of a multiplier (top, left, right, bottom, product) and of an accumulator (in, out).
_QUEUES_OF_MULTIPLIER: Final = 5
_QUEUES_OF_ACCUMULATOR: Final = 2


def instances(sizes: MeshSizes) -> dict[ComponentKey, int]:
    """Count the components, in the order of STONNE's counters."""
    ports, leaves, multipliers = sizes.dn_bw, sizes.leaves_of_port, sizes.multipliers
    lines, inputs = sizes.rn_bw, sizes.inputs_of_line
    found = {("DSNetwork", "DN_WIRE"): ports * (2 * leaves - 1)}
    if leaves > 1:
        found["DSNetwork", "SWITCH"] = ports * (leaves - 1)
    if links := 2 * multipliers - sizes.ms_rows - sizes.ms_cols:
        found["MSNetwork", "MN_WIRE"] = links
    return found | {
        ("MSNetwork", "MULTIPLIER"): multipliers,
        ("MSNetwork", "FIFO"): _QUEUES_OF_MULTIPLIER * multipliers,
        ("ReduceNetwork", "RN_WIRE"): multipliers,
        ("ReduceNetwork", "ACCUMULATOR"): multipliers,
        ("ReduceNetwork", "FIFO"): _QUEUES_OF_ACCUMULATOR * multipliers,
        ("GlobalBuffer", "GLOBALBUFFER"): 1,
        ("CollectionBus", "CB_WIRE"): lines * (inputs + 1),
        ("CollectionBus", "FIFO"): lines * inputs,
    }


def edge_reads(gemm: Gemm, tile: Tile) -> tuple[int, int]:
    """Count the elements that come in from the left, of ``MK``, and from the top, of ``KN``."""
    down, across = -(-gemm.M // tile.rows), -(-gemm.N // tile.columns)
    return gemm.M * gemm.K * across, gemm.N * gemm.K * down


def action_counts(
    gemm: Gemm, tile: Tile, sizes: MeshSizes, *, weights_left: bool
) -> dict[ActionKey, float]:
    """Count every action for each operand, named as in STONNE's counters file.

    Parameters
    ----------
    gemm : Gemm
        What is run.
    tile : Tile
        What the mesh works on at a time.
    sizes : MeshSizes
        The machine.
    weights_left : bool
        Whether ``MK``, which comes in from the left, is the weights, as for a convolution.
    """
    products, outputs = gemm.M * gemm.N * gemm.K, gemm.M * gemm.N
    left, top = edge_reads(gemm, tile)
    of_left, of_top = (WEIGHTS, ACTIVATIONS) if weights_left else (ACTIVATIONS, WEIGHTS)
    levels = sizes.leaves_of_port.bit_length() - 1
    # An element that came in is handed on at every place but the last of its row or column.
    moved = {of_left: products - left, of_top: products - top}
    queued = {operand: products + passed for operand, passed in moved.items()}
    # a queue of products, taken by the accumulator in the next cycle
    queued[PARTIAL_SUMS] = products
    sums = products - outputs

    counts: dict[tuple[str, str, str], dict[str, int]] = {
        ("DSNetwork", "DN_WIRE", "WRITE"): {
            of_left: left * (levels + 1),
            of_top: top * (levels + 1),
        },
        ("DSNetwork", "DN_WIRE", "READ"): {"": 0},
    }
    if levels:
        counts |= {
            ("DSNetwork", "SWITCH", "ROUTE_UNICAST"): {
                of_left: left * levels,
                of_top: top * levels,
            },
            ("DSNetwork", "SWITCH", "ROUTE_BROADCAST"): {"": 0},
        }
    if sizes.multipliers > 1:
        counts |= {
            ("MSNetwork", "MN_WIRE", "WRITE"): moved,
            ("MSNetwork", "MN_WIRE", "READ"): {"": 0},
        }
    counts |= {
        ("MSNetwork", "MULTIPLIER", "MULTIPLICATION"): {"": products},
        ("MSNetwork", "MULTIPLIER", "CONFIGURATION"): {"": tile.number(gemm) * sizes.multipliers},
        ("MSNetwork", "FIFO", "PUSH"): queued,
        ("MSNetwork", "FIFO", "POP"): queued,
        ("MSNetwork", "FIFO", "FRONT"): {"": 0},
        ("ReduceNetwork", "RN_WIRE", "WRITE"): {PARTIAL_SUMS: products},
        ("ReduceNetwork", "RN_WIRE", "READ"): {"": 0},
        ("ReduceNetwork", "ACCUMULATOR", "READ"): {PARTIAL_SUMS: sums},
        ("ReduceNetwork", "ACCUMULATOR", "WRITE"): {PARTIAL_SUMS: products},
        ("ReduceNetwork", "ACCUMULATOR", "ADD"): {PARTIAL_SUMS: sums},
        ("ReduceNetwork", "FIFO", "PUSH"): {PARTIAL_SUMS: products, OUTPUTS: outputs},
        ("ReduceNetwork", "FIFO", "POP"): {PARTIAL_SUMS: products, OUTPUTS: outputs},
        ("ReduceNetwork", "FIFO", "FRONT"): {"": 0},
        ("GlobalBuffer", "GLOBALBUFFER", "READ"): {of_left: left, of_top: top},
        ("GlobalBuffer", "GLOBALBUFFER", "WRITE"): {OUTPUTS: outputs},
        ("CollectionBus", "CB_WIRE", "WRITE"): {OUTPUTS: 2 * outputs},
        ("CollectionBus", "CB_WIRE", "READ"): {"": 0},
        ("CollectionBus", "FIFO", "PUSH"): {OUTPUTS: outputs},
        ("CollectionBus", "FIFO", "POP"): {OUTPUTS: outputs},
        ("CollectionBus", "FIFO", "FRONT"): {"": 0},
    }
    return {
        ActionKey(*action, operand): count
        for action, shares in counts.items()
        for operand, count in shares.items()
    }


def memory_totals(gemm: Gemm, tile: Tile, cycles: int) -> dict[str, float | str]:
    """Give the memory controller's totals under STONNE's labels: ``KN`` are its weights."""
    left, top = edge_reads(gemm, tile)
    return {
        "Total_cycles": cycles,
        "N_SRAM_weight_reads": top,
        "N_SRAM_input_reads": left,
        "N_SRAM_psum_reads": 0,
        "N_SRAM_psum_writes": gemm.M * gemm.N,
        "Dataflow": "CNN_DATAFLOW",
        "STA_sparsity": 0,
        "STR_sparsity": 0,
        "STA_vectors_at_once_avg": 0,
        "STA_vectors_at_once_max": 0,
        "N_reconfigurations": tile.number(gemm),
    }
