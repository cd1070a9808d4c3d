"""Layers with weights of one bit."""

import numpy as np

from hwsim.networks.network import Layer
from hwsim.schemes.quantized import QuantizedLayer
from hwsim.workload import lower


def convolution(filters, channels, kernel, size, coding="sign", **geometry):
    """A convolution's workload, the weights all +1."""
    sides = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    sizes = size if isinstance(size, tuple) else (size, size)
    groups = geometry.get("groups", 1)
    weight = np.ones((filters, channels // groups, *sides), np.int8)
    layer = Layer("a", "conv", weight, input_size=sizes, **geometry)
    return lower(QuantizedLayer(layer, "binary", weight, 1, coding=coding))


def linear(filters, channels, vectors, coding="sign"):
    """A fully connected layer's workload."""
    weight = np.ones((filters, channels), np.int8)
    return lower(
        QuantizedLayer(
            Layer("a", "linear", weight, vectors=vectors), "binary", weight, 1, coding=coding
        )
    )
