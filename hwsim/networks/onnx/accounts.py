"""What becomes of every array of an ONNX file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from hwsim.networks.onnx.operators import WEIGHT_INPUTS
from hwsim.networks.onnx.values import Shape, Value
from hwsim.networks.uncounted import Reason, Uncounted

_NORMS: Final = frozenset(
    {
        *("LayerNormalization", "InstanceNormalization", "GroupNormalization"),
        *("RMSNormalization", "LpNormalization", "SimplifiedLayerNormalization"),
        *("SkipLayerNormalization", "SkipSimplifiedLayerNormalization", "GroupNorm"),
    }
)
_LOOK_UPS: Final = frozenset(
    {
        *("Gather", "GatherElements", "GatherND"),
        *("EmbedLayerNormalization", "GatherBlockQuantized"),
    }
)


class Accounts:
    """Arrays of the file by what they were used for, the use that counts most first."""

    def __init__(self) -> None:
        self._shapes: dict[str, Shape] = {}
        self._layers: set[str] = set()
        self._uses: dict[str, Reason] = {}

    def declare(self, name: str, shape: Shape) -> None:
        """Take note of an array."""
        self._shapes[name] = shape

    def taken(self, kind: str, inputs: Sequence[Value | None]) -> None:
        """Take note of a layer: its weights, its bias, its scales."""
        weights = WEIGHT_INPUTS.get(kind, (1,))
        for index, value in enumerate(inputs):
            if value is None:
                continue
            if index in weights and value.constant:
                self._layers |= value.sources
            else:
                self._use(value, "scale" if index in _SCALES.get(kind, ()) else "bias")

    def consumed(self, kind: str, inputs: Sequence[Value | None]) -> None:
        """Take note of an operator without multiply-accumulates."""
        for index, value in enumerate(inputs):
            if value is not None:
                self._use(value, _reason(kind, index, value))

    def left_out(self, inputs: Sequence[Value | None]) -> None:
        """Take note of an operator that the user leaves out."""
        for value in inputs:
            if value is not None:
                self._use(value, "skipped by the user")

    def not_taken(self, other: Accounts) -> None:
        """Take note of the layers of a graph that was not taken."""
        for source in other._layers:
            self._uses.setdefault(source, "operator that was not taken")

    def uncounted(self) -> Iterator[Uncounted]:
        """Give the arrays that no layer has, each with its reason."""
        for name, shape in self._shapes.items():
            if name not in self._layers:
                yield Uncounted(name, shape, self._uses.get(name, "not reached"))

    def _use(self, value: Value, reason: Reason) -> None:
        for source in value.sources:
            self._uses.setdefault(source, reason)


#: Inputs of operators that are scales or zero points; of others what is no weight is a bias.
_SCALES: Final = {
    "ConvInteger": (2, 3),
    "MatMulInteger": (2, 3),
    "QLinearConv": (1, 2, 4, 5, 6, 7),
    "QLinearMatMul": (1, 2, 4, 5, 6, 7),
    "QGemm": (1, 2, 4, 5, 7, 8),
    "MatMulIntegerToFloat": (2, 3, 4, 5),
    "DynamicQuantizeMatMul": (2, 3),
    "MatMulNBits": (2, 3),
    "DynamicQuantizeLSTM": (8, 9, 10, 11),
}


def _reason(kind: str, index: int, value: Value) -> Reason:
    if kind == "BatchNormalization":
        return "norm" if index < 3 else "running statistics"
    if kind in _NORMS:
        return "norm"
    if kind in _LOOK_UPS and index == 0:
        return "look-up"
    if kind in ("QuantizeLinear", "DequantizeLinear", "Quant", "BipolarQuant"):
        return "scale"
    wide = value.shape is not None and sum(extent > 1 for extent in value.shape) > 1
    if kind == "Add":
        return "positional table" if wide else "bias"
    if kind in ("Mul", "Div"):
        return "buffer" if wide else "scale"
    return "buffer"
