"""A convolution by merged sums, ready to be called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.kernels._memory import aligned
from hwsim.kernels.digits import Digits
from hwsim.kernels.group_sums import Tile, convolution
from hwsim.kernels.host import Host, host
from hwsim.kernels.phases import Phases
from hwsim.kernels.tables import Tables, tables_of
from hwsim.networks.network import Layer

Floats = NDArray[np.float32]

_INDEX_REACH_BYTES: Final = 1 << 16  # of an index of 16 bits


@dataclass(frozen=True, eq=False)
class _Group:
    tables: Tables
    scale: Floats
    shift: Floats


class MergedConvolution:
    """A layer of few-level weights, with its code and tables.

    Parameters
    ----------
    layer : Layer
        Geometry; the vectors of a linear layer are positions.
    digits : Digits
        Its weights.
    tile : Tile
        How the work is cut.
    machine : Host, optional
        The processor; the one that runs this if not given.

    Attributes
    ----------
    positions : int
        Output positions that are computed, those in vain among them.

    Raises
    ------
    InputError
        If llvmlite is not installed.
    """

    def __init__(
        self, layer: Layer, digits: Digits, tile: Tile, machine: Host | None = None
    ) -> None:
        machine = machine or host()
        self.layer, self.tile, self.digits = layer, tile, digits
        self._run = convolution(tile, digits.shifted, machine.lanes)
        self._phases = Phases.of(layer)
        self._groups = [
            _group(digits, slice(start, start + layer.filters // layer.groups), tile, machine)
            for start in range(0, layer.filters, layer.filters // layer.groups)
        ]
        width = tile.vectors * machine.lanes
        self._blocks = -(-self._phases.positions // width)
        self.positions = self._blocks * width
        self._masks, self._places = self._phases.kept(self._blocks * tile.vectors, machine.lanes)
        size = int(np.prod(self._phases.shape))
        flat = aligned(max(size, max(self._phases.taps) + self.positions), machine.vector_bytes)
        self._map = flat[:size].reshape(self._phases.shape)
        self._taps = np.array(self._phases.taps, dtype=np.int64) * flat.itemsize
        sets = max(group.tables.sets for group in self._groups)
        self._panel = aligned((_panel_rows(tile, machine) + 1) * width, machine.vector_bytes)
        self._sums = aligned(sets * tile.tuples * width, machine.vector_bytes)
        self._nowhere = np.empty(
            self._phases.output, dtype=np.float32
        )  # what no filter is in a set

    def __call__(self, given: Floats, out: Floats | None = None) -> Floats:
        """Convolve.

        Parameters
        ----------
        given : ndarray of float32, of the layer's ``input_shape``
            Activations.
        out : ndarray of float32, optional
            Where the result goes, contiguous; a new array if not given.

        Returns
        -------
        ndarray of float32, shape (K, P, Q)
            With several images of a convolution (images, K, P, Q); (vectors, K) of a linear layer.
        """
        layer = self.layer
        if layer.kind != "conv":
            image = given.T.reshape(layer.channels, 1, layer.vectors)
            rows = np.empty((layer.filters, *self._phases.output), dtype=np.float32)
            self._image(image, rows)
            found = np.empty((layer.vectors, layer.filters), "f4") if out is None else out
            np.copyto(found, rows.reshape(layer.filters, -1).T)
            return found
        images = given.reshape(-1, *given.shape[-3:])
        shape = (len(images), layer.filters, *self._phases.output)
        found = np.empty(shape, dtype=np.float32) if out is None else out.reshape(shape)
        for image, place in zip(images, found, strict=True):
            self._image(image, place)
        if out is not None:
            return out
        return found if layer.images > 1 else found[0]

    def additions(self) -> int:
        """Count the additions of a vector of positions, folding and padding among them."""
        tile, total = self.tile, 0
        for group in self._groups:
            tables = group.tables
            total += len(tables.indices) + tables.sets * tile.fold_additions
            if self.digits.shifted:
                total += int(tables.rows.sum()) + len(group.shift)
        return total

    def _image(self, image: Floats, found: Floats) -> None:
        filters = self.layer.filters // self.layer.groups
        channels = self._phases.channels
        for number, group in enumerate(self._groups):
            self._phases.fill(self._map, image[number * channels : (number + 1) * channels])
            self._convolve(group, found[number * filters : (number + 1) * filters])

    def _convolve(self, group: _Group, out: Floats) -> None:
        tables = group.tables
        lines = np.full(len(group.scale), self._nowhere.ctypes.data)
        lines[: len(out)] = out.ctypes.data + np.arange(len(out)) * out.strides[0]
        arrays = (
            *(self._map, self._taps, tables.rows, tables.batches, tables.steps, tables.indices),
            *(tables.targets, self._panel, self._sums, group.scale, group.shift, lines),
            *(self._masks, self._places),
        )
        addresses = (array.ctypes.data for array in arrays)
        self._run(*addresses, len(tables.rows), tables.sets, self._blocks)


def _group(digits: Digits, own: slice, tile: Tile, machine: Host) -> _Group:
    rows = _panel_rows(tile, machine)
    tables = tables_of(digits.digits[own], tile, rows, machine.vector_bytes)
    pad = (0, tables.sets * tile.filters - (own.stop - own.start))
    return _Group(tables, np.pad(digits.scale[own], pad), np.pad(digits.shift[own], pad))


def _panel_rows(tile: Tile, machine: Host) -> int:
    """Rows of the reduction that stay in the L1 cache together, that of zeros not counted."""
    reach = min(int(machine.l1_bytes * tile.panel), _INDEX_REACH_BYTES)
    return max(reach // (tile.vectors * machine.vector_bytes) - 1, 1)
