"""The distribution network: what each read port sends, and what its tree of switches does.

Every read port feeds ``num_ms / dn_bw`` neighbouring multipliers through a binary tree. Stationary
values go to one multiplier each. A value of the streaming matrix goes to every multiplier of the
port that holds a stationary value of the same k, as one packet that the switches copy.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwsim.bit_rows import BitRows
from hwsim.engines.stonne.fabric.packing import Ints, Packing


class Distribution(NamedTuple):
    """How the values of one column reach the multipliers.

    The multipliers that hold a stationary value are the S slots of all configurations.

    Parameters
    ----------
    vn, multiplier : ndarray of int, shape (S,)
        The VN of a slot and its multiplier.
    port : ndarray of int, shape (S,)
        Read port of each slot.
    order : ndarray of int, shape (S,)
        Place of the slot's value among the values that its port sends in one column, from 0.
    load : ndarray of int, shape (S,)
        Values that the slot's port sends in one column.
    stationary : ndarray of int, shape (S,)
        Stationary values of the slot's port.
    reached : list of ndarray of int, shape (C,)
        Tree nodes that packets of one column pass, summed over ports, for each depth: the
        ports themselves first, the multipliers last.
    """

    vn: Ints
    multiplier: Ints
    port: Ints
    order: Ints
    load: Ints
    stationary: Ints
    reached: list[Ints]


def distribute(packing: Packing, rows: BitRows, num_ms: int, dn_bw: int) -> Distribution:
    """Work out the packets that one column needs in every configuration.

    Parameters
    ----------
    packing : Packing
        The configurations.
    rows : BitRows, shape (rows over all groups, K)
        The stationary bits, for configurations in which several rows share ports.
    num_ms, dn_bw : int
        Multipliers and read ports.

    Returns
    -------
    Distribution
        Sorted by configuration, port and k.
    """
    vn, multiplier = _slots(packing)
    k = _reduction_index(packing, rows, vn, multiplier)
    configuration = packing.configuration[vn]
    leaves = num_ms // dn_bw
    port, leaf = np.divmod(multiplier, leaves)

    by_packet = np.lexsort((leaf, k, port, configuration))
    vn, multiplier, k, port, leaf = (a[by_packet] for a in (vn, multiplier, k, port, leaf))
    configuration = configuration[by_packet]
    new_port = _changes(configuration, port)
    new_packet = new_port | _changes(k)
    port_index = np.cumsum(new_port) - 1
    packet_index = np.cumsum(new_packet) - 1
    stationary = np.bincount(port_index)
    load = np.bincount(port_index, new_packet).astype(np.int64)

    reached = []
    for shift in range(leaves.bit_length() - 1, -1, -1):
        new_node = new_packet | _changes(leaf >> shift)
        count = np.bincount(configuration, new_node, len(packing.repeats))
        reached.append(count.astype(np.int64))
    return Distribution(
        vn=vn,
        multiplier=multiplier,
        port=port,
        order=packet_index - packet_index[new_port][port_index],
        load=load[port_index],
        stationary=stationary[port_index],
        reached=reached,
    )


def _slots(packing: Packing) -> tuple[Ints, Ints]:
    """List the multipliers that hold a stationary value: their VN and number."""
    forwards = packing.folded[packing.configuration].astype(np.int64)
    held = packing.size - forwards
    vn = np.repeat(np.arange(len(held)), held)
    within = np.arange(len(vn)) - np.repeat(np.cumsum(held) - held, held)
    return vn, packing.start[vn] + forwards[vn] + within


def _reduction_index(packing: Packing, rows: BitRows, vn: Ints, multiplier: Ints) -> Ints:
    """Find the k of every slot.

    A configuration of one VN sends each value to one multiplier, so there the multiplier's own
    number serves; several rows can share a k and need their bits.
    """
    k = multiplier.copy()
    shared = packing.row >= 0
    k[shared[vn]] = np.nonzero(rows[packing.row[shared]].bits())[1]
    return k


def _changes(*keys: Ints) -> NDArray[np.bool_]:
    """Mark the places where a sorted key differs from the one before it."""
    changed = np.ones(len(keys[0]), dtype=bool)
    changed[1:] = False
    for key in keys:
        changed[1:] |= key[1:] != key[:-1]
    return changed
