"""What tiles need at least, before they are laid out: all but the way to the multipliers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.stonne.fabric.prices import Prices
from hwsim.engines.stonne.maeri.counts import Totals
from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.machine import MaeriMachine
from hwsim.engines.stonne.maeri.operation import Convolution
from hwsim.engines.stonne.maeri.reduction import neurons_in_tree
from hwsim.engines.stonne.maeri.tiles.candidates import Candidates


def least_energies(
    found: Candidates, layer: Convolution, machine: MaeriMachine, prices: Prices
) -> NDArray[np.float64]:
    """Bound the energy of what each tile does from below, cycles aside.

    Parameters
    ----------
    found : Candidates
        The tiles.
    layer : Convolution
        What is run.
    machine : MaeriMachine
        What runs it.
    prices : Prices
        Of actions.

    Returns
    -------
    ndarray of float, shape (T,)
        Energy of multiplications, additions, wires of the adder tree, and accesses of the buffer.
    """
    loops = (Loops(layer, found.tile(number), machine) for number in range(len(found.bounds)))
    return np.array([_least_energy(each, prices) for each in loops])


def _least_energy(loops: Loops, prices: Prices) -> float:
    price, totals, tile = prices.actions, Totals.of(loops), loops.tile
    tree = neurons_in_tree(loops.neuron_size, tile.neurons, loops.machine.num_ms, loops.sums_return)
    turns = totals.outputs * loops.folds // tile.neurons
    products = totals.outputs * loops.folds * tile.products
    accesses = totals.weight_reads + totals.input_reads + totals.sum_reads
    over_folds = totals.outputs * (loops.folds - 1) if loops.machine.sums_stay else 0
    added = int(tree.adds_2_1.sum()) * price["ADDER", "ADD_2_1"]
    added += int(tree.adds_3_1.sum()) * price["ADDER", "ADD_3_1"]
    wires = products + totals.sum_reads + int(tree.wires.sum()) * turns
    return (
        products * price["MULTIPLIER", "MULTIPLICATION"]
        + totals.sum_reads * price["MULTIPLIER", "FORWARD_PSUM"]
        + added * turns
        + over_folds * min(price["ACCUMULATOR", "ADD"], price["ADDER", "ADD_2_1"])
        + wires * price["RN_WIRE", "WRITE"]
        + accesses * price["GLOBALBUFFER", "READ"]
        + totals.writes * price["GLOBALBUFFER", "WRITE"]
    )
