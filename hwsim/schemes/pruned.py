"""Pruned: a given share of the weights is zero, the others are as they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.filter_facts import pieces_of
from hwsim.networks.network import Layer
from hwsim.schemes._ranking import smallest
from hwsim.schemes._structures import Pattern, beyond_pattern, norms, spread
from hwsim.schemes.coding import Coding
from hwsim.schemes.parameters import choice, refuse_idle
from hwsim.schemes.scheme import Levels, Weight
from hwsim.schemes.target_sparsity import TargetSparsity

#: That of the convolution which the signed-binary paper runs on SIGMA (arXiv 2211.13838).
_SPARSITY: Final = 0.65


@dataclass(frozen=True, kw_only=True)
class Pruned(TargetSparsity):
    """Zero the weights of smallest magnitude, or random ones, down to a given sparsity.

    Parameters
    ----------
    sparsity : float
        Share of the weights that become zero, 0 to 1: exactly ``round(sparsity * size)`` of
        them. Zeros that are already there count, and all of them stay. Of filters or channels
        with another ``structure``. Default: 0.65; it follows from a ``pattern``.
    method : {"magnitude", "random"}
        Which go: the smallest in magnitude (of equal ones the earlier), or random ones. Filters
        and channels have the sum of their magnitudes, as in Li et al.
    seed : int
        Seed of the random ones. A layer's zeros depend on the seed and its name only (with
        ``scope=layer``), not on which other layers are there.
    scope : {"layer", "network"}
        Whether every layer reaches the sparsity, or all quantised layers together.
    structure : {"weight", "filter", "channel"}
        What becomes zero: single weights, whole filters, or all weights of an input channel (in a
        grouped convolution those of its group; a depthwise one has a filter a channel).
    pattern : str, optional
        ``N:M``, e.g. ``2:4``: in every filter, of M neighbouring channels at the same row and
        column of the kernel, the N largest stay (or random ones). The groups of M begin at the
        first channel of the filter, of a last group of fewer channels N stay, too: what hardware
        with N:M has slots for. That is the order of a GEMM whose reduction has the channels
        innermost.

    Notes
    -----
    What is pruned stays in fp32: ``bits`` counts 32 for every weight, zeros included; what a
    compressed format would need is the engine's question. A filter of zeros keeps its output:
    the channels of the next layer that read it are not pruned with it.

    References
    ----------
    Filters by their sum of magnitudes: Li et al., Pruning Filters for Efficient ConvNets, ICLR
    2017 (arXiv 1608.08710), section 3.1. N:M: Mishra et al., Accelerating Sparse Deep Neural
    Networks, 2021 (arXiv 2104.08378).
    """

    name: ClassVar[str] = "pruned"
    coding: ClassVar[Coding] = "value"

    scope: str = choice("layer", "network")
    structure: str = choice("weight", "filter", "channel")
    pattern: str | None = dataclasses.field(default=None, metadata={"bounds": Pattern()})

    def __post_init__(self) -> None:
        super().__post_init__()
        for key in ("sparsity", "structure", "scope"):
            refuse_idle(self, key, unless=("pattern", None))
        refuse_idle(self, "scope", unless=("structure", "weight"))
        if self.pattern is None and self.sparsity is None:
            object.__setattr__(self, "sparsity", _SPARSITY)

    @property
    def bits(self) -> int:
        """Bits that store one weight."""
        return 32

    @property
    def across_layers(self) -> bool:
        """Whether one threshold goes for all layers."""
        return self.scope == "network"

    @property
    def takes_sparsity(self) -> bool:
        """Whether there is no pattern that it follows from."""
        return self.pattern is None

    def quantize_named(self, name: str, weight: Weight) -> Levels:
        """Quantise the weights of the layer of a name, shape (K, C/G, R, S) or (K, C)."""
        return self.quantize_layers({name: Layer(name, "linear", weight)})[name]

    def quantize_layers(self, layers: Mapping[str, Layer]) -> dict[str, Levels]:
        """Quantise several layers, each alone or all against one threshold."""
        if self.scope == "network" and layers:
            gone = self._gone_together(layers)
        else:
            gone = {name: self._gone(name, layer) for name, layer in layers.items()}
        return {name: Levels(_zeroed(layers[name].weight, marks)) for name, marks in gone.items()}

    def _gone(self, name: str, layer: Layer) -> NDArray[np.bool_]:
        weight = layer.weight
        if self.pattern is not None:
            return beyond_pattern(self.ranks(name, weight), weight.shape, self.pattern)
        if self.structure == "weight":
            return self.gone(name, weight)
        units = norms(weight, layer.groups, self.structure)
        return spread(self.gone(name, units), weight, layer.groups)

    def _gone_together(self, layers: Mapping[str, Layer]) -> dict[str, NDArray[np.bool_]]:
        # Ranks of one precision: those of single precision are no numbers that others have.
        precision = np.result_type(*(layer.weight for layer in layers.values()))
        ranks = [
            self.ranks(name, layer.weight.astype(precision, copy=False))
            for name, layer in layers.items()
        ]
        ends = np.cumsum([part.size for part in ranks])[:-1]
        everything = np.concatenate(ranks)
        gone = np.split(smallest(everything, self.count_of(everything.size)), ends)
        return {
            name: part.reshape(layer.weight.shape)
            for (name, layer), part in zip(layers.items(), gone, strict=True)
        }


def _zeroed(weight: Weight, gone: NDArray[np.bool_]) -> Weight:
    """Zero the marked weights; the very array that came in if that changes nothing."""
    if not any(part[marks].any() for part, marks in zip(weight, gone, strict=True)):
        return weight
    kept = np.empty(weight.shape, weight.dtype)
    found, marked = kept.reshape(len(weight), -1), gone.reshape(len(weight), -1)
    for piece, block in pieces_of(weight.reshape(len(weight), -1)):
        np.multiply(block, ~marked[piece], out=found[piece])  # several times faster than np.where
        found[piece] += 0  # -0.0 becomes 0.0
    return kept
