"""What somebody who reads the figures of an evaluation has to know, in a line each."""

from __future__ import annotations

from itertools import compress

from hwsim.engines.timeloop.figures.evaluation_figures import Evaluation
from hwsim.engines.timeloop.figures.storage_figures import beyond_table
from hwsim.engines.timeloop.terms.problem import Problem


def empty_tensors(problem: Problem) -> list[str]:
    """Name the operands of density 0: all that is done with them is done with zeros."""
    names = [
        space.name
        for space, density in zip(problem.data_spaces, problem.densities, strict=True)
        if not space.read_write and density.max_occupancy(space.box(problem.bounds)) == 0
    ]
    listed = ", ".join(names)
    return [f"problem: the density of {listed} is 0: it holds nothing but zeros"] if names else []


def mistaken_tiles(evaluation: Evaluation) -> list[str]:
    """Name the tiles that Timeloop takes for empty though they never are, once for all of them."""
    if not evaluation.mistaken:
        return []
    spaces, levels = evaluation.problem.data_spaces, evaluation.machine.levels
    listed = ", ".join(
        f"{spaces[space].name} at {levels[level].name}" for level, space in evaluation.mistaken
    )
    told = "Timeloop takes tiles that are never empty for empty ones"
    if evaluation.sparse.as_timeloop:
        return [f"{told}, and so do these figures: {listed}"]
    return [f"{told}; here they count as they are: {listed}. --as-timeloop gives its figures"]


def streamed_data(evaluation: Evaluation) -> list[str]:
    """Name the data that stream through memories, which Timeloop's release passes over."""
    names = [space.name for space in evaluation.problem.data_spaces]
    found = [
        f"{name} at {level.name}"
        for level, mapped in zip(evaluation.machine.levels, evaluation.mapping.levels, strict=True)
        for name in compress(names, mapped.streamed)
    ]
    if not found:
        return []
    told = "mapping: streams are paid for, as published with the MICRO 2022 artifact"
    return [f"{told}: {', '.join(found)}. Timeloop's release passes over 'stream' (--as-timeloop)"]


def refused_by_release(evaluation: Evaluation) -> list[str]:
    """Name what Timeloop's release ends at, so that there is no figure of it to compare with."""
    return [*_skipped_positions(evaluation), *_wide_rows(evaluation)]


def _skipped_positions(evaluation: Evaluation) -> list[str]:
    names = [space.name for space in evaluation.problem.data_spaces]
    found = [
        f"{names[space]} at {evaluation.machine.levels[level].name}"
        for level, spaces in evaluation.sparse.position_skips.items()
        for space in spaces
    ]
    if not found:
        return []
    told = "sparse_optimizations: position-skipping is that of the MICRO 2022 artifact"
    return [f"{told}: {', '.join(found)}. Timeloop's release does not know it and ends there"]


def _wide_rows(evaluation: Evaluation) -> list[str]:
    found = []
    for figures in evaluation.levels:
        block = figures.level.block_size
        names = [space.name for space in figures.spaces if beyond_table(block, space.tile)]
        if names:
            found.append(f"{', '.join(names)} at {figures.level.name}, {block} words a row")
    if not found:
        return []
    told = "Timeloop's release knows compressed tensors in rows of 2, 4, 8, 16 or 32 words"
    return [f"{told} and ends at others (map::at); here they count: {'; '.join(found)}"]
