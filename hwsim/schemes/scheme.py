"""What a scheme is: a name, parameters, and a rule from float weights to levels."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwsim.bit_rows import BitRows
from hwsim.later import MadeWhenAsked
from hwsim.networks.filter_facts import FilterFacts, facts_of
from hwsim.schemes.coding import Coding
from hwsim.schemes.parameters import bounds_of, check_parameters

if TYPE_CHECKING:
    from hwsim.networks.network import Layer

Weight = NDArray[np.floating]


class FilterSigns(NamedTuple):
    """Which signs the levels of each filter have.

    Parameters
    ----------
    positive, negative : ndarray of bool, shape (K,)
        Whether any level of a filter is above, and below zero.
    effectual : int
        Levels that are not zero, of all filters.
    """

    positive: NDArray[np.bool_]
    negative: NDArray[np.bool_]
    effectual: int

    @classmethod
    def of(cls, levels: NDArray[Any]) -> FilterSigns:
        """Look at the levels."""
        return cls.of_all([levels])[0]

    @classmethod
    def of_all(cls, levels: Sequence[NDArray[Any]]) -> list[FilterSigns]:
        """Look at the levels of several layers."""
        if not levels:
            return []
        facts = [facts_of(each) for each in levels]
        joined = FilterFacts.joined(facts)
        positive, negative = joined.largest > 0, joined.smallest < 0
        ends = list(accumulate(len(each) for each in levels))
        return [
            cls(positive[first:past], negative[first:past], each.effectual)
            for each, first, past in zip(facts, [0, *ends], ends, strict=False)
        ]


@dataclass(frozen=True, eq=False)
class Levels(MadeWhenAsked):
    """The quantised weights of one layer.

    Parameters
    ----------
    levels : ndarray, shape of the weight
        int8 levels -1, 0, +1 when there is a ``scale``, else the quantised weights themselves.
        The very array that came in says that nothing was changed.
    scale : ndarray of shape (K,), optional
        What one level of each filter is worth.
    sign_bits : int
        Bits that the layer needs besides those of its weights.
    signs : FilterSigns, optional
        Of the levels, where they are known before those are made. A scheme may promise its
        levels (:func:`hwsim.later.later`): machines that skip zeros ask no more than where they
        are.
    nonzeros : ndarray of bool, shape of the weight, or BitRows of the filters, optional
        Where levels are not zero, likewise; not given where none is zero.
    """

    levels: NDArray[Any]
    scale: Weight | None = field(default_factory=lambda: None)
    sign_bits: int = 0
    signs: FilterSigns | None = None
    nonzeros: NDArray[np.bool_] | BitRows | None = field(default_factory=lambda: None)

    def __post_init__(self) -> None:
        self._put_off("levels", "scale", "nonzeros")

    @property
    def scaled(self) -> bool:
        """Whether there is a scale, made or promised."""
        return self.promised("scale") is not None


@dataclass(frozen=True)
class Scheme(ABC):
    """Base of all schemes: a frozen dataclass whose fields are its parameters.

    A scheme from outside subclasses this, declares its parameters with
    :func:`~hwsim.schemes.parameters.number`, ``integer`` and ``choice``, and registers under the
    entry point group ``hwsim.schemes``.

    Attributes
    ----------
    name : str
        What it is called on the command line.
    coding : {"value", "sign", "ternary", "zero"}
        What one of its weights is to the hardware, see :data:`hwsim.schemes.coding.Coding`; every
        scheme has to say so.
    form : str or None
        The form of weights that this scheme makes, when weights in a file can already have it:
        ``"binary"``, ``"signed-binary"`` or ``"ternary"``.
    everywhere : bool
        Whether it applies to every layer unless layers are named; else to those that the network
        names, as in the paper.
    version : str
        To be raised whenever equal weights and parameters give other levels than before, so that
        results kept under the former version are not taken for this one's.
    """

    name: ClassVar[str]
    coding: ClassVar[Coding]
    form: ClassVar[str | None] = None
    everywhere: ClassVar[bool] = False
    version: ClassVar[str] = "1"

    def __post_init__(self) -> None:
        check_parameters(self, self.name)

    @property
    @abstractmethod
    def bits(self) -> int:
        """Bits that store one weight."""

    @abstractmethod
    def quantize(self, weight: Weight) -> Levels:
        """Quantise the weights of one layer, shape (K, C/G, R, S) or (K, C)."""

    @property
    def across_layers(self) -> bool:
        """Whether a layer's levels may depend on the other layers that the scheme changes.

        If not, layers are quantised one at a time, and only one is in memory. A scheme that
        overrides :meth:`quantize_layers` is taken to look across layers unless it, or a subclass
        of it, says otherwise here.
        """
        return False

    def quantize_layers(self, layers: Mapping[str, Layer]) -> dict[str, Levels]:
        """Quantise several layers; a scheme that looks at more than weights overrides this.

        Parameters
        ----------
        layers : mapping of str to Layer
            Layers by name, in execution order.

        Returns
        -------
        dict of str to Levels
        """
        return {name: self.quantize(layer.weight) for name, layer in layers.items()}

    def quantize_alike(self, layers: Sequence[Layer]) -> Sequence[Levels | None]:
        """Quantise layers of one geometry and type of weights, each by itself.

        A scheme overrides it that has less to do for small layers side by side than for one after
        the other; what it gives is what the others give. A subclass with another rule is asked by
        the method that has it.

        Parameters
        ----------
        layers : sequence of Layer
            Of names that differ.

        Returns
        -------
        sequence of Levels or None
            Of each layer, None of one that is used as it is. They are
            :class:`~hwsim.schemes.alike_levels.AlikeLevels` where what is known of their filters
            stands side by side.
        """
        made = self.quantize_layers({layer.name: layer for layer in layers})
        return [made.get(layer.name) for layer in layers]

    @property
    def trained_form(self) -> str | None:
        """The form of weights that are used as they are: ``form``, whatever the parameters are."""
        return self.form

    @property
    def takes_sparsity(self) -> bool:
        """Whether a share of zeros can be asked for, by a parameter ``sparsity``."""
        return "sparsity" in bounds_of(type(self))

    def sign_bits(self, weight: Weight) -> int:
        """Bits besides those of the weights, for weights that already have the form."""
        return 0

    @property
    def parameters(self) -> dict[str, object]:
        """All parameters, defaults included."""
        return dataclasses.asdict(self)

    def __str__(self) -> str:
        """Write the text form, with the parameters that are not at their default."""
        default = type(self)().parameters
        changed = [
            f"{key}={value}"
            for key, value in self.parameters.items()
            if value is not None and value != default[key]
        ]
        return f"{self.name}:{','.join(changed)}" if changed else self.name


def by_filter(weight: Weight) -> Weight:
    """View the weights as one row a filter, (K, reduction), in single precision or better."""
    rows = weight.reshape(weight.shape[0], -1)
    return rows.astype(np.float32) if rows.dtype.itemsize < 4 else rows


def largest_magnitude(weight: Weight) -> Weight:
    """Find max(abs(w)) of each filter, shape (K,), in the precision of :func:`by_filter`."""
    return largest_magnitudes([weight])


def largest_magnitudes(weights: Sequence[Weight]) -> Weight:
    """Find the same of the filters of several layers of one type, one layer after the other."""
    found = FilterFacts.joined([facts_of(weight) for weight in weights]).magnitude
    return found.astype(np.float32) if found.dtype.itemsize < 4 else found
