"""A layer as a tensor problem over G, M, C, R, S, P and Q."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.density import Density, FixedStructured, Hypergeometric
from hwsim.engines.timeloop.terms.problem import Problem, make_problem
from hwsim.workload.unfold import fold
from hwsim.workload.workload import ConvolutionWindow, Workload

WEIGHTS, INPUTS, OUTPUTS = "Weights", "Inputs", "Outputs"
DATA_SPACES = (WEIGHTS, INPUTS, OUTPUTS)
#: Lengths of G, M, C, R, S, P, Q and, of a machine that takes several images at once, N; strides
#: and dilations along rows and columns.
Shape = tuple[tuple[int, ...], tuple[int, int], tuple[int, int]]

#: Names of the dimensions, in that order.
DIMENSIONS = "GMCRSPQN"


def layer_shape(workload: Workload, images: int | None = None) -> Shape:
    """Tell what decides the loops of a layer, whatever its weights are.

    With ``images`` there is a dimension N, for as many of them.

    One without a window is a matrix product: C is the reduction, P counts the vectors that stream
    past the weights.
    """
    window = _window(workload)
    bounds = (
        workload.groups,
        workload.filters,
        window.channels,
        *window.kernel,
        *window.output,
        *(() if images is None else (images,)),
    )
    return bounds, window.stride, window.dilation


def _window(workload: Workload) -> ConvolutionWindow:
    """Give the window that the analysis slides.

    One of a single point slides over nothing: with the stride it leaves values out, which nobody
    reads. Where the values are known they are those that are read.
    """
    window = workload.window
    if window is None:
        return ConvolutionWindow(workload.K, (1, 1), (workload.streams, 1))
    if window.kernel == (1, 1) and workload.activations.nonzeros is not None:
        return replace(window, stride=(1, 1))
    return window


def layer_problem(
    shape: Shape,
    weights: Density | None = None,
    inputs: Density | None = None,
    outputs: Density | None = None,
) -> Problem:
    """Put the problem of a layer together, for one image or for the N of a batch.

    Densities are of the tensors of shape (G, M, C, R, S), (G, C, rows, columns), the padding
    included, and (G, M, P, Q). The window slides: rows of the input are ``R * dilation + P *
    stride``.
    """
    dense = _dense_problem(shape)
    densities = [
        known if density is None else density.of_tensor(space.box(dense.bounds))
        for density, known, space in zip(
            (weights, inputs, outputs), dense.densities, dense.data_spaces, strict=True
        )
    ]
    return replace(dense, densities=tuple(densities))


@lru_cache(maxsize=1024)
def _dense_problem(shape: Shape) -> Problem:
    """Put it together once for each shape: every variant of a layer has the same loops."""
    bounds, stride, dilation = shape
    images = [{"N": 1}] if len(bounds) == len(DIMENSIONS) else []
    return make_problem(
        dict(zip(DIMENSIONS, bounds, strict=False)),
        {
            WEIGHTS: [{"G": 1}, {"M": 1}, {"C": 1}, {"R": 1}, {"S": 1}],
            INPUTS: [
                {"G": 1},
                {"C": 1},
                {"R": dilation[0], "P": stride[0]},
                {"S": dilation[1], "Q": stride[1]},
                *images,
            ],
            OUTPUTS: [{"G": 1}, {"M": 1}, {"P": 1}, {"Q": 1}, *images],
        },
        [OUTPUTS],
    )


def weight_tensor(workload: Workload) -> npt.NDArray[np.bool_]:
    """Give the zeros of a layer the shape of its filters: (G, M, C, R, S)."""
    bounds, _, _ = layer_shape(workload)
    return workload.nonzeros.reshape(bounds[:5])


def weight_density(workload: Workload, statistical: bool) -> Density:
    """Describe where weights are not zero: their very zeros, or the share alone, at random."""
    if workload.density == 1:
        return FixedStructured(1.0)
    if statistical:
        return Hypergeometric(workload.density)
    return ActualData(np.ascontiguousarray(weight_tensor(workload)))


def activation_density(workload: Workload, statistical: bool, images: int | None = None) -> Density:
    """Describe where activations are not zero: their very zeros, or the share alone, at random.

    Zeros that are known are those of vectors that stream past the weights; a convolution's are put
    together to the feature map that its window slides over, the padding included. Where shares
    are known that are not the same everywhere, zeros are drawn of them.
    """
    activations = workload.activations
    if activations.dense:
        return FixedStructured(1.0)
    drawn = activations.nonzeros is None
    tensor = (
        None
        if drawn and (statistical or not activations.uneven)
        else activation_tensor(workload, layer_shape(workload), drawn)
    )
    if tensor is None:
        return Hypergeometric(activations.density)
    if statistical:
        return Hypergeometric(float(tensor.mean()))
    if images is not None:  # each image has the same zeros
        tensor = np.repeat(tensor[..., None], images, axis=-1)
    return ActualData(np.ascontiguousarray(tensor))


def activation_tensor(
    workload: Workload, shape: Shape, drawn: bool
) -> npt.NDArray[np.bool_] | None:
    """Give activations, the padding included, as (G, C, rows, columns); None if none is zero.

    Their very zeros, or a draw of about as many, always the same: channel by channel, and beside
    the padding, if that is known.
    """
    activations = workload.activations
    if activations.dense:
        return None
    if activations.nonzeros is not None and not drawn:
        return fold(activations.nonzeros, _window(workload))
    (G, _, C, R, S, P, Q, *_), stride, dilation = shape
    rows = (R - 1) * dilation[0] + (P - 1) * stride[0] + 1
    columns = (S - 1) * dilation[1] + (Q - 1) * stride[1] + 1
    places = np.random.default_rng(0).random((G, C, rows, columns), np.float32)
    by_channel = activations.by_channel or (activations.density,) * (G * C)
    shares = np.array(by_channel, np.float32).reshape(G, C, 1, 1)
    if activations.own is None or workload.window is None:
        return places < shares
    (top, height), (left, width) = activations.own
    found = np.zeros(places.shape, dtype=bool)
    inside = np.s_[:, :, top : top + height, left : left + width]
    found[inside] = (places < shares / workload.window.share_inside(activations.own).mean())[inside]
    return found


def is_structured(workload: Workload, nonzeros: int, of: int) -> bool:
    """Tell whether each ``of`` neighbouring channels hold at most ``nonzeros`` non-zeros.

    Channels that do not fill a last group of ``of`` are padded with zeros.
    """
    tensor = weight_tensor(workload)
    firsts = np.arange(0, tensor.shape[2], of)
    found = np.add.reduceat(tensor, firsts, axis=2, dtype=np.int64)
    return bool((found <= nonzeros).all())
