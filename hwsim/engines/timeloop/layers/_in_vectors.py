"""How long units take that multiply vectors of non-zeros with each other, as those of SCNN.

A unit takes the non-zero weights of a channel in vectors of as many as it has lanes for filters,
and the channel's non-zero activations of its own part of the plane in vectors of as many as it has
lanes for outputs; each vector of the ones meets each of the others for one step. What does not fill
its last vector leaves lanes without work. Weights come to all units together, and all have to be
through with the sums that they hold before the next ones begin (Parashar et al., ISCA 2017,
sections III and IV).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.layers._layer_problem import DIMENSIONS, Shape
from hwsim.engines.timeloop.layers._loop_roles import (
    INSIDE,
    POSITIONS,
    SUMMED,
    Bools,
    C,
    G,
    LoopRoles,
    M,
    R,
    S,
    count_along_first,
)
from hwsim.engines.timeloop.layers._products import effectual_products, windows_of
from hwsim.engines.timeloop.terms.mapping import Loop, LoopMapping
from hwsim.errors import InputError


def in_vectors_over_even(
    weights: Bools,
    inputs: Bools | None,
    shape: Shape,
    mapping: LoopMapping,
    inside: int,
    share: float | None = None,
) -> float:
    """Compare the time of units that multiply vectors with that of sharing out evenly.

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
        Levels of it that belong to a unit; 0 if there is one, to which all of them belong.
    share : float, optional
        Of activations that are not zero, where ``inputs`` are only a draw: products are then
        expected, so that what a draw has more or less of them is in the time alone.

    Returns
    -------
    float
        1 or more.

    Raises
    ------
    InputError
        If groups, channels or kernel positions lie side by side: their products are not those of
        one vector with another.
    """
    bounds = shape[0]
    roles = _roles(mapping, inside or len(mapping.levels), len(bounds))
    windows = None if inputs is None or share is not None else windows_of(inputs, shape)
    products = effectual_products(weights, windows, shape, share)
    if not products:
        return 1.0
    steps = roles.product(range(len(bounds)), ("tile", "stay", "next"))
    even = products * steps / math.prod(bounds)
    return max(1.0, _time(weights, _plane(inputs, shape), roles) / even)


def _roles(mapping: LoopMapping, inside: int, dimensions: int) -> LoopRoles:
    """Tell what each loop walks over.

    ``tile`` and ``lane``, in time and in space, in the innermost memory, where sums are held;
    ``stay``, in time, what is added to them; ``next``, in time, other sums; ``unit``, over units.
    Kernel positions just outside of ``tile`` belong to it: weights stream through a queue, and
    those of a channel lie behind each other there, however many it holds at a time.
    """
    streams = stays = True

    def role(level: int, loop: Loop) -> str:
        nonlocal streams, stays
        if loop.spatial:
            if loop.dimension in (G, *SUMMED):
                raise InputError(
                    f"design.units: in vectors multiplies vectors of weights of filters (M) with "
                    f"activations of outputs (P, Q, N), but the mapping has {loop.end} "
                    f"{DIMENSIONS[loop.dimension]} side by side. Constrain spatial factors of "
                    f"{DIMENSIONS[loop.dimension]} to 1"
                )
            return "lane" if level < inside else "unit"
        streams = streams and (level == 0 or loop.dimension in (R, S))
        stays = stays and (streams or loop.dimension in SUMMED)
        if loop.dimension == G:
            return "next"
        return "tile" if streams else "stay" if stays else "next"

    return LoopRoles.of(mapping, dimensions, role)


def _plane(inputs: Bools | None, shape: Shape) -> Bools:
    """Take the activations below the middle of each window: (G, C, P, Q), with N for images.

    Each activation of the plane meets all kernel positions. With a stride it meets those of its own
    remainder, and the ones of one remainder stand for all.
    """
    bounds, stride, dilation = shape
    groups, _, channels, kernel_rows, kernel_columns, height, width = bounds[:7]
    if inputs is None:
        plane = np.ones((groups, channels, height, width), dtype=bool)
    else:
        rows = kernel_rows // 2 * dilation[0] + np.arange(height) * stride[0]
        columns = kernel_columns // 2 * dilation[1] + np.arange(width) * stride[1]
        plane = inputs[:, :, rows[:, None], columns]
    return np.repeat(plane[..., None], bounds[7], axis=-1) if bounds[7:] else plane


def _time(weights: Bools, plane: Bools, roles: LoopRoles) -> float:
    """Sum up the fullest unit's steps for all sums that units hold one after another."""
    channel = (C,), ("stay", *INSIDE)
    apart = (((G,), ("next",)), ((C,), ("next",)))
    held = roles.arrange(
        weights,
        range(5),
        (
            ((M, R, S), INSIDE),
            *apart,
            ((R, S), ("next",)),
            ((M,), ("next",)),
            ((M,), ("unit",)),
            channel,
            ((R, S), ("stay",)),
        ),
    )
    own = roles.arrange(
        plane,
        [G, C, *POSITIONS][: plane.ndim],
        ((POSITIONS, INSIDE), *apart, (POSITIONS, ("next",)), (POSITIONS, ("unit",)), channel),
    )
    of_weights = _vectors(held, roles.product((M,), ("lane",))).sum(axis=-1)
    of_activations = _vectors(own, roles.product(POSITIONS, ("lane",)))
    times = np.einsum("gxrmuc,gxpqc->gxrmupq", of_weights, of_activations, optimize=True)
    return float(times.max(axis=(4, 6)).sum())


def _vectors(nonzeros: Bools, lanes: int) -> npt.NDArray[np.float64]:
    """Count vectors of ``lanes`` that the non-zeros along the first axis fill, the last in part."""
    found: npt.NDArray[np.float64] = np.ceil(count_along_first(nonzeros) / lanes)
    return found
