"""How long parallel units take that wait for each other, because they share what they work on.

A router hands a word to all units that share it together, so none of them gets its next tile before
all have done the one before. Units that differ in filters (M) share activations, and those that
differ in what is summed (C, R, S) share a result: both wait after every tile. Units that differ in
outputs (P, Q, N) or groups (G) share at most weights, and wait when these are replaced.

A unit takes the non-zero weights of a column of its tile, those that one activation meets, in rows
of as many as it has lanes: a column that does not fill its last row leaves lanes without work.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.layers._layer_problem import Shape
from hwsim.engines.timeloop.layers._loop_roles import (
    INSIDE,
    POSITIONS,
    SUMMED,
    Bools,
    G,
    LoopRoles,
    M,
    count_along_first,
)
from hwsim.engines.timeloop.layers._products import effectual_products, windows_of
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import Loop, LoopMapping

_Times = npt.NDArray[np.float32]

_SHARED: Final = (G, *SUMMED)  # by weights and activations
#: Times of tiles that are looked at together: 16 MB.
_BLOCK: Final = 1 << 22


def _roles(mapping: LoopMapping, inside: int, dimensions: int) -> LoopRoles:
    """Tell what each loop walks over.

    ``tile`` and ``lane``, in time and in space, inside a unit; ``unit``, over units; ``stay`` and
    ``step``, in time outside of units, while the weights stay and while they do not.
    """
    stays = True

    def role(level: int, loop: Loop) -> str:
        nonlocal stays
        if level < inside:
            return "lane" if loop.spatial else "tile"
        if loop.spatial:
            return "unit"
        stays = stays and loop.dimension in POSITIONS
        return "stay" if stays else "step"

    return LoopRoles.of(mapping, dimensions, role)


def levels_of_a_unit(machine: Machine) -> int:
    """Count the levels inside of what waits: the innermost memories that stand side by side.

    0 where there is but one of each.
    """
    return next((n for n in range(1, len(machine.levels)) if machine.has_fanout(n)), 0)


def in_step_over_even(
    weights: Bools,
    inputs: Bools | None,
    shape: Shape,
    mapping: LoopMapping,
    inside: int,
    share: float | None = None,
) -> float:
    """Compare the time of units that wait for each other with that of sharing out evenly.

    Parameters
    ----------
    weights : ndarray of bool, shape (G, M, C, R, S)
        Where weights are not zero.
    inputs : ndarray of bool, shape (G, C, rows, columns), or None
        Where activations are not zero, the padding included; None if nowhere they are.
    shape : Shape
        Of the layer.
    mapping : LoopMapping
        Its loops.
    inside : int
        Levels of it that belong to a unit; 0 if there is one, which waits for nobody.
    share : float, optional
        Of activations that are not zero, where ``inputs`` are only a draw: products are then
        expected, so that what a draw has more or less of them is in the time alone.

    Returns
    -------
    float
        1 or more.
    """
    if not inside:
        return 1.0
    bounds = shape[0]
    roles = _roles(mapping, inside, len(bounds))
    windows = None if inputs is None else windows_of(inputs, shape)
    products = effectual_products(weights, windows, shape, share)
    if not products:
        return 1.0
    steps = roles.product(range(len(bounds)), ("tile", "stay", "step"))
    even = products * steps / math.prod(bounds)
    return max(1.0, _time(weights, windows, roles) / even)


def _time(weights: Bools, windows: Bools | None, roles: LoopRoles) -> float:
    """Sum up the waits: tiles, then what they share, then while weights stay."""
    shared = ((_SHARED, ("step",)), ((G,), ("unit",)), (SUMMED, ("unit",)))
    of_weights = ((M,), ("step",)), ((M,), ("unit",)), (_SHARED, INSIDE)
    held = count_along_first(
        roles.arrange(weights, range(5), (((M,), INSIDE), *shared, *of_weights))
    )
    taken = -(-held // roles.product((M,), ("lane",)))  # rows of each column
    if windows is None:  # every window takes as long
        met = np.ones((*taken.shape[:3], 1, 1, 1, taken.shape[-1]), dtype=np.int32)
        times = roles.product(POSITIONS, ("tile", "lane", "stay", "step"))
    else:
        dimensions = [G, *SUMMED, *POSITIONS][: windows.ndim]
        of_windows = [(POSITIONS, (role,)) for role in ("step", "stay", "unit")]
        groups = ((POSITIONS, INSIDE), *shared, *of_windows, (_SHARED, INSIDE))
        met = count_along_first(roles.arrange(windows, dimensions, groups))
        times = 1
    lanes = roles.product((*_SHARED, *POSITIONS), ("lane",))  # these share out evenly
    waits = sum(_waits(here, there) for here, there in _blocks(taken, met))
    return waits * times / lanes


def _blocks(
    taken: npt.NDArray[np.int32], met: npt.NDArray[np.int32]
) -> Iterator[tuple[_Times, _Times]]:
    """Cut steps into pieces that fit into memory."""
    groups, summed, filters, units = taken.shape[1:5]
    at_once = groups * summed * units * math.prod(met.shape[3:6])
    some = max(1, _BLOCK // at_once)
    many = max(1, _BLOCK // (at_once * filters))
    for first in range(0, len(taken), many):
        here = met[first : first + many].astype(np.float32)
        for filter_step in range(0, filters, some):
            rows = taken[first : first + many, :, :, filter_step : filter_step + some]
            yield rows.astype(np.float32), here


def _waits(taken: _Times, met: _Times) -> float:
    """Multiply rows of weights with the activations that they meet, and wait for the slowest."""
    steps, groups, summed, filters, units, column = taken.shape
    windows = met.shape[3:6]
    rows = taken.reshape(steps, groups, summed, filters * units, column)
    tiles = rows @ met.reshape(steps, groups, summed, -1, column).swapaxes(-1, -2)
    tiles = tiles.reshape(steps, groups, summed, filters, units, *windows)
    together = tiles.max(axis=(2, 4)).sum(axis=-2, dtype=np.float64)  # of groups and of windows
    return float(together.max(axis=(1, 4)).sum())
