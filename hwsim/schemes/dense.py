"""Dense: the weights as they are, or rounded to as many levels as eight bits have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from hwsim.schemes.alike_levels import AlikeLevels
from hwsim.schemes.coding import Coding
from hwsim.schemes.parameters import choice, refuse_idle
from hwsim.schemes.scheme import Levels, Scheme, Weight, by_filter, largest_magnitude

if TYPE_CHECKING:
    from hwsim.networks.network import Layer

_BITS = {"fp32": 32, "fp16": 16, "int8": 8}
#: Levels on either side of zero: -127 to 127, as symmetric quantisation leaves -128 out.
_LARGEST_LEVEL = 127


@dataclass(frozen=True)
class Dense(Scheme):
    """The weights as they are, zeros included; with ``int8`` rounded to whole levels.

    Parameters
    ----------
    precision : {"fp32", "fp16", "int8"}
        ``fp32`` and ``fp16`` set the bits that store a weight (32, 16) and leave its value, so
        that no zeros appear that the file does not hold. ``int8`` rounds: weights below half a
        level become zero, which a sparse machine skips.
    per : {"filter", "tensor"}
        For ``int8``: whether each filter has a level of its own, max(abs(w)) / 127, or the whole
        layer has one.

    Notes
    -----
    Symmetric and to the nearest level, halves to even, as in Jacob et al. and in the 8-bit
    weights of TensorFlow Lite and ONNX Runtime.

    References
    ----------
    Jacob et al., Quantization and Training of Neural Networks for Efficient
    Integer-Arithmetic-Only Inference, CVPR 2018 (arXiv 1712.05877); per filter: Krishnamoorthi,
    Quantizing deep convolutional networks for efficient inference, 2018 (arXiv 1806.08342).
    """

    name: ClassVar[str] = "dense"
    coding: ClassVar[Coding] = "value"
    everywhere: ClassVar[bool] = True

    precision: str = choice("fp32", "fp16", "int8")
    per: str = choice("filter", "tensor")

    def __post_init__(self) -> None:
        super().__post_init__()
        refuse_idle(self, "per", unless=("precision", "int8"))

    @property
    def bits(self) -> int:
        """Bits that store one weight."""
        return _BITS[self.precision]

    def quantize(self, weight: Weight) -> Levels:
        """Round the weights to int8, or hand them through."""
        return Levels(self._rounded(weight) if self.precision == "int8" else weight)

    def quantize_alike(self, layers: Sequence[Layer]) -> Sequence[Levels | None]:
        """Round the weights of each, or hand those of all through."""
        if self.precision == "int8":
            return super().quantize_alike(layers)
        return AlikeLevels.as_given([layer.weight for layer in layers])

    def _rounded(self, weight: Weight) -> Weight:
        rows = by_filter(weight)
        largest = largest_magnitude(weight)
        if self.per == "tensor":
            largest = np.full_like(largest, largest.max())
        step = (largest / _LARGEST_LEVEL)[:, None]
        step[step == 0] = 1  # a filter of zeros, or of numbers too small to divide
        rounded = np.rint(rows / step)
        rounded *= step
        rounded += 0  # -0.0 becomes 0.0
        return rounded.reshape(weight.shape)
