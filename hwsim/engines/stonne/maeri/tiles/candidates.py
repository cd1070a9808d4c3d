"""The tiles that are worth a look, and bounds of the cycles that each takes.

Of the tiles that cut a dimension into as many pieces only the smallest is looked at. Bounds are
from below: a step is queued each cycle at most, and a port sends one packet a cycle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.stonne.fabric.packing import Ints
from hwsim.engines.stonne.fabric.windows import least_tile_with_whole_windows
from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.machine import MaeriMachine
from hwsim.engines.stonne.maeri.operation import Convolution, Tile
from hwsim.engines.stonne.maeri.placement import Placement
from hwsim.engines.stonne.maeri.reduction import Reduction
from hwsim.engines.stonne.maeri.tiles.returning import least_cycles_of_sums

#: Adders, bus and memory after the last packet has arrived: a cycle each at least.
_WAY_OUT = 3


@dataclass(frozen=True, eq=False)
class Candidates:
    """Tiles as arrays of shape (T,), least bound first.

    Parameters
    ----------
    sizes : ndarray of int, shape (T, 8)
        Fields of :class:`~hwsim.engines.stonne.maeri.operation.Tile`.
    bounds : ndarray of int, shape (T,)
        Cycles that each takes at least.
    """

    sizes: Ints
    bounds: Ints

    def tile(self, number: int) -> Tile:
        """Give one of the tiles."""
        return Tile(*self.sizes[number].tolist())


def candidates(layer: Convolution, machine: MaeriMachine) -> Candidates:
    """List the tiles of a layer that fit on a machine."""
    choices = [
        _cuts(layer.R),
        _cuts(layer.S),
        _cuts(layer.channels),
        _cuts(layer.G),
        _cuts(layer.filters),
        np.ones(1, dtype=np.int64),
        _outputs(layer.rows, layer.strides),
        _outputs(layer.columns, layer.strides),
    ]
    sizes = np.ones((1, 0), dtype=np.int64)
    for choice in choices:
        sizes = np.concatenate(
            [np.repeat(sizes, len(choice), axis=0), np.tile(choice, len(sizes))[:, None]], axis=1
        )
        sizes = sizes[sizes.prod(axis=1) <= machine.num_ms]
    sizes = sizes[_runnable(sizes, layer, machine)]
    bounds = _bounds(sizes, layer, machine)
    order = np.argsort(bounds, kind="stable")
    return Candidates(sizes[order], bounds[order])


def _cuts(size: int) -> Ints:
    """Give the smallest piece for each number of pieces."""
    pieces = np.arange(1, size + 1, dtype=np.int64)
    return np.unique(-(-size // pieces))


def _outputs(size: int, strides: int) -> Ints:
    """Give the pieces of an axis of the output: with a stride one output, or all at once."""
    if strides == 1:
        return _cuts(size)
    whole = least_tile_with_whole_windows(size, strides)
    return np.unique(np.array([1, whole], dtype=np.int64))


def _folds(sizes: Ints, layer: Convolution) -> Ints:
    whole = np.array([layer.R, layer.S, layer.channels])
    return np.asarray((-(-whole // sizes[:, :3])).prod(axis=1))


def _runnable(sizes: Ints, layer: Convolution, machine: MaeriMachine) -> NDArray[np.bool_]:
    """Tell which tiles the machine takes; the rules are those of ``rules.py``."""
    products, neurons = sizes[:, :3].prod(axis=1), sizes[:, 3:].prod(axis=1)
    folded = _folds(sizes, layer) > 1
    if machine.sums_stay:
        return np.asarray(~folded | (products > 1) | (neurons == 1))
    return np.asarray((products + folded) * neurons <= machine.num_ms)


def _bounds(sizes: Ints, layer: Convolution, machine: MaeriMachine) -> Ints:
    """Bound the cycles by steps, by what all ports together have to send, and by the first port.

    The multipliers of one neuron need values of their own, and those below the first port begin
    with the first neuron's: all of them, or as many as there are below the port.
    """
    R, S, C, G, K, N, X, Y = sizes.T
    folds = _folds(sizes, layer)
    iterations = -(-layer.G // G) * -(-layer.filters // K) * -(-layer.N // N)
    rows, columns = -(-layer.rows // X), -(-layer.columns // Y)
    forwards = (Y == 1) & (S > 1) & (layer.strides == 1) & (layer.S % S == 0)
    full = rows * np.where(forwards, 1, columns)
    later = rows * columns - full
    height = np.minimum(R * X, R + (X - 1) * layer.strides)
    width = np.minimum(S * Y, S + (Y - 1) * layer.strides)
    values = full * width + later
    packets = folds * (R * S * C * G * K + values * height * C * N * G)
    ports = np.minimum(machine.dn_bw, R * S * C * G * K * N * X * Y)
    steps = folds * (1 + rows * columns)
    leaves = machine.leaves - (0 if machine.sums_stay else folds > 1)
    beside = np.minimum(leaves, R * S * C)
    first_port = folds * (beside * (1 + full) + beside // S * later)
    together = -(-packets // ports)
    found = np.asarray(iterations * np.maximum.reduce([steps, together, first_port]))
    if machine.sums_stay:
        return found
    products, neurons = R * S * C, G * K * N * X * Y
    positions = iterations * rows * columns
    sums = least_cycles_of_sums(products, neurons, folds, positions, machine)
    return np.asarray(np.maximum(found, sums))


def port_bound(loops: Loops, placement: Placement) -> int:
    """Bound the cycles by what each port has to send, and by the steps."""
    firsts = loops.rows * (1 if loops.forwards else loops.columns)
    later = loops.positions - firsts
    sent = loops.folds * (
        placement.weights.sent
        + firsts * placement.activations.sent
        + later * placement.new_column.sent
    )
    if loops.sums_return:
        sums = np.arange(loops.tile.neurons) * loops.neuron_size // loops.machine.leaves
        returned = (loops.folds - 1) * loops.positions
        sent = sent + returned * np.bincount(sums, minlength=loops.machine.dn_bw)
    longest = max(int(sent.max()), loops.folds + loops.steps)
    way_out = _WAY_OUT + loops.machine.switched + loops.machine.accumulates
    return loops.iterations * (longest + way_out * loops.one_after_the_other)


def line_bound(loops: Loops, reduction: Reduction) -> int:
    """Bound the cycles by the outputs that the busiest line of the bus takes, one a cycle."""
    each = loops.received // loops.tile.neurons
    return loops.iterations * each * int(np.bincount(reduction.line).max())
