"""What the words of the streaming vectors pass on their way to the multipliers.

A word that is not zero and meets a value of the fold is read once and sent to every Flex-DPE that
holds such a value. There it passes a Benes network. The first half of the network's levels only
takes it to where its copies can part; from there the ways to the multipliers are a binary tree over
them, as in the second half of any Benes network each input reaches each output by one way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.stonne.fabric.packing import Ints
from hwsim.engines.stonne.sigma.multicast.blocks import Blocks, Counts
from hwsim.engines.stonne.sigma.multicast.sizes import MulticastSizes

#: Positions of the stationary matrix that are looked at together, for the memory that it takes.
_AT_ONCE = 4_194_304


@dataclass(frozen=True)
class Words:
    """Words on their way, of all folds and all streaming vectors; expected where zeros are.

    Parameters
    ----------
    multiplications : float
        Values that reach a multiplier.
    reads : float
        Words that leave the memory.
    reached : tuple of float
        Nodes of the binary trees that words pass at each depth: the Flex-DPEs first, the
        multipliers last.
    """

    multiplications: float
    reads: float
    reached: tuple[float, ...]


def follow_words(blocks: Blocks, sizes: MulticastSizes) -> Words:
    """Follow the words of every fold.

    Parameters
    ----------
    blocks : Blocks
        The stationary values and what they meet.
    sizes : MulticastSizes
        The machine.
    """
    reads: float = 0
    reached: list[float] = [0] * (sizes.half_levels + 1)
    for bits, meets in _portions(blocks):
        of_block, k = _values(bits)
        reads += _sent(of_block, k, meets, sizes.num_ms)
        passed = _parting(of_block, k, meets, sizes)
        reached = [before + now for before, now in zip(reached, passed, strict=True)]
    return Words(reached[-1], reads, tuple(reached))


def _portions(blocks: Blocks) -> Iterator[tuple[NDArray[np.bool_], Counts]]:
    """Give the blocks a few at a time."""
    portions = -(-blocks.bits.size // _AT_ONCE)
    bits, meets = (np.array_split(each, portions) for each in (blocks.bits, blocks.meets))
    yield from zip(bits, meets, strict=True)


def _values(bits: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """List the stationary values row by row: how many each block has, and the k of each."""
    return np.count_nonzero(bits, axis=(1, 2)), np.flatnonzero(bits) % bits.shape[2]


def _sent(of_block: Ints, k: Ints, meets: Counts, num_ms: int) -> float:
    """Count the words that some value of a fold waits for."""
    folds = -(-of_block // num_ms)
    waits = np.zeros((folds.sum(), meets.shape[1]), dtype=bool)
    waits[_places(of_block, folds, num_ms) // num_ms, k] = True
    words: float = meets[np.repeat(np.arange(len(folds)), folds)][waits].sum().item()
    return words


def _parting(of_block: Ints, k: Ints, meets: Counts, sizes: MulticastSizes) -> list[float]:
    """Count the nodes that words pass at each depth of the trees of all Flex-DPEs."""
    leaves, half = sizes.dn_bw, sizes.half_levels
    engines = -(-of_block // leaves)
    place = _places(of_block, engines, leaves)
    # Sorted by word and multiplier, those that take the same word are neighbours; the multipliers
    # without a value come last.
    none = meets.shape[1] * leaves
    waiting = np.full(engines.sum() * leaves, none, dtype=np.min_scalar_type(none))
    waiting[place] = k * leaves + place % leaves
    waiting = np.sort(waiting.reshape(-1, leaves), axis=1)
    # The highest bit in which a multiplier differs from its neighbour says where their ways part;
    # the first of an engine has no neighbour.
    differs = np.full_like(waiting, np.iinfo(waiting.dtype).max)
    np.bitwise_xor(waiting[:, 1:], waiting[:, :-1], out=differs[:, 1:])
    own_nodes = np.searchsorted(1 << np.arange(half + 1), differs[waiting < none], side="right")
    block = np.repeat(np.repeat(np.arange(len(engines)), engines), leaves).reshape(waiting.shape)
    word = waiting[waiting < none] >> half
    times = np.bincount(own_nodes, meets[block[waiting < none], word], minlength=half + 2)
    totals = np.cumsum(times[:0:-1]).astype(meets.dtype)
    passed: list[float] = totals.tolist()
    return passed


def _places(of_block: Ints, parts: Ints, size: int) -> Ints:
    """Give each value its multiplier: they fill parts of a size, and a block begins a part."""
    begins = size * (np.cumsum(parts) - parts) - (np.cumsum(of_block) - of_block)
    places: Ints = np.arange(of_block.sum()) + np.repeat(begins, of_block)
    return places
