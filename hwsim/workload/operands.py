"""What energy models that know bits need of a layer: how many values, coded how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from hwsim.networks.network import Layer
from hwsim.schemes.coding import Coding
from hwsim.schemes.quantized import QuantizedLayer


@dataclass(frozen=True)
class Operands:
    """Sizes and codings of a layer's operands, for one image.

    Parameters
    ----------
    coding : {"value", "sign", "ternary", "zero"}
        What a weight is: a number; +1 or -1 (binary); +1, 0 or -1; 1 or 0 (signed-binary, the
        sign belongs to the filter).
    weight_bits : int
        Bits that code one weight.
    sign_bits : int
        Further bits of the layer: one a filter for signed-binary whose signs are not positional.
    weights, effectual_weights : int
        Weights, and those that are not zero.
    inputs, outputs : int
        Values of the input and of the output feature map.
    of_activations : bool
        Whether activations take the place of the weights: a product of two activations.
    """

    coding: Coding
    weight_bits: int
    sign_bits: int
    weights: int
    effectual_weights: int
    inputs: int
    outputs: int
    of_activations: bool = False

    @classmethod
    def of(cls, quantized: QuantizedLayer) -> Operands:
        """Read them off a layer under a scheme.

        Parameters
        ----------
        quantized : QuantizedLayer
            A layer of a network and its weights under a scheme.
        """
        return cls(
            coding=quantized.coding,
            weight_bits=quantized.bits,
            sign_bits=quantized.sign_bits,
            effectual_weights=quantized.effectual,
            **_sizes_of(quantized.layer),
        )

    @classmethod
    def outlined(cls, layer: Layer, weight_bits: int) -> Operands:
        """Give those of a layer whose weights nobody has looked at: none is taken to be zero.

        Parameters
        ----------
        layer : Layer
            Of a network.
        weight_bits : int
            Bits that code one weight.
        """
        size = layer.weight.size
        return cls("value", weight_bits, 0, effectual_weights=size, **_sizes_of(layer))

    def with_effectual(self, weights: int) -> Operands:
        """Give those of a layer that differs in its zeros alone, with so many other weights."""
        if weights == self.effectual_weights:
            return self
        other = object.__new__(Operands)
        vars(other).update(vars(self), effectual_weights=weights)
        return other


class _Sizes(TypedDict):
    weights: int
    inputs: int
    outputs: int
    of_activations: bool


def _sizes_of(layer: Layer) -> _Sizes:
    rows, columns = layer.input_size
    positions = rows * columns * layer.images if layer.kind == "conv" else layer.vectors
    return {
        "weights": layer.weight.size,
        "inputs": layer.channels * positions,
        "outputs": layer.filters * layer.columns,
        "of_activations": layer.of_activations,
    }
