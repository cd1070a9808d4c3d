"""Layers as GEMMs against a loop over every multiplication."""

import itertools
from dataclasses import dataclass

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hwsim.networks.network import Layer, Network
from hwsim.schemes import quantize
from hwsim.workload import Activations, lower
from hwsim.workload.unfold import unfold


@dataclass
class Counted:
    """Multiplications, those of two non-zeros, and the sums of these, by output."""

    macs: int
    products: int
    sums: np.ndarray


def literal_convolution(layer: Layer, present: np.ndarray) -> Counted:
    """Multiply every weight with every input that its window meets; outside there are zeros."""
    maps = present.reshape(layer.images, layer.channels, *layer.input_size)
    ends = layer.padding_end or layer.padding
    (rows, columns), (R, S) = layer.input_size, layer.kernel
    tops = range(
        -layer.padding[0],
        rows + ends[0] - layer.dilation[0] * (R - 1),
        layer.stride[0],
    )
    lefts = range(
        -layer.padding[1],
        columns + ends[1] - layer.dilation[1] * (S - 1),
        layer.stride[1],
    )
    K, C = layer.weight.shape[:2]
    of_group = K // layer.groups
    sums = np.zeros((K, layer.images, len(tops), len(lefts)), dtype=int)
    macs = 0
    for k, image, (p, top), (q, left), c, r, s in itertools.product(
        range(K), range(layer.images), enumerate(tops), enumerate(lefts), range(C), range(R),
        range(S),
    ):  # fmt: skip
        macs += 1
        row, column = top + r * layer.dilation[0], left + s * layer.dilation[1]
        if 0 <= row < rows and 0 <= column < columns:
            channel = k // of_group * C + c
            weight = layer.weight[k, c, r, s] != 0
            sums[k, image, p, q] += weight & maps[image, channel, row, column]
    return Counted(macs, int(sums.sum()), sums)


def pairs(least, most):
    return st.tuples(st.integers(least, most), st.integers(least, most))


@st.composite
def convolutions(draw):
    groups = draw(st.integers(1, 2))
    shape = (groups * draw(st.integers(1, 2)), draw(st.integers(1, 2)), *draw(pairs(1, 3)))
    seed = np.random.default_rng(draw(st.integers(0, 99)))
    layer = Layer(
        "conv",
        "conv",
        (seed.random(shape) < 0.6).astype(np.float32),
        stride=draw(pairs(1, 2)),
        padding=draw(pairs(0, 2)),
        dilation=draw(pairs(1, 2)),
        groups=groups,
        input_size=draw(pairs(1, 5)),
        padding_end=draw(st.none() | pairs(0, 2)),
        images=draw(st.integers(1, 3)),
    )
    assume(min(layer.output_size) >= 1)
    return layer, seed.random(layer.input_shape) < 0.6


@settings(max_examples=60)
@given(convolutions())
def test_a_convolution_is_its_gemms(drawn):
    layer, present = drawn
    counted = literal_convolution(layer, present)
    vectors = unfold(present, layer)
    workload = lower(
        quantize(Network("n", (layer,)), "dense").layers[0], Activations(nonzeros=vectors)
    )
    assert layer.macs == workload.macs == counted.macs
    G, N = workload.groups, workload.streams
    met = np.einsum("gmk,gnk->gmn", workload.nonzeros.astype(int), vectors.astype(int))
    assert met.sum() == counted.products
    # Vectors are those of the images one after the other, rows of a map first.
    assert np.array_equal(met, counted.sums.reshape(G, -1, N))
    assert workload.operands.outputs == counted.sums.size
    assert workload.operands.inputs == present.size


@given(*(st.integers(1, 4) for _ in range(4)))
def test_a_product_is_a_gemm_for_each_head(filters, reduction, vectors, heads):
    layer = Layer.product("qk", filters, reduction, vectors, heads)
    workload = lower(quantize(Network("n", (layer,)), "dense").layers[0])
    every = itertools.product(range(heads), range(filters), range(vectors), range(reduction))
    assert workload.macs == layer.macs == len(list(every))
    operands = workload.operands
    assert (operands.weights, operands.inputs, operands.outputs) == (
        heads * filters * reduction,
        heads * vectors * reduction,
        heads * filters * vectors,
    )
