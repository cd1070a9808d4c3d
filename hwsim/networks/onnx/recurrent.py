"""Recurrent layers of a graph: two linear layers each, that see one vector a step."""

from __future__ import annotations

from hwsim.networks.graphs.lowering import Weight, linear
from hwsim.networks.network import Layer
from hwsim.networks.onnx.call import Call, without_zero_point

_SUFFIX = ("", "_reverse")


def recurrent(call: Call) -> list[Layer]:
    """Take ``LSTM``, ``GRU`` and ``RNN``: X, W (directions, gates * H, I) and R (.., H)."""
    return _layers(call, call.floats(1), call.floats(2))


def dynamic_quantize_lstm(call: Call) -> list[Layer]:
    """Take ``DynamicQuantizeLSTM`` of onnxruntime: W and R transposed, scales, zero points."""
    both = []
    for weights, scale in ((1, 8), (2, 10)):
        levels = call.floats(weights).swapaxes(1, 2)
        both.append(
            without_zero_point(call.name, levels, call.value(scale + 1), call.value(scale), 0)
        )
    return _layers(call, *both)


def _layers(call: Call, inputs: Weight, state: Weight) -> list[Layer]:
    # (steps, batch, features), or (batch, steps, features): one vector each in either.
    first, second, _ = call.shape(0)
    layers = []
    for direction, suffix in enumerate(_SUFFIX[: inputs.shape[0]]):
        for part, weight in (("ih", inputs), ("hh", state)):
            name = f"{call.name}.weight_{part}_l0{suffix}"
            layers.append(linear(name, weight[direction], first * second))
    return layers
