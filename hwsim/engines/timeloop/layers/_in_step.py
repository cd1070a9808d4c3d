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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.layers._layer_problem import Shape
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import Loop, LoopMapping

Bools = npt.NDArray[np.bool_]
_Times = npt.NDArray[np.float32]
_Group = tuple[Sequence[int], Sequence[str]]

_G, _M, _C, _R, _S, _P, _Q, _N = range(8)
_SUMMED: Final = (_C, _R, _S)
_SHARED: Final = (_G, *_SUMMED)  # by weights and activations
_OUTPUTS: Final = (_P, _Q, _N)
_INSIDE: Final = ("tile", "lane")
#: Times of tiles that are looked at together: 16 MB.
_BLOCK: Final = 1 << 22


@dataclass(frozen=True)
class _Roles:
    """The loops of a mapping by dimension, outermost first, and what each of them walks over.

    ``tile`` and ``lane``, in time and in space, inside a unit; ``unit``, over units; ``stay`` and
    ``step``, in time outside of units, while the weights stay and while they do not.
    """

    loops: tuple[tuple[tuple[Loop, str], ...], ...]

    @classmethod
    def of(cls, mapping: LoopMapping, inside: int, dimensions: int) -> _Roles:
        found: list[list[tuple[Loop, str]]] = [[] for _ in range(dimensions)]
        stays = True
        for level, nest in enumerate(mapping.levels):
            for loop in nest.loops:
                if loop.end == 1:
                    continue
                if level < inside:
                    role = "lane" if loop.spatial else "tile"
                elif loop.spatial:
                    role = "unit"
                else:
                    stays = stays and loop.dimension in _OUTPUTS
                    role = "stay" if stays else "step"
                found[loop.dimension].insert(0, (loop, role))
        return cls(tuple(map(tuple, found)))

    def product(self, dimensions: Sequence[int], roles: Sequence[str]) -> int:
        """Multiply iterations of the loops of some dimensions in some roles."""
        return math.prod(
            loop.end
            for dimension in dimensions
            if dimension < len(self.loops)
            for loop, role in self.loops[dimension]
            if role in roles
        )

    def arrange(self, values: Bools, dimensions: Sequence[int], groups: Sequence[_Group]) -> Bools:
        """Give an array over dimensions an axis for each group of loops instead."""
        axes = [(each, *loop) for each in dimensions for loop in self.loops[each]]
        covered = [math.prod(loop.end for loop, _ in self.loops[each]) for each in dimensions]
        rest = [(0, size - there) for size, there in zip(covered, values.shape, strict=True)]
        values = np.pad(values, rest).reshape([loop.end for _, loop, _ in axes])
        order = [
            place
            for which, roles in groups
            for place, (dimension, _, role) in enumerate(axes)
            if dimension in which and role in roles
        ]
        return values.transpose(order).reshape([self.product(*group) for group in groups])


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
        Levels of it that belong to a unit, 1 or more.
    share : float, optional
        Of activations that are not zero, where ``inputs`` are only a draw: products are then
        expected, so that what a draw has more or less of them is in the time alone.

    Returns
    -------
    float
        1 or more.
    """
    bounds = shape[0]
    roles = _Roles.of(mapping, inside, len(bounds))
    windows = None if inputs is None else _windows(inputs, shape)
    products = float(weights.sum()) * math.prod(bounds[5:]) * (1.0 if share is None else share)
    if windows is not None and share is None:
        met = windows.sum(axis=tuple(range(4, windows.ndim)))
        products = float((met * weights.sum(axis=_M)).sum())
    if not products:
        return 1.0
    steps = roles.product(range(len(bounds)), ("tile", "stay", "step"))
    even = products * steps / math.prod(bounds)
    return max(1.0, _time(weights, windows, roles) / even)


def _windows(inputs: Bools, shape: Shape) -> Bools:
    """Unfold activations to (G, C, R, S, P, Q), with N for images that have the same zeros."""
    bounds, stride, dilation = shape
    (_, _, _, R, S, P, Q), images = bounds[:7], bounds[7:]
    rows = np.arange(R)[:, None] * dilation[0] + np.arange(P) * stride[0]
    columns = np.arange(S)[:, None] * dilation[1] + np.arange(Q) * stride[1]
    found = inputs[:, :, rows[:, None, :, None], columns[None, :, None, :]]
    return np.repeat(found[..., None], images, axis=-1) if images else found


def _time(weights: Bools, windows: Bools | None, roles: _Roles) -> float:
    """Sum up the waits: tiles, then what they share, then while weights stay."""
    shared = ((_SHARED, ("step",)), ((_G,), ("unit",)), (_SUMMED, ("unit",)))
    of_weights = ((_M,), ("step",)), ((_M,), ("unit",)), ((_M,), _INSIDE)
    held = roles.arrange(weights, range(5), (*shared, *of_weights, (_SHARED, _INSIDE)))
    taken = -(-held.sum(axis=5) // roles.product((_M,), ("lane",)))  # rows of each column
    if windows is None:  # every window takes as long
        met = np.ones((*taken.shape[:3], 1, 1, 1, taken.shape[-1]), dtype=np.int64)
        times = roles.product(_OUTPUTS, ("tile", "lane", "stay", "step"))
    else:
        dimensions = [_G, *_SUMMED, *_OUTPUTS][: windows.ndim]
        of_windows = [(_OUTPUTS, (role,)) for role in ("step", "stay", "unit")]
        inside = (_OUTPUTS, _INSIDE), (_SHARED, _INSIDE)
        met = roles.arrange(windows, dimensions, (*shared, *of_windows, *inside)).sum(axis=6)
        times = 1
    lanes = roles.product((*_SHARED, *_OUTPUTS), ("lane",))  # these share out evenly
    waits = sum(_waits(here, there) for here, there in _blocks(taken, met))
    return waits * times / lanes


def _blocks(
    taken: npt.NDArray[np.int64], met: npt.NDArray[np.int64]
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
