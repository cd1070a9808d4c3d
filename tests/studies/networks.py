"""A network small enough that a run takes milliseconds."""

import numpy as np

from hwsim.networks.network import Layer, Network


def tiny_network(quantized_layers=("block.conv1", "block.conv2")):
    """Stem, two 3x3 convolutions of one shape, a depthwise one and a classifier."""
    draw = np.random.default_rng(7).laplace

    def weight(*shape):
        return draw(size=shape).astype(np.float32)

    conv = {"padding": (1, 1), "input_size": (6, 6)}
    return Network(
        name="tiny",
        layers=(
            Layer("stem", "conv", weight(8, 3, 3, 3), **conv),
            Layer("block.conv1", "conv", weight(8, 8, 3, 3), **conv),
            Layer("block.conv2", "conv", weight(8, 8, 3, 3), **conv),
            Layer("block.depthwise", "conv", weight(8, 1, 3, 3), groups=8, **conv),
            Layer("fc", "linear", weight(10, 8)),
        ),
        notes=("weights drawn at random for a test",),
        quantized_layers=quantized_layers,
    )
