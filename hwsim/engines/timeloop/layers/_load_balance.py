"""How long parallel units wait for the one with the most non-zero weights.

The nest analysis lets every unit take its share on average. With the very zeros at hand the wait
can be counted: units that run side by side hold different weights, and start their next tiles
together.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.terms.mapping import LoopMapping


def slowest_over_mean(weights: npt.NDArray[np.bool_], mapping: LoopMapping) -> float:
    """Compare the fullest tiles with the average ones; ``weights`` is (G, M, C, R, S).

    Time if all units below the innermost level that fans out to memories wait for the slowest after
    every tile of theirs, over time without waiting; 1 or more. Units that fan out further inside
    (lanes of a PE) are taken together. Units that a rest leaves without a tile are not waited for,
    and are no part of the average.
    """
    together = _level_of_waiting(mapping)
    if together is None or not weights.any():
        return 1.0
    lengths: list[int] = []
    roles: list[str] = []
    covered = [1] * weights.ndim
    for dimension in range(weights.ndim):
        loops = [
            (level, loop)
            for level, nest in enumerate(mapping.levels)
            for loop in nest.loops
            if loop.dimension == dimension and loop.end > 1
        ]
        for level, loop in reversed(loops):  # the outermost loop is the slowest index
            lengths.append(loop.end)
            covered[dimension] *= loop.end
            if loop.spatial and level >= together:
                roles.append("unit")
            else:
                roles.append("step" if level >= together else "tile")
    inside = tuple(axis for axis, role in enumerate(roles) if role == "tile")
    across = tuple(axis for axis, role in enumerate(roles) if role == "unit")

    def tiles(points: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        rest = [(0, there - size) for there, size in zip(covered, points.shape, strict=True)]
        found: npt.NDArray[np.int64] = (
            np.pad(points, rest).reshape(lengths).sum(axis=inside, keepdims=True)
        )
        return found

    counts = tiles(weights)
    working = (tiles(np.ones_like(weights)) > 0).sum(axis=across)
    steps = working > 0
    mean = counts.sum(axis=across)[steps] / working[steps]
    return float(counts.max(axis=across).sum() / mean.sum())


def strewn(weights: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Put as many non-zeros at random places, always the same ones: what a share alone tells.

    The wait for the slowest of many units has no closed form; this is one draw of it.
    """
    if weights.all():
        return weights
    flat = weights.ravel().copy()
    np.random.default_rng(0).shuffle(flat)
    return flat.reshape(weights.shape)


def _level_of_waiting(mapping: LoopMapping) -> int | None:
    """Find the innermost level whose children are memories and more than one."""
    for level, nest in enumerate(mapping.levels):
        if level and any(loop.end > 1 for loop in nest.spatial):
            return level
    return None
