"""Which multiplier does what, and which packets the ports send for one step.

Virtual neurons (VN) follow one another on the multipliers. The first multiplier of each brings the
partial sum back where sums return; the others hold the weights of the tile, channel by channel and
row by row. A value that several multipliers below a port need is one packet there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.stonne.fabric.packing import Ints
from hwsim.engines.stonne.maeri.loops import Loops


@dataclass(frozen=True, eq=False)
class Packets:
    """What each port sends for one step.

    Parameters
    ----------
    order : ndarray of int, shape (S,)
        Place of a slot's packet among those of its port, from 0; -1 where it gets none.
    sent : ndarray of int, shape (dn_bw,)
        Packets of each port.
    values : int
        Values that are sent, each once.
    reached : tuple of int
        Tree nodes that packets pass, summed over ports, for each depth: ports first, the
        multipliers last.
    """

    order: Ints
    sent: Ints
    values: int
    reached: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Placement:
    """The multipliers that hold a weight, as S slots in the order of multipliers.

    Parameters
    ----------
    neuron, multiplier, port : ndarray of int, shape (S,)
        The VN of a slot, its multiplier and the read port of that.
    chain, column : ndarray of int, shape (S,)
        Row of a filter (over all channels of the tile) and column in it: multipliers of a row
        hand activations on.
    value : ndarray of int, shape (S,)
        Which activation of a step a slot needs.
    weights, activations : Packets
        Of a step that sends weights, and of one that sends all activations.
    new_column : Packets
        Of a step that sends the last column of each filter; where multipliers hand on nothing, it
        is ``activations``.
    """

    neuron: Ints
    multiplier: Ints
    port: Ints
    chain: Ints
    column: Ints
    value: Ints
    weights: Packets
    activations: Packets
    new_column: Packets


def place(loops: Loops) -> Placement:
    """Lay a tile out on the multipliers."""
    tile, stride = loops.tile, loops.layer.strides
    sizes = (tile.N, tile.G, tile.K, tile.X, tile.Y, tile.C, tile.R, tile.S)
    n, g, k, x, y, c, r, s = np.unravel_index(
        np.arange(tile.neurons * tile.products, dtype=np.int64), sizes
    )
    neuron = np.repeat(np.arange(tile.neurons, dtype=np.int64), tile.products)
    within = np.tile(np.arange(tile.products, dtype=np.int64), tile.neurons)
    multiplier = neuron * loops.neuron_size + loops.sums_return + within
    port = multiplier // loops.machine.leaves

    weight = (g * tile.K + k) * tile.products + within
    width = tile.S + (tile.Y - 1) * stride
    value = (x * stride + r) * width + y * stride + s
    value = ((value * tile.N + n) * tile.G + g) * tile.C + c
    every = np.ones(len(neuron), dtype=bool)
    activations = _packets(loops, multiplier, port, value, every)
    new_column = (
        _packets(loops, multiplier, port, value, s == tile.S - 1) if loops.forwards else activations
    )
    return Placement(
        neuron=neuron,
        multiplier=multiplier,
        port=port,
        chain=c * tile.R + r,
        column=s,
        value=value,
        weights=_packets(loops, multiplier, port, weight, every),
        activations=activations,
        new_column=new_column,
    )


def _packets(
    loops: Loops, multiplier: Ints, port: Ints, value: Ints, needed: NDArray[np.bool_]
) -> Packets:
    """Group slots that need the same value into packets, in the order of values."""
    slots = np.flatnonzero(needed)
    slots = slots[np.lexsort((multiplier[slots], value[slots], port[slots]))]
    sorted_port, sorted_value = port[slots], value[slots]
    new_port = _changes(sorted_port)
    new_packet = new_port | _changes(sorted_value)
    packet = np.cumsum(new_packet) - 1
    first = packet[new_port]
    order = np.full(len(port), -1, dtype=np.int64)
    order[slots] = packet - first[np.cumsum(new_port) - 1]
    leaf = multiplier[slots] % loops.machine.leaves
    depths = range(loops.machine.leaves.bit_length() - 1, -1, -1)
    return Packets(
        order=order,
        sent=np.bincount(sorted_port, new_packet, loops.machine.dn_bw).astype(np.int64),
        values=len(np.unique(value[slots])),
        reached=tuple(
            int(np.count_nonzero(new_packet | _changes(leaf >> depth))) for depth in depths
        ),
    )


def _changes(key: Ints) -> NDArray[np.bool_]:
    changed = np.ones(len(key), dtype=bool)
    changed[1:] = key[1:] != key[:-1]
    return changed
