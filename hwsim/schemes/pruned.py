"""Pruned: a given share of the weights is zero, the others are as they are."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hwsim.schemes.coding import Coding
from hwsim.schemes.parameters import choice, integer, number
from hwsim.schemes.scheme import Levels, Scheme, Weight


@dataclass(frozen=True)
class Pruned(Scheme):
    """Zero the weights of smallest magnitude, or random ones, down to a given sparsity.

    Parameters
    ----------
    sparsity : float
        Share of the weights that become zero, 0 to 1: exactly ``round(sparsity * size)`` of
        them. Zeros that are already there count, and all of them stay.
    scope : {"layer", "network"}
        Whether every layer reaches the sparsity, or all quantised layers together.
    method : {"magnitude", "random"}
        Which weights go: the smallest in magnitude (of equal ones the earlier), or random ones.
    seed : int
        Seed of the random ones. A layer's zeros depend on the seed and its name only (with
        ``scope=layer``), not on which other layers are there.

    Notes
    -----
    What is pruned stays in fp32: ``bits`` counts 32 for every weight, zeros included; what a
    compressed format would need is the engine's question.
    """

    name: ClassVar[str] = "pruned"
    coding: ClassVar[Coding] = "value"

    sparsity: float = number(0.65, 0, 1)
    scope: str = choice("layer", "network")
    method: str = choice("magnitude", "random")
    seed: int = integer(0, 0, 2**32 - 1)

    @property
    def bits(self) -> int:
        """Bits that store one weight."""
        return 32

    @property
    def across_layers(self) -> bool:
        """Whether one threshold goes for all layers."""
        return self.scope == "network"

    def quantize(self, weight: Weight) -> Levels:
        """Quantise the weights of one layer, shape (K, C/G, R, S) or (K, C)."""
        return self.quantize_layers({"": weight})[""]

    def quantize_layers(self, weights: Mapping[str, Weight]) -> dict[str, Levels]:
        """Quantise several layers, each alone or all against one threshold."""
        keys = {name: self._keys(name, weight) for name, weight in weights.items()}
        if self.scope == "layer" or not keys:
            return {name: self._prune(weights[name], key) for name, key in keys.items()}
        everything = np.concatenate(list(keys.values()))
        gone = smallest(everything, round(self.sparsity * everything.size))
        ends = np.cumsum([key.size for key in keys.values()])[:-1]
        return {
            name: Levels(_zeroed(weight, part))
            for (name, weight), part in zip(weights.items(), np.split(gone, ends), strict=True)
        }

    def _keys(self, name: str, weight: Weight) -> NDArray[Any]:
        """Rank the weights: the smaller the key, the earlier it goes; zeros go first."""
        flat = weight.reshape(-1)
        if self.method == "magnitude":
            return np.abs(flat)
        stream = np.random.default_rng([self.seed, zlib.crc32(name.encode())])
        keys = stream.integers(1, 2**32, size=flat.size, dtype=np.uint32)
        keys *= flat != 0
        return keys

    def _prune(self, weight: Weight, keys: NDArray[Any]) -> Levels:
        return Levels(_zeroed(weight, smallest(keys, round(self.sparsity * keys.size))))


def smallest(keys: NDArray[Any], count: int) -> NDArray[np.bool_]:
    """Mark the ``count`` smallest keys, of equal ones the earlier, in linear time.

    Parameters
    ----------
    keys : ndarray, one dimension
        What to rank.
    count : int
        How many, 0 to the number of keys.

    Returns
    -------
    ndarray of bool, same shape
    """
    if count == 0:
        return np.zeros(keys.shape, dtype=bool)
    border = np.partition(keys, count - 1)[count - 1]
    marked: NDArray[np.bool_] = keys < border
    ties = np.flatnonzero(keys == border)
    marked[ties[: count - np.count_nonzero(marked)]] = True
    return marked


def _zeroed(weight: Weight, gone: NDArray[np.bool_]) -> Weight:
    """Zero the marked weights; the very array that came in if that changes nothing."""
    gone = gone.reshape(weight.shape)
    if not (gone & (weight != 0)).any():
        return weight
    kept = weight * ~gone  # several times faster than np.where
    kept += 0  # -0.0 becomes 0.0
    return kept
