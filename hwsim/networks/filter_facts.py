"""What many ask of a layer's weights: found in one pass over them, and remembered."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwsim.bit_rows import BitRows
from hwsim.networks.mapped import let_go

#: Weights that are looked at together: they and what is made of them stay in a core's cache.
BLOCK: Final = 1 << 18
#: Bytes of a mapped file that leave memory together: each call costs some microseconds.
_LET_GO_BYTES: Final = 1 << 24


class FilterFacts(NamedTuple):
    """Extremes and averages of the filters, and how many weights are not zero.

    Parameters
    ----------
    largest, smallest : ndarray, shape (K,)
        Of the weights of each filter; NaN where one of them is.
    mean_magnitude : ndarray of float64, shape (K,)
        Average of abs(w) over each filter.
    effectual : int
        Weights that are not zero.
    """

    largest: NDArray[Any]
    smallest: NDArray[Any]
    mean_magnitude: NDArray[np.float64]
    effectual: int

    @classmethod
    def joined(cls, facts: Sequence[FilterFacts]) -> FilterFacts:
        """Put the filters of several layers in a row, as if they were one layer's."""
        return cls(
            np.concatenate([each.largest for each in facts]),
            np.concatenate([each.smallest for each in facts]),
            np.concatenate([each.mean_magnitude for each in facts]),
            sum(each.effectual for each in facts),
        )

    @property
    def magnitude(self) -> NDArray[Any]:
        """Largest magnitude of each filter, shape (K,)."""
        return np.asarray(np.maximum(self.largest, -self.smallest))


def facts_of(weight: NDArray[Any]) -> FilterFacts:
    """Look through the weights of a layer, (K, ...); once for those that nobody can change.

    Pages of a mapped file leave memory behind the pass.
    """
    known = _known.get(id(weight))
    if known is not None and known[0]() is weight:
        return known[1]
    facts = _found(weight)
    _remember(weight, facts)
    return facts


def facts_of_all(weights: Sequence[NDArray[Any]]) -> list[FilterFacts]:
    """Look through the weights of layers that fit a block together.

    Those of one shape are looked at as if they were one layer's, which takes a few calls for all.
    The facts are to the last bit those that :func:`facts_of` gives of each.
    """
    alike: dict[tuple[tuple[int, ...], np.dtype[Any]], list[int]] = {}
    for place, weight in enumerate(weights):
        alike.setdefault((weight.shape, weight.dtype), []).append(place)
    found: dict[int, FilterFacts] = {}
    for places in alike.values():
        if len(places) > 1:
            several = _found_together([weights[place] for place in places])
            found.update(zip(places, several, strict=True))
    for place, facts in found.items():
        _remember(weights[place], facts)
    return [
        found[place] if place in found else facts_of(weight) for place, weight in enumerate(weights)
    ]


def nonzeros_of(weight: NDArray[Any]) -> BitRows:
    """Mark the weights, (K, ...), that are not zero; mapped pages leave memory behind the pass."""
    rows = weight.reshape(len(weight), -1)
    return packed_by_blocks(rows, lambda block, _: block != 0)


def packed_by_blocks(
    rows: NDArray[Any], mark: Callable[[NDArray[Any], slice], NDArray[np.bool_]]
) -> BitRows:
    """Mark values of rows, (K, n), that nobody needs a byte each for.

    Parameters
    ----------
    rows : ndarray, shape (K, n)
        Mapped pages leave memory behind the pass.
    mark : callable
        Gives the marks of a block of rows, and is told which they are.
    """
    packed = np.empty((len(rows), -(-rows.shape[1] // 8)), np.uint8)
    for piece, block in pieces_of(rows):
        packed[piece] = np.packbits(mark(block, piece), axis=1)
    return BitRows(packed, rows.shape[1])


def pieces_of(rows: NDArray[Any]) -> Iterator[tuple[slice, NDArray[Any]]]:
    """Go through rows, (K, n), a block after the other; mapped pages leave memory behind it.

    Weights in a zip begin anywhere: numpy then copies them for every operation, so that a block is
    copied once in place of that.
    """
    gone = 0
    for piece in blocks_of(rows):
        block = rows[piece]
        yield piece, block if block.flags.aligned else block.copy()
        if (piece.stop - gone) * rows.shape[1] * rows.itemsize >= _LET_GO_BYTES:
            let_go(rows[gone : piece.stop])
            gone = piece.stop
    let_go(rows[gone:])


def blocks_of(rows: NDArray[Any], elements: int | None = None) -> Iterator[slice]:
    """Cut rows, (K, n), into pieces of about so many elements, one row at least.

    Parameters
    ----------
    rows : ndarray, shape (K, n)
        Rows.
    elements : int, optional
        :data:`BLOCK` when not given.
    """
    step = max(1, (elements or BLOCK) // max(1, rows.shape[1]))
    for start in range(0, len(rows), step):
        yield slice(start, start + step)


#: By identity, as long as the array is there.
_known: dict[int, tuple[weakref.ref[NDArray[Any]], FilterFacts]] = {}


def _found(weight: NDArray[Any]) -> FilterFacts:
    if weight.size > 1 and not any(weight.strides):  # one value, broadcast
        same = np.full(len(weight), weight.flat[0])
        mean = np.full(len(weight), _mean_magnitudes(weight[:1].reshape(1, -1))[0])
        return FilterFacts(same, same, mean, weight.size if same[0] else 0)
    rows = weight.reshape(len(weight), -1)
    largest, smallest = np.empty(len(rows), rows.dtype), np.empty(len(rows), rows.dtype)
    means, effectual = np.empty(len(rows)), 0
    for piece, block in pieces_of(rows):
        block.max(axis=1, out=largest[piece])
        block.min(axis=1, out=smallest[piece])
        effectual += int(np.count_nonzero(block != 0))
        means[piece] = _mean_magnitudes(block)
    return FilterFacts(largest, smallest, means, effectual)


def _found_together(weights: Sequence[NDArray[Any]]) -> Iterator[FilterFacts]:
    """Look through weights of one shape and type."""
    rows = np.concatenate(weights).reshape(len(weights) * len(weights[0]), -1)
    for weight in weights:
        let_go(weight)
    each = (len(weights), -1)
    return map(
        FilterFacts,
        rows.max(axis=1).reshape(each),
        rows.min(axis=1).reshape(each),
        _mean_magnitudes(rows).reshape(each),
        np.count_nonzero(rows.reshape(each), axis=1).tolist(),
    )


def _mean_magnitudes(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Average a quarter of a block at a time: magnitudes take as much memory as weights."""
    means, kind = np.empty(len(rows)), np.promote_types(rows.dtype, np.float32)
    for piece in blocks_of(rows, BLOCK // 4):
        magnitudes = np.abs(rows[piece], dtype=kind)
        np.add.reduce(magnitudes, axis=1, dtype=np.float64, out=means[piece])
    means /= rows.shape[1]
    return means


def _remember(weight: NDArray[Any], facts: FilterFacts) -> None:
    """Keep the facts of weights that nobody can change."""
    if _settled(weight):
        name = id(weight)
        _known[name] = weakref.ref(weight, lambda _: _known.pop(name, None)), facts


def _settled(array: NDArray[Any]) -> bool:
    """Tell whether no view of an array's memory can be written to."""
    owner: Any = array
    while isinstance(owner, np.ndarray):
        if owner.flags.writeable:
            return False
        if owner.base is None:
            return True
        owner = owner.base
    try:
        return memoryview(owner).readonly
    except TypeError:
        return False
