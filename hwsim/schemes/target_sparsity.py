"""Schemes that can be told how many weights become zero."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.network import Layer
from hwsim.plausible import LARGEST_SEED
from hwsim.schemes._random_ranks import random_ranks, smallest_at_random
from hwsim.schemes._ranking import Ranks, magnitudes, smallest, zeros_first
from hwsim.schemes.parameters import choice, integer, number, refuse_idle
from hwsim.schemes.scheme import Levels, Scheme, Weight


@dataclass(frozen=True, kw_only=True)
class TargetSparsity(Scheme):
    """Base of schemes with a parameter ``sparsity``, reached by magnitude or at random.

    Parameters
    ----------
    sparsity : float, optional
        Share that becomes zero, 0 to 1.
    method : {"magnitude", "random"}
        What goes: the smallest, or random ones.
    seed : int
        Seed of the random ones. A layer's zeros depend on the seed and its name only, not on
        which other layers are there.
    """

    sparsity: float | None = number(None, 0, 1)
    method: str = choice("magnitude", "random")
    seed: int = integer(0, 0, LARGEST_SEED)

    def __post_init__(self) -> None:
        super().__post_init__()
        refuse_idle(self, "seed", unless=("method", "random"))

    @abstractmethod
    def quantize_named(self, name: str, weight: Weight) -> Levels:
        """Quantise the weights of the layer of a name, shape (K, C/G, R, S) or (K, C)."""

    def quantize(self, weight: Weight) -> Levels:
        """Quantise the weights of a layer without a name."""
        return self.quantize_named("", weight)

    @property
    def across_layers(self) -> bool:
        """A layer's name is all that counts beside its weights."""
        return False

    def quantize_layers(self, layers: Mapping[str, Layer]) -> dict[str, Levels]:
        """Quantise several layers, each alone."""
        return {name: self.quantize_named(name, layer.weight) for name, layer in layers.items()}

    @property
    def trained_form(self) -> str | None:
        """None with a sparsity: weights of the form may have another one."""
        return self.form if self.sparsity is None else None

    def count_of(self, size: int) -> int:
        """Tell how many of ``size`` become zero."""
        return round((self.sparsity or 0) * size)

    def gone(self, name: str, values: Weight) -> NDArray[np.bool_]:
        """Mark the values that become zero, in their shape."""
        count = self.count_of(values.size)
        if self.method == "random" and values.all():
            marked = smallest_at_random(self.seed, name, values.size, count)
        else:
            marked = smallest(self.ranks(name, values), count)
        return marked.reshape(values.shape)

    def ranks(self, name: str, values: Weight) -> Ranks:
        """Rank values, in one dimension: the smaller the rank, the earlier it goes; zeros first."""
        if self.method == "magnitude":
            return magnitudes(values)
        return zeros_first(random_ranks(self.seed, name, values.size), values)
