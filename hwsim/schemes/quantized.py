"""What a scheme returns: a layer's quantised weights and how they came to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from hwsim.bit_rows import BitRows
from hwsim.later import MadeWhenAsked
from hwsim.networks.filter_facts import nonzeros_of
from hwsim.networks.network import Layer, Network
from hwsim.schemes.coding import Coding
from hwsim.schemes.scheme import FilterSigns, Levels

Origin = Literal["as given", "quantised after training", "trained"]


@dataclass(frozen=True, eq=False)
class QuantizedLayer(MadeWhenAsked):
    """A layer under a scheme.

    Parameters
    ----------
    layer : Layer
        The layer as it was read (float weights, geometry).
    scheme : str
        The scheme that made ``levels``: ``"dense"`` for a layer that the run's scheme leaves
        alone.
    levels : ndarray
        The quantised weights over the scale of their filter, same shape as ``layer.weight``.
        Without a ``scale`` these are the quantised weights themselves (dense, pruned, trained);
        with one they are -1, 0 and +1 as int8, a quarter of the memory.
    bits : int
        Bits that store one weight (32 for fp32, 2 ternary, 1 binary and signed-binary).
    sign_bits : int
        Further bits for the whole layer: one a filter for signed-binary whose signs are not
        positional, else 0.
    origin : {"as given", "quantised after training", "trained"}
        ``"trained"``: the weights in the file already had this form.
    scale : ndarray of shape (K,), optional
        What one level of a filter is worth, zero or positive.
    coding : {"value", "sign", "ternary", "zero"}
        What one weight is to the hardware, as the scheme declares.
    """

    layer: Layer
    scheme: str
    levels: NDArray[Any]
    bits: int
    sign_bits: int = 0
    origin: Origin = "as given"
    scale: NDArray[np.floating] | None = field(default_factory=lambda: None)
    coding: Coding = "value"

    def __post_init__(self) -> None:
        self._put_off("levels", "scale")

    @classmethod
    def of_levels(
        cls,
        layer: Layer,
        made: Levels,
        *,
        scheme: str,
        bits: int,
        origin: Origin,
        coding: Coding,
    ) -> Self:
        """Make one of what a scheme made, with what is known of levels that are not made yet.

        Their signs are known.
        """
        nonzeros = made.nonzeros
        quantized = object.__new__(cls)
        own = vars(quantized)
        own.update(vars(made))
        own.update(layer=layer, scheme=scheme, bits=bits, origin=origin, coding=coding)
        del own["nonzeros"]  # unknown until it is found
        if nonzeros is not None:
            own["nonzeros"] = _by_filter(nonzeros)
        return quantized

    @property
    def values(self) -> NDArray[np.floating]:
        """The quantised weights, same shape as ``layer.weight``; made when asked for."""
        if self.scale is None:
            return self.levels
        per_filter = self.scale.reshape(-1, *[1] * (self.levels.ndim - 1))
        return np.asarray(self.levels * per_filter)

    @cached_property
    def nonzeros(self) -> BitRows:
        """Where the hardware sees a weight, a row a filter, (K, reduction)."""
        filters, reduction = self.layer.filters, self.layer.reduction
        if self.effectual == self.layer.weight.size:
            return BitRows.full((filters, reduction))
        return nonzeros_of(self.levels)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Where the hardware sees a weight: level not zero, same shape as ``levels``.

        A binary weight is never zero, also not in a filter whose scale is zero.
        """
        return self.nonzeros.bits().reshape(self.layer.weight.shape)

    @cached_property
    def signs(self) -> FilterSigns:
        """Which signs the levels of each filter have."""
        return FilterSigns.of(self.levels)

    @property
    def effectual(self) -> int:
        """How many weights are not zero."""
        return self.signs.effectual

    @property
    def density(self) -> float:
        """Share of the weights that are not zero, 0 to 1."""
        return self.effectual / self.layer.weight.size

    @property
    def storage_bits(self) -> int:
        """Bits that store the layer's weights, zeros included; scales are not counted."""
        if self.layer.of_activations:
            return 0
        return self.layer.weight.size * self.bits + self.sign_bits


def _by_filter(marks: NDArray[np.bool_] | BitRows) -> BitRows:
    return marks if isinstance(marks, BitRows) else BitRows.of(marks.reshape(len(marks), -1))


@dataclass(frozen=True, eq=False)
class QuantizedNetwork:
    """A network under a scheme.

    Parameters
    ----------
    network : Network
        The network as it was read.
    scheme : str
        The scheme as text with the parameters that are not at their default, e.g.
        ``signed-binary`` or ``signed-binary:p=0.25``.
    layers : sequence of QuantizedLayer
        One for each layer of the network, in order; of a :class:`~hwsim.schemes.Quantizer` made
        whenever they are asked for.
    parameters : mapping
        The scheme's parameters, defaults included.
    notes : tuple of str
        What a reader of the results should know about how the weights came to be.
    """

    network: Network
    scheme: str
    layers: Sequence[QuantizedLayer]
    parameters: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
