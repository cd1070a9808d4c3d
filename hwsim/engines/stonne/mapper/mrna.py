"""The tile that STONNE's mRNA takes: by an estimate of cycles and energy of its own.

It takes whole filters and shares the multipliers out among channels and filters. What the channels
leave over it counts as one or two further passes that only add. It knows neither write ports nor
accumulators, and a multicast of neighbouring windows only as if it cost nothing (``mRNA`` of
stonne-simulator/stonne, commit 22634b8b).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from hwsim.errors import InputError

#: Prices in units of a register's, of the program's ``parameters/mRNA_energy_parameters.txt``.
_BUFFER_PRICE: Final = 8
_DRAM_PRICE: Final = 54
#: Below this share of busy multipliers whole filters are cut after all.
_BUSY_ENOUGH: Final = 0.8
#: The program's integers; beyond them it computes nonsense.
_LARGEST: Final = 2**31 - 1


@dataclass(frozen=True)
class MrnaLayer:
    """A convolution on a machine as mRNA sees it.

    Parameters
    ----------
    R, S : int
        Rows and columns of a filter.
    C, K : int
        Channels and filters of a group.
    X, Y : int
        Rows and columns of an input.
    rows, columns : int
        Of an output.
    strides : int
        Of the windows.
    num_ms, dn_bw : int
        Multipliers and read ports.
    """

    R: int
    S: int
    C: int
    K: int
    X: int
    Y: int
    rows: int
    columns: int
    strides: int
    num_ms: int
    dn_bw: int

    @property
    def outputs(self) -> int:
        """Outputs of a group and an input."""
        return self.rows * self.columns * self.K

    @property
    def tree_levels(self) -> int:
        """Levels of a tree over all multipliers."""
        return self.num_ms.bit_length() - 1

    def transfers(self, values: int) -> int:
        """Cycles in which the read ports send values."""
        return math.ceil(values / self.dn_bw)


@dataclass(frozen=True)
class _Pass:
    """One configuration of the multipliers.

    Parameters
    ----------
    layer : MrnaLayer
        What it is a pass of.
    size, neurons : int
        Multipliers of a virtual neuron, and how many of those there are.
    steps : int
        How often it gets inputs.
    loads : int
        How often it gets weights.
    channels : int
        Of a virtual neuron; 0 where it only adds up partial sums.
    """

    layer: MrnaLayer
    size: int
    neurons: int
    steps: int
    loads: int
    channels: int

    @property
    def _slides(self) -> bool:
        return self.channels > 0 and self.layer.strides == 1

    @property
    def _first_steps(self) -> int:
        """Steps in which all inputs of a window are sent where others only get a new column."""
        return self.layer.rows * self.loads

    @property
    def cycles(self) -> int:
        layer, used = self.layer, self.size * self.neurons
        if not self.channels:
            return self.steps * layer.transfers(used)
        weights = self.loads * layer.transfers(used)
        if not self._slides:
            return self.steps * layer.transfers(self.size) + weights
        column = layer.transfers(layer.R * self.channels)
        later = self.steps - self._first_steps
        return later * column + self._first_steps * layer.transfers(self.size) + weights

    @property
    def energy(self) -> int:
        """Energy in units of a register access."""
        sums, additions = _tree(self.size)
        reduction = (sums + additions) * self.neurons * self.steps
        return self._buffer * _BUFFER_PRICE + self._distribution + self._multipliers + reduction

    @property
    def _buffer(self) -> int:
        used, written = self.size * self.neurons, self.neurons * self.steps
        if not self.channels:
            return used * self.steps + written
        weights = used * self.loads
        if not self._slides:
            return used * self.steps + weights + written
        later = self.size // self.layer.S * (self.steps - self._first_steps)
        return self.size * self._first_steps + later + weights + written

    @property
    def _distribution(self) -> int:
        levels, used = self.layer.tree_levels, self.size * self.neurons
        if not self.channels:
            return levels * used * self.steps
        together, _ = _tree(self.neurons)
        apart = levels - (self.neurons - 1).bit_length()
        multicast = (together + apart * self.neurons) * self.size
        sent = self._first_steps if self._slides else self.steps
        return levels * used * self.loads + multicast * sent

    @property
    def _multipliers(self) -> int:
        """Registers, links and multiplications."""
        used = self.size * self.neurons
        if not self.channels:
            return used * self.steps
        if not self._slides:
            return 3 * used * self.steps
        layer, later = self.layer, self.steps - self._first_steps
        registers = used * self._first_steps + self.neurons * (self.size // layer.S) * later
        links = layer.R * (layer.S - 1) * self.neurons * self.channels * later
        return registers + links + 2 * used * self.steps


@dataclass(frozen=True)
class _Mapping:
    """A choice of channels and filters.

    Parameters
    ----------
    layer : MrnaLayer
        What is mapped.
    channels, filters : int
        ``T_C`` and ``T_K``.
    passes : tuple of _Pass
        The convolution, and what adds up partial sums.
    left_over : tuple of int
        Partial sums of an output that wait after each pass.
    """

    layer: MrnaLayer
    channels: int
    filters: int
    passes: tuple[_Pass, ...]
    left_over: tuple[int, ...]

    @cached_property
    def cycles(self) -> int:
        return sum(each.cycles for each in self.passes)

    @cached_property
    def energy(self) -> int:
        layer = self.layer
        weights = layer.R * layer.S * layer.C * layer.K
        moved = layer.X * layer.Y * layer.C + weights + layer.outputs
        kept = sum(_in_integer(layer.outputs * sums * 2) // 1024 for sums in self.left_over)
        dram = math.ceil(_in_integer(moved * 2) / 8) + _in_integer(kept * 256)
        return sum(each.energy for each in self.passes) + dram * _DRAM_PRICE

    @property
    def energy_efficiency(self) -> float:
        return 1 / (float(self.cycles) * float(self.energy))


#: What is least in the mapping that is taken, by what is asked for.
_LEAST: Final[Mapping[str, Callable[[_Mapping], float]]] = {
    "performance": lambda mapping: mapping.cycles,
    "energy": lambda mapping: mapping.energy,
    "energy_efficiency": lambda mapping: -mapping.energy_efficiency,
}


def mrna_tile(layer: MrnaLayer, target: str) -> tuple[int, int]:
    """Choose channels and filters as mRNA does; it takes whole filters, and one of all else.

    Parameters
    ----------
    layer : MrnaLayer
        What is run, and where.
    target : {"performance", "energy", "energy_efficiency"}
        By what it chooses.

    Returns
    -------
    (int, int)
        ``T_C`` and ``T_K``.

    Raises
    ------
    InputError
        If it finds none, or would count beyond its integers.
    """
    window = layer.R * layer.S
    if window > layer.num_ms:
        raise InputError(
            f"generate_tile: mRNA takes whole filters, and R x S = {window} is more "
            f"than num_ms = {layer.num_ms}: give a tile, or set generator=fastest"
        )
    mappings = list(_mappings(layer))
    if not mappings:
        raise InputError(
            "generate_tile: mRNA adds up partial sums in two passes at most, and finds no tile "
            "for so many channels: give a tile, or set generator=fastest"
        )
    best = min(mappings, key=_LEAST[target])  # the first of several
    return best.channels, best.filters


def mrna_gemm_tile(M: int, K: int, num_ms: int) -> tuple[int, int, int]:
    """Choose ``T_M``, ``T_N`` and ``T_K`` of a dense GEMM as mRNA does, whatever is asked for."""
    depth = min(K, num_ms)
    return min(num_ms // depth, M) if depth == K else 1, 1, depth


def _mappings(layer: MrnaLayer) -> Iterator[_Mapping]:
    window, num_ms = layer.R * layer.S, layer.num_ms
    whole = window * layer.C
    at_once = num_ms // whole
    if whole * layer.K < num_ms or (at_once and whole * at_once / num_ms >= _BUSY_ENOUGH):
        filters = min(at_once, layer.K)
        yield _Mapping(layer, layer.C, filters, (_convolution(layer, layer.C, filters),), ())
        return
    for channels, filters in _shares(num_ms // window, layer.C, layer.K):
        pieces = math.ceil(layer.C / channels)
        first = _convolution(layer, channels, filters)
        if pieces <= num_ms:
            added = first, _additions(layer, pieces)
            yield _Mapping(layer, channels, filters, added, (pieces,))
            continue
        rest = math.ceil(pieces / num_ms)
        if rest <= num_ms:
            steps = _in_integer(layer.outputs * rest)
            adding = _Pass(layer, num_ms, 1, steps, 0, 0)
            passes = first, adding, _additions(layer, rest)
            yield _Mapping(layer, channels, filters, passes, (pieces, rest))


def _shares(neurons: int, channels: int, filters: int) -> list[tuple[int, int]]:
    """Give (T_C, T_K) that share out as many windows as possible, in mRNA's order."""
    found: list[tuple[int, int]] = []
    while not found:
        for small in range(1, math.isqrt(neurons) + 1):
            large, rest = divmod(neurons, small)
            if rest:
                continue
            both = (small, large), (large, small)
            found += [(c, k) for c, k in both if c <= channels and k <= filters]
        neurons -= 1
    return found


def _convolution(layer: MrnaLayer, channels: int, filters: int) -> _Pass:
    loads = math.ceil(layer.K / filters) * math.ceil(layer.C / channels)
    steps = _in_integer(layer.rows * layer.columns * loads)
    return _Pass(layer, layer.R * layer.S * channels, filters, steps, loads, channels)


def _additions(layer: MrnaLayer, pieces: int) -> _Pass:
    neurons = layer.num_ms // pieces
    return _Pass(layer, pieces, neurons, math.ceil(layer.outputs / neurons), 0, 0)


def _tree(leaves: int) -> tuple[int, int]:
    """Count the edges of a tree over neighbouring leaves, and the nodes that add two."""
    edges = nodes = 0
    while leaves > 1:
        edges += leaves
        nodes += leaves // 2
        leaves = (leaves + 1) // 2
    return edges, nodes


def _in_integer(number: int) -> int:
    if number > _LARGEST:
        raise InputError(
            "generate_tile: the layer is larger than mRNA's integers of 32 bits: give a tile, or "
            "set generator=fastest"
        )
    return number
