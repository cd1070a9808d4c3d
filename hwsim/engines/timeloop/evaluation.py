"""From a problem, a mapping and a machine to everything that Timeloop reports."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hwsim.engines.timeloop.figures.dense_analysis import Analysed, DenseAnalysis
from hwsim.engines.timeloop.figures.evaluation_figures import Evaluation
from hwsim.engines.timeloop.figures.network_loads import network_latency
from hwsim.engines.timeloop.figures.storage_figures import add_leakage, level_figures
from hwsim.engines.timeloop.nest.nest import analyse
from hwsim.engines.timeloop.nest.walk import walk_nest
from hwsim.engines.timeloop.sparse.compute_actions import split_operations
from hwsim.engines.timeloop.sparse.conditional_saving import find_savings
from hwsim.engines.timeloop.sparse.occupancy import set_expected_occupancy, set_metadata_accesses
from hwsim.engines.timeloop.sparse.position_skipping import position_skips, skip_positions
from hwsim.engines.timeloop.sparse.propagation import (
    apply_representation,
    count_compressions,
    propagate,
)
from hwsim.engines.timeloop.sparse.representation import check_representations, lay_out
from hwsim.engines.timeloop.sparse.rounding import Rounding, settled
from hwsim.engines.timeloop.sparse.run_lengths import pad_run_lengths
from hwsim.engines.timeloop.sparse.sparse_tile import (
    ComputeTile,
    LoopExtents,
    SparseTile,
    dense_compute,
    dense_tiles,
    loop_extents,
)
from hwsim.engines.timeloop.sparse.spatial_skipping import skip_in_space
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError

#: Larger meshes are a slip of the pen, and their neighbours would not fit into memory.
_MOST_UNITS = 4_000_000


def evaluate(
    problem: Problem,
    machine: Machine,
    mapping: LoopMapping,
    sparse: SparseOptimizations,
    imbalance: float = 1.0,
    analysed: Analysed | None = None,
) -> Evaluation:
    """Evaluate one mapping.

    Parameters
    ----------
    problem, machine, mapping, sparse
        What is computed, where, how, and which zeros are made use of.
    imbalance : float
        Time of the compute units over what they need if they share out the operations evenly, as
        they do in Timeloop; 1 or more.
    analysed : Analysed, optional
        Its dense analysis, where it is known already.

    Raises
    ------
    InputError
        If the mapping does not fit the machine or the optimisations cannot be built.
    """
    extents = _checked_extents(problem, mapping)
    if analysed is None:
        analysed = analyse_dense(problem, machine, mapping)
    _check_multicasts(analysed, machine)
    tiles = analysed.tiles
    if sparse.any and _walked(mapping):
        problem = _padded(problem, extents)
    representations = [
        [sparse.representations.get((level, number)) for level in range(len(machine.levels))]
        for number in range(len(problem.data_spaces))
    ]
    spaces = dense_tiles(problem, tiles, extents, representations)
    compute = dense_compute(analysed.nest, extents, analysed.which)
    mistaken: list[tuple[int, int]] = []
    if sparse.any:
        mistaken = _apply_sparsity(problem, spaces, compute, extents, sparse, machine)
    _check_compute(compute, machine)

    waiting = analysed.waiting(_words_left(problem, machine, spaces))
    compute_cycles = _compute_cycles(compute, mapping, imbalance)
    levels = [
        level_figures(
            level, [row[number] for row in spaces], problem, compute_cycles, mapped.streamed
        )
        for number, (level, mapped) in enumerate(zip(machine.levels, mapping.levels, strict=True))
    ]
    slowest = max(compute_cycles, *(level.cycles for level in levels)) + waiting
    add_leakage(levels, slowest)
    return Evaluation(
        problem=problem,
        machine=machine,
        mapping=mapping,
        sparse=sparse,
        levels=levels,
        networks=analysed.networks,
        compute=compute,
        compute_cycles=compute_cycles,
        cycles=slowest + network_latency(machine),
        waiting_cycles=waiting,
        compute_energy=sum(
            compute.counts[action] * machine.compute.energy[action] for action in compute.counts
        ),
        mistaken=tuple(mistaken),
    )


def analyse_dense(problem: Problem, machine: Machine, mapping: LoopMapping) -> Analysed:
    """Analyse what a mapping asks of a machine, zeros and widths of words aside.

    Raises
    ------
    InputError
        If it is none of the problem.
    """
    _checked_extents(problem, mapping)
    nest = (walk_nest if _walked(mapping) else analyse)(problem, mapping, machine)
    keep = np.array([level.keep for level in mapping.levels])[:, :, None]
    return DenseAnalysis.of(problem, machine, nest, mapping.levels, keep).at(0)


def _walked(mapping: LoopMapping) -> bool:
    return not (mapping.perfect or mapping.counts_rests)


def _checked_extents(problem: Problem, mapping: LoopMapping) -> LoopExtents:
    one = np.ones(len(problem.dimensions), dtype=np.int64)
    extents = loop_extents(problem, mapping, one)
    _check_width(extents)
    _check_kept(problem, mapping)
    return extents


def _words_left(
    problem: Problem, machine: Machine, spaces: list[list[SparseTile]]
) -> dict[str, float]:
    """Tell what share of the words formats leave, on the way into the units of a pass."""
    left = {}
    inside = 0 if machine.ramp_up is None else machine.ramp_up.level
    for space, tiles in zip(problem.data_spaces, spaces, strict=True):
        kept = [tile for tile in tiles[:inside] if tile.dense.fills]
        if kept:
            left[space.name] = kept[-1].counts["random_fill"] / kept[-1].dense.fills
    return left


def _compute_cycles(compute: ComputeTile, mapping: LoopMapping, imbalance: float) -> int:
    evenly: float = compute.temporal_iterations
    if mapping.counts_rests:  # the share of the steps that is left, in whole numbers
        evenly = settled(compute.busy * compute.temporal_iterations / compute.dense)
    elif mapping.perfect:
        evenly = compute.busy / compute.instances if compute.instances else 0.0
    # The slowest unit's time is a whole number, which the product of two shares may miss.
    return math.ceil(evenly if imbalance == 1.0 else settled(evenly * imbalance))


def _check_kept(problem: Problem, mapping: LoopMapping) -> None:
    for number, space in enumerate(problem.data_spaces):
        if not any(level.keep[number] for level in mapping.levels):
            raise InputError(
                f"mapping: no storage level keeps {space.name}; let at least one keep it"
            )


def _check_multicasts(analysed: Analysed, machine: Machine) -> None:
    if analysed.uneven:
        raise InputError(
            f"{machine.levels[analysed.uneven - 1].name}: network_type M:N needs one multicast "
            "factor for all children; choose spatial loops without sliding windows or another "
            "network"
        )


def _padded(problem: Problem, extents: LoopExtents) -> Problem:
    """Take densities to be of tensors as large as the loops' factors make them, as Timeloop does.

    Factors that do not divide round the tensors up.
    """
    largest = extents.extents[-1][-1]
    sized = tuple(
        density.of_tensor(space.box(largest))
        for density, space in zip(problem.densities, problem.data_spaces, strict=True)
    )
    return replace(problem, densities=sized)


def _apply_sparsity(
    problem: Problem,
    spaces: list[list[SparseTile]],
    compute: ComputeTile,
    extents: LoopExtents,
    sparse: SparseOptimizations,
    machine: Machine,
) -> list[tuple[int, int]]:
    """Take away what zeros save; tells which tiles Timeloop mistakes for empty ones."""
    if sparse.representations:
        check_representations(problem, spaces, machine)
        lay_out(problem, spaces, extents, machine, as_stored=sparse.as_stored)
        problem = pad_run_lengths(problem, spaces)
    rounding = Rounding.of(problem)
    mistaken = []
    for number, tiles in enumerate(spaces):
        found = set_expected_occupancy(tiles, sparse.as_timeloop)
        mistaken += [(level, number) for level in found]
        for tile in tiles:
            set_metadata_accesses(tile, rounding)
    savings = find_savings(problem, spaces, extents, sparse, machine)
    skip_in_space(problem, spaces, compute, extents, sparse, machine, savings)
    apply_representation(problem, spaces, rounding)
    effect = propagate(problem, spaces, compute, savings, rounding)
    count_compressions(problem, spaces)
    skips = position_skips(problem, spaces, compute, extents, sparse, machine)
    split_operations(
        problem, spaces, compute, sparse, effect, rounding, [skip.space for skip in skips]
    )
    skip_positions(skips, spaces, compute, rounding)
    if not rounding.rounds:
        _settle(spaces, compute)
    return mistaken


def _settle(spaces: list[list[SparseTile]], compute: ComputeTile) -> None:
    """Make counts whole again that only the shares on their way were not."""
    compute.counts = {action: settled(count) for action, count in compute.counts.items()}
    for tile in (tile for tiles in spaces for tile in tiles):
        tile.counts = {action: settled(count) for action, count in tile.counts.items()}
        for action, ranks in tile.formats.items():
            tile.formats[action] = [[settled(count) for count in rank] for rank in ranks]


def _check_width(extents: LoopExtents) -> None:
    """Refuse mappings onto more units than any machine has, before they are laid out."""
    factors = [loop.end for loops in extents.loops for loop in loops if loop.spatial]
    if math.prod(factors) > _MOST_UNITS:
        raise InputError(
            f"mapping: the spatial factors ask for {math.prod(factors):,} compute units; at most "
            f"{_MOST_UNITS:,} are modelled"
        )


def _check_compute(compute: ComputeTile, machine: Machine) -> None:
    mesh = machine.compute.mesh
    checks = (
        ("instances", compute.columns * compute.rows, mesh.instances),
        ("columns (meshX)", compute.columns, mesh.columns),
        ("rows (meshY)", compute.rows, mesh.rows),
    )
    for what, used, there in checks:
        if used > there:
            raise InputError(
                f"{machine.compute.name}: the mapping uses {used} {what}, but there are {there}; "
                "lower the spatial factors, or move the split between X and Y"
            )
