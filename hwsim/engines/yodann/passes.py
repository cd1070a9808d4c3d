"""A layer in passes: a block of filters over a block of channels, the image in tiles of rows.

Windows larger than a SoP are cut into pieces, which are passes of their own. A pass goes over the
whole image; its weights stay in the filter bank meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hwsim.engines.yodann.sizes import YodannSizes

if TYPE_CHECKING:
    from hwsim.workload import Workload


@dataclass(frozen=True)
class Image:
    """The feature maps of one group as the chip meets them.

    Parameters
    ----------
    rows, columns : int
        Of the input that is streamed in; what pads it is made on the chip.
    output : (int, int)
        Rows and columns of the output.
    stride : (int, int)
        Along rows and columns.
    padded : bool
        Whether windows reach beyond the input.
    """

    rows: int
    columns: int
    output: tuple[int, int]
    stride: tuple[int, int]
    padded: bool

    @classmethod
    def of(cls, workload: Workload) -> Image:
        """Take a layer's; vectors of a linear layer lie side by side in one row.

        A workload knows the output and how many values the input has, not its sides. Where it has
        at least as many as the windows cover, nothing pads it; else it is the output times the
        stride.
        """
        window = workload.window
        if window is None:
            return cls(1, workload.streams, (1, workload.streams), (1, 1), padded=False)
        covered = [
            (outputs - 1) * step + side
            for outputs, step, side in zip(window.output, window.stride, window.kernel, strict=True)
        ]
        rows, columns = (p * s for p, s in zip(window.output, window.stride, strict=True))
        operands = workload.operands
        values = rows * columns if operands is None else operands.inputs // _channels(workload)
        if values >= covered[0] * covered[1]:
            return cls(covered[0], covered[1], window.output, window.stride, padded=False)
        return cls(rows, columns, window.output, window.stride, padded=True)

    @property
    def windows(self) -> int:
        """Positions of the output."""
        return self.output[0] * self.output[1]


@dataclass(frozen=True)
class Pass:
    """A block of filters over a block of channels, one piece of the window.

    Parameters
    ----------
    kernel : (int, int)
        Rows and columns of the piece.
    channels, filters : int
        Of the blocks.
    times : int
        How many such passes the layer has.
    """

    kernel: tuple[int, int]
    channels: int
    filters: int
    times: int

    @property
    def products(self) -> int:
        """Weights of a filter and channel."""
        return self.kernel[0] * self.kernel[1]


def passes(workload: Workload, sizes: YodannSizes) -> Iterator[Pass]:
    """List the passes of all groups; equal ones are one."""
    kernel, channels = (1, 1), workload.K
    if workload.window is not None:
        kernel, channels = workload.window.kernel, workload.window.channels
    for piece, pieces in _pieces(kernel, sizes.widest_kernel):
        at_a_time = sizes.sops * sizes.filters_of_sop(piece[0] * piece[1])
        for of_channels, channel_blocks in blocks(channels, sizes.channels):
            for of_filters, filter_blocks in blocks(workload.filters, at_a_time):
                times = pieces * channel_blocks * filter_blocks * workload.groups
                yield Pass(piece, of_channels, of_filters, times)


def sums_of_output(workload: Workload, sizes: YodannSizes) -> int:
    """Count the results of which an output is the sum: blocks of channels times pieces."""
    kernel, channels = (1, 1), workload.K
    if workload.window is not None:
        kernel, channels = workload.window.kernel, workload.window.channels
    pieces = sum(number for _, number in _pieces(kernel, sizes.widest_kernel))
    return pieces * -(-channels // sizes.channels)


def blocks(total: int, size: int) -> list[tuple[int, int]]:
    """Cut a number into blocks: their sizes, and how many of each."""
    whole, rest = divmod(total, size)
    return [(size, whole)] * (whole > 0) + [(rest, 1)] * (rest > 0)


def tiles(image: Image, kernel: tuple[int, int], most_rows: int) -> tuple[int, int]:
    """Cut an image into tiles that fit the image memory; neighbours share rows.

    Returns
    -------
    (int, int)
        Tiles, and the rows of all of them together.
    """
    shared = max(kernel[0] - image.stride[0], 0)
    number = max(-(-(image.rows - shared) // (most_rows - shared)), 1)
    return number, image.rows + (number - 1) * shared


def pass_cycles(one: Pass, image: Image, sizes: YodannSizes) -> int:
    """Count the cycles of one pass.

    Notes
    -----
    A window takes a cycle for each channel, and at least as many as its results need on the
    streams out. The one stream in brings a word a cycle: the weights, then the first columns of
    each tile, before anything can begin; the rest while the SoPs work. Where that is hidden, the
    SoPs work at the windows of shared rows again and wait for nothing (tiling and idle channels
    are what the paper's efficiencies count).
    """
    of_sop = sizes.filters_of_sop(one.products)
    busy = image.windows * max(one.channels, -(-one.filters // of_sop))
    _, rows = tiles(image, one.kernel, sizes.image_rows)
    if not sizes.waited:
        return -(-busy * rows // image.rows)
    weights = -(-one.channels * one.filters * one.products // sizes.activation_bits)
    first = one.kernel[1] // 2 if image.padded else one.kernel[1] - 1
    before = rows * min(first, image.columns) * one.channels
    words = rows * image.columns * one.channels
    return weights + before + max(busy, words - before)


def _pieces(kernel: tuple[int, int], widest: int) -> list[tuple[tuple[int, int], int]]:
    """Cut a window into pieces of nearly equal sides: their sizes, and how many of each."""
    sides = []
    for side in kernel:
        number = -(-side // widest)
        small, larger = divmod(side, number)
        found = [(small + 1, larger), (small, number - larger)]
        sides.append([(length, count) for length, count in found if count])
    return [
        ((rows, columns), row_count * column_count)
        for rows, row_count in sides[0]
        for columns, column_count in sides[1]
    ]


def _channels(workload: Workload) -> int:
    assert workload.window is not None  # of convolutions only
    return workload.window.channels * workload.groups
