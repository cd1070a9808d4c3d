"""GEMMs side by side on SIGMA: what does not tell them apart is worked out once for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.activity import Activity
from hwsim.activity_columns import ActivityColumns
from hwsim.amount import added
from hwsim.bit_rows import BitRows
from hwsim.engines.stonne.fabric.components import component_instances
from hwsim.engines.stonne.fabric.distribution import distribute
from hwsim.engines.stonne.fabric.fibers import SHORTEST_FIBER, filled_rows
from hwsim.engines.stonne.fabric.packing import Ints, PackedMatrices, pack
from hwsim.engines.stonne.fabric.reduction_tree import reduce_in_tree
from hwsim.engines.stonne.fabric.sizes import FabricSizes
from hwsim.engines.stonne.fabric.waiting import (
    passes_of_groups,
    passes_that_wait,
    values_waited_for,
)
from hwsim.engines.stonne.sigma._timing import (
    arrivals_at_own_ports,
    arrivals_at_ports,
    configuration_cycles,
)
from hwsim.engines.stonne.sigma.counts import (
    MemoryAccesses,
    Numbers,
    Totals,
    counts_of,
    levels_of,
)
from hwsim.engines.stonne.sigma.groups import MULTIPLICATION
from hwsim.engines.stonne.sigma.stream import Stream

if TYPE_CHECKING:
    from hwsim.arch import Arch

ENGINE: Final = "sigma"
#: Weights that are worked out together: what is made of each takes some hundred bytes.
_TOGETHER: Final = 1 << 19
#: Numbers that OpenBLAS adds up in one thread, however many it has (its limit is 10,000).
_PIECE: Final = 1 << 13


@dataclass(frozen=True, eq=False)
class Gemms:
    """Products of stationary matrices of one shape, each with a streaming matrix alike.

    Parameters
    ----------
    weights : BitRows, shape (products, groups, rows, K)
        Non-zeros of the stationary matrices, each row a fiber along the reduction. Groups of a
        product share nothing but the shape.
    stream : Stream
        The other matrix of each product, the same for every group or of each its own.
    dataflow : str
        STONNE's name for which operand is stationary; it changes no count.
    """

    weights: BitRows
    stream: Stream
    dataflow: str

    def __len__(self) -> int:
        return self.weights.shape[0]

    @property
    def groups(self) -> int:
        """Of each product."""
        return self.weights.shape[1]

    @cached_property
    def rows(self) -> int:
        """Rows of the stationary matrix of a product, all its groups."""
        _, groups, rows, _ = self.weights.shape
        return groups * rows

    @cached_property
    def size(self) -> int:
        """Weights of a product, zeros among them."""
        return self.rows * self.weights.width


def simulate(weights: NDArray[np.bool_], stream: Stream, arch: Arch, dataflow: str) -> Activity:
    """Run stationary bits, (groups, rows, K), against a stream; see :class:`Gemms`."""
    product = Gemms(BitRows.of(weights[None]), stream, dataflow)
    return simulate_gemms([product], arch)[0][0]


def simulate_gemms(gemms: Sequence[Gemms], arch: Arch) -> list[list[Activity]]:
    """Run products one after the other.

    Parameters
    ----------
    gemms : sequence of Gemms
        The products; those of one K are worked out together, so many that what is made of them
        stays small.
    arch : Arch
        The machine.

    Returns
    -------
    list of list of Activity
        Of each of the products, all its groups together.
    """
    sizes = FabricSizes.of(arch)
    found: dict[int, list[Activity]] = {}
    for numbers in _together(gemms):
        together = [gemms[number] for number in numbers]
        activities = _of_one_width(together, sizes)
        bounds = pairwise([0, *accumulate(map(len, together))])
        for number, (first, past) in zip(numbers, bounds, strict=True):
            found[number] = [Activity.beside(activities, place) for place in range(first, past)]
    return [found[number] for number in range(len(gemms))]


def _together(gemms: Sequence[Gemms]) -> Iterator[list[int]]:
    """Choose products of one K, by their numbers, of at most so many weights or of one alone."""
    filled: dict[int, tuple[list[int], int]] = {}
    for number, gemm in enumerate(gemms):
        K, size = gemm.weights.width, gemm.weights.size
        numbers, weights = filled.get(K, ([], 0))
        if numbers and weights + size > _TOGETHER:
            yield numbers
            numbers, weights = [], 0
        filled[K] = [*numbers, number], weights + size
    yield from (numbers for numbers, _ in filled.values())


def _of_one_width(gemms: Sequence[Gemms], sizes: FabricSizes) -> ActivityColumns:
    num_ms, dn_bw, rn_bw = sizes
    K = gemms[0].weights.width

    def of_products(values: Iterable[Any]) -> Numbers:
        """Give each product what all of its kind have, as Python's."""
        return np.repeat(np.array([*values], dtype=object), [*map(len, gemms)])

    rows = BitRows.concatenated([gemm.weights.reshape(len(gemm) * gemm.rows) for gemm in gemms])
    products = [gemm for gemm in gemms for _ in range(len(gemm))]
    first_row = np.array([0, *accumulate(gemm.rows for gemm in products)])
    ends = [0, *accumulate(len(gemm) * gemm.rows for gemm in gemms)]
    held, bits = rows.counts, filled_rows(rows)
    lengths = np.maximum(held, min(SHORTEST_FIBER, K))
    packed = pack(
        [
            lengths[first:past].reshape(len(gemm), gemm.groups, -1)
            for gemm, (first, past) in zip(gemms, pairwise(ends), strict=True)
        ],
        num_ms,
    )
    packing = packed.packing
    columns = of_products(gemm.stream.columns for gemm in gemms)
    streamed = _of_configurations(packed, columns)
    tree = reduce_in_tree(packing, num_ms)
    if dn_bw == num_ms:
        reached, arrivals = [packing.weights], arrivals_at_own_ports(tree)
    else:
        distribution = distribute(packing, bits, num_ms, dn_bw)
        reached, arrivals = (
            distribution.reached,
            arrivals_at_ports(packing, tree, distribution, streamed),
        )
    cycles = configuration_cycles(packing, tree, arrivals, streamed, num_ms, rn_bw)

    repeats = packing.repeats
    vns = np.bincount(packing.configuration, minlength=len(repeats))

    def total(of_configurations: Ints | NDArray[np.bool_]) -> Numbers:
        """Sum over the configurations of each GEMM, as Python's numbers that know no bound."""
        sums = np.add.reduceat(of_configurations * repeats, packed.first_configuration)
        return sums.astype(object)

    def vn_total(of_vns: Ints | NDArray[np.bool_]) -> Numbers:
        return np.add.reduceat(of_vns * tree.repeats, packed.first_vn).astype(object)

    reads, unused, sent = _input_reads(products, columns, packed, bits, first_row)
    totals = Totals(
        columns=columns,
        weights=total(packing.weights),
        returning=total(packing.folded),
        multipliers=vn_total(packing.size),
        resident_weights=packed.resident_weights.astype(object),
        reached=[total(each) for each in reached],
        sent=sent,
        wires=vn_total(tree.wires),
        in_company=vn_total(tree.leaves_in_company(packing)),
        adds_2_1=vn_total(tree.adds_2_1),
        adds_3_1=vn_total(tree.adds_3_1),
        adders=vn_total(tree.adders),
        outputs=total(vns),
        levels=tree.totals_of(packed.first_vn).astype(object),
    )
    memory = MemoryAccesses(
        weight_reads=totals.weights,
        input_reads=reads,
        unused_reads=unused,
        psum_reads=totals.returning * columns,
        psum_writes=totals.outputs * columns,
        outputs=of_products(gemm.rows for gemm in gemms) * columns,
    )
    counts, spread = counts_of(totals, memory), levels_of(totals)
    took = total(cycles)
    size = of_products(gemm.size for gemm in gemms)
    elements = of_products(gemm.groups for gemm in gemms) * K * columns
    present = of_products(gemm.stream.present * gemm.groups for gemm in gemms)
    reconfigurations = np.add.reduceat(repeats, packed.first_configuration).astype(object)
    # without the zeros that short fibers are filled with
    effectual = np.add.reduceat(held, first_row[:-1]).astype(object)
    statistics = {
        "Total_cycles": took,
        "N_SRAM_weight_reads": memory.weight_reads,
        "N_SRAM_input_reads": memory.input_reads,
        "N_SRAM_psum_reads": memory.psum_reads,
        "N_SRAM_psum_writes": memory.psum_writes,
        "Dataflow": of_products(gemm.dataflow for gemm in gemms),
        "STA_sparsity": 100 * (size - memory.weight_reads) // size,
        "STR_sparsity": _whole(100 * (elements - present) // elements),
        "STA_vectors_at_once_avg": totals.outputs // reconfigurations,
        "STA_vectors_at_once_max": np.maximum.reduceat(vns, packed.first_configuration),
        "N_reconfigurations": reconfigurations,
    }
    alike = Activity(
        engine=ENGINE,
        cycles=0,
        counts=dict.fromkeys(counts, 0),
        instances=component_instances(num_ms, dn_bw, rn_bw),
        macs=0,
        effectual_macs=0,
        utilization=0.0,
        levels=dict.fromkeys(spread, ()),
    )
    return ActivityColumns(
        keys=alike.keys,
        cycles=took.tolist(),
        macs=(size * columns).tolist(),
        effectual_macs=(effectual * columns).tolist(),
        utilization=(counts[MULTIPLICATION] / (num_ms * took)).tolist(),
        counts={key: column.tolist() for key, column in counts.items()},
        levels={key: tuple(level.tolist() for level in own) for key, own in spread.items()},
        statistics={name: column.tolist() for name, column in statistics.items()},
    )


def _whole(numbers: Numbers) -> Numbers:
    """Cut what may be fractions."""
    return np.array([int(each) for each in numbers.tolist()], dtype=object)


def _dot(passes: Ints, present: NDArray[Any]) -> float:
    """Multiply and add up.

    Piece by piece, since BLAS splits longer sums between its threads, which changes their order: a
    result must not depend on how many there are.
    """
    pieces = (slice(start, start + _PIECE) for start in range(0, len(passes), _PIECE))
    total: float = added((passes[piece] @ present[piece]).item() for piece in pieces)
    return total


def _of_configurations(packed: PackedMatrices, of_products: Numbers) -> Ints:
    """Give each configuration what its product has."""
    ends = np.append(packed.first_configuration, len(packed.packing.repeats))
    return np.repeat(of_products.astype(np.int64), np.diff(ends))


def _input_reads(
    products: Sequence[Gemms],
    columns: Numbers,
    packed: PackedMatrices,
    rows: BitRows,
    first_row: Ints,
) -> tuple[Numbers, Numbers, Numbers]:
    """Count the values of the streaming matrices that are read, for nothing, and sent a column.

    The later pieces of a folded row go on where the piece before stopped reading the columns, so
    all pieces of a row together read the streaming matrix once.
    """
    first_rows = packed.packing.first_rows
    sent = np.add.reduceat(values_waited_for(first_rows, rows), packed.first_pass).astype(object)
    ends = [*packed.first_pass[1:].tolist(), len(first_rows)]
    passes = np.array(ends, dtype=object) - packed.first_pass
    reads = passes * np.array([gemm.stream.present for gemm in products], dtype=object)
    unused = (passes * rows.width - sent) * columns
    for number, gemm in enumerate(products):
        stream, first, past = gemm.stream, packed.first_pass[number], ends[number]
        if stream.dense:
            continue
        beginnings = first_rows[first:past] - first_row[number]
        own = passes_of_groups(beginnings, gemm.rows, gemm.groups)
        of_gemm = rows[first_row[number] : first_row[number + 1]]
        idle = own[:, None] - passes_that_wait(beginnings, of_gemm, own)
        if stream.present_at.ndim == 1:
            unused[number] = _dot(idle.sum(axis=0), stream.present_at)
        else:
            reads[number] = float((own[:, None] * stream.present_at).sum())
            unused[number] = float((idle * stream.present_at).sum())
    return reads, unused, sent
