"""What a PE does with a block of filters, for one vector of activations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.repetition.jumps import count_long_jumps
from hwsim.engines.repetition.level_codes import LevelCodes
from hwsim.engines.repetition.sizes import UcnnSizes
from hwsim.engines.repetition.tuples import Tile
from hwsim.engines.repetition.ucnn import count_ucnn, index_bits

if TYPE_CHECKING:
    from hwsim.workload import Workload


@dataclass(frozen=True)
class Block:
    """A block of filters of one group.

    Parameters
    ----------
    group : int
        Of the layer.
    filters : int
        In the block.
    cycles : int
        That a vector takes: entries of its tables, long jumps among them, or products where those
        are more; or the positions of the reduction.
    reads : float
        Activations read.
    weight_bits : float
        Bits of tables, or of weights, read.
    summed : int
        Additions to sums of groups.
    products : float
        Products, each added to the sum of a filter.
    stays : int
        Sums of filters that leave for another tile and come back.
    stored_bits : int
        Bits of its tables, or of its weights, in DRAM and on the chip.
    """

    group: int
    filters: int
    cycles: int
    reads: float
    weight_bits: float
    summed: int
    products: float
    stays: int
    stored_bits: int


def blocks_of(workload: Workload, sizes: UcnnSizes) -> Iterator[Block]:
    """Cut a layer into blocks of filters, group after group."""
    bits = sizes.weight_bits
    if workload.operands is not None:
        bits = min(bits, workload.operands.weight_bits)
    make = _factored if sizes.factored else _multiplied
    together = sizes.filters
    if sizes.factored and not repeats(workload):
        make, together = _unrepeated, 1
    present = workload.activations.nonzeros
    shares = workload.shares_of_k() if present is None else present.mean(axis=1)
    for group in range(workload.groups):
        for start in range(0, workload.filters, together):
            levels = workload.levels[group, start : start + together]
            yield make(group, levels, shares[group], bits, sizes)


def repeats(workload: Workload) -> bool:
    """Tell whether the levels of the weights are known: of numbers often the sign is alone."""
    return workload.coding != "value" or int(np.abs(workload.levels).max()) > 1


def _factored(
    group: int,
    levels: NDArray[np.int8],
    share: NDArray[np.float64],
    bits: int,
    sizes: UcnnSizes,
) -> Block:
    """Walk the tables of activation groups; zeros of activations are added like others."""
    weights = LevelCodes.of(levels)
    filters, reduction = levels.shape
    tile = Tile(filters, min(sizes.positions, reduction))
    found = count_ucnn(weights, tile, limit=sizes.group_limit)
    entries, table = found.table_entries, found.table_bits
    if sizes.jump_bits:
        entries += count_long_jumps(weights, tile, [sizes.jump_bits])[0]
        table = entries * (sizes.jump_bits + filters)
    lists = int(weights.ranks[:, weights.largest].sum()) * bits if weights.multiplies else 0
    return Block(
        group=group,
        filters=filters,
        cycles=max(entries, found.terms),
        reads=found.activation_reads,
        weight_bits=table,
        summed=found.additions - found.terms,
        products=found.terms,
        stays=max(0, found.partial_sum_writes - filters),
        stored_bits=table + lists,
    )


def _unrepeated(
    group: int,
    levels: NDArray[np.int8],
    share: NDArray[np.float64],
    bits: int,
    sizes: UcnnSizes,
) -> Block:
    """Walk a table in which each weight is a level of its own, with its value."""
    weights = int(np.count_nonzero(levels))
    tile = min(sizes.positions, levels.shape[1])
    entries, where = weights, index_bits(tile)
    if sizes.jump_bits:  # as if all were of one level: from the first position to the last
        present = LevelCodes.of(levels != 0)
        entries += count_long_jumps(present, Tile(1, tile), [sizes.jump_bits])[0]
        where = sizes.jump_bits
    table = entries * (where + 1 + bits)
    return Block(
        group=group,
        filters=1,
        cycles=entries,
        reads=weights,
        weight_bits=table,
        summed=0,
        products=weights,
        stays=_live(levels, tile) - 1 if weights else 0,
        stored_bits=table,
    )


def _multiplied(
    group: int,
    levels: NDArray[np.int8],
    share: NDArray[np.float64],
    bits: int,
    sizes: UcnnSizes,
) -> Block:
    """Take every position; where the activation or a weight is zero nothing else happens."""
    filters, reduction = levels.shape
    present = levels != 0
    nonzero = int(np.count_nonzero(present))
    plain = levels.size * bits
    return Block(
        group=group,
        filters=filters,
        cycles=reduction,
        reads=reduction,
        weight_bits=float(share.sum()) * filters * bits,
        summed=0,
        products=float(present.sum(axis=0) @ share),
        stays=max(0, _live(levels, sizes.positions) - filters),
        stored_bits=min(plain, nonzero * (bits + sizes.run_bits)),
    )


def _live(levels: NDArray[np.int8], positions: int) -> int:
    """Count the sums that tiles add to: of filters that are not zero there."""
    starts = np.arange(0, levels.shape[1], positions)
    return int(np.count_nonzero(np.add.reduceat(levels != 0, starts, axis=1)))
