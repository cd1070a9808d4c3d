"""Zeros with a structure: N of M neighbours, whole filters, whole input channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.schemes._ranking import Ranks, smallest
from hwsim.schemes.scheme import Weight

#: Axes of (G, K/G, C/G, R x S) over which the weights of one filter, or of one input channel, lie.
_WITHIN: Final = {"filter": (2, 3), "channel": (1, 3)}


@dataclass(frozen=True)
class Pattern:
    """What ``N:M`` may be, as text: of every M neighbours N stay.

    The bounds of a parameter, as :class:`hwsim.schemes.parameters.Number` is one.
    """

    def __str__(self) -> str:
        return "N:M, of every M neighbours N stay, with 1 <= N < M"

    def read(self, text: str) -> str:
        """Write the pattern without spaces and leading zeros; ``ValueError`` if it is none."""
        stay, of = map(int, text.split(":"))
        return f"{stay}:{of}"

    def accepts(self, value: object) -> bool:
        """Say whether a value is a pattern as :meth:`read` writes it."""
        try:
            stay, of = counts_of(str(value))
        except ValueError:
            return False
        return value == f"{stay}:{of}" and 1 <= stay < of


def counts_of(pattern: str) -> tuple[int, int]:
    """Take N and M out of ``N:M``."""
    stay, of = map(int, pattern.split(":"))
    return stay, of


def beyond_pattern(ranks: Ranks, shape: tuple[int, ...], pattern: str) -> NDArray[np.bool_]:
    """Mark all but the N largest ranks of every M neighbouring channels.

    Parameters
    ----------
    ranks : ndarray, one dimension
        Of the weights, as they lie.
    shape : tuple of int
        Of the weights, (K, C/G, R, S) or (K, C). Neighbours are channels of one filter, row and
        column; of a last group of fewer than M channels N stay, too.
    pattern : str
        ``"2:4"``.

    Returns
    -------
    ndarray of bool, of that shape
    """
    stay, of = counts_of(pattern)
    along = np.moveaxis(ranks.reshape(shape), 1, -1)
    whole = along.shape[-1] // of * of
    gone = np.empty(along.shape, dtype=bool)
    groups = along[..., :whole].reshape(-1, of)
    gone[..., :whole] = smallest(groups, of - stay).reshape(*along.shape[:-1], whole)
    rest = along[..., whole:]
    gone[..., whole:] = smallest(rest, max(0, rest.shape[-1] - stay))
    return np.moveaxis(gone, -1, 1)


def norms(weight: Weight, groups: int, structure: str) -> NDArray[np.float64]:
    """Sum the magnitudes of each filter, or of all that a layer does with an input channel.

    Parameters
    ----------
    weight : ndarray, shape (K, C/G, R, S) or (K, C)
    groups : int
        G of the layer: an input channel meets the filters of its group only.
    structure : {"filter", "channel"}

    Returns
    -------
    ndarray, shape (G, K/G, 1, 1) or (G, 1, C/G, 1)
    """
    parts = _by_group(weight, groups)
    return np.asarray(np.abs(parts).sum(axis=_WITHIN[structure], keepdims=True, dtype=np.float64))


def spread(gone: NDArray[np.bool_], weight: Weight, groups: int) -> NDArray[np.bool_]:
    """Mark the weights of the filters or channels that are marked, in the shape of the weights."""
    return np.broadcast_to(gone, _by_group(weight, groups).shape).reshape(weight.shape)


def _by_group(weight: NDArray[Any], groups: int) -> NDArray[Any]:
    filters, channels = weight.shape[:2]
    return weight.reshape(groups, filters // groups, channels, -1)
