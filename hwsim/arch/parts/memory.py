"""Memories by capacity and width: registers, SRAM, or DRAM."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from hwsim.arch.parts.components import Components
from hwsim.arch.parts.figure import Figure
from hwsim.arch.parts.sram import FEWEST_ROWS

#: CACTI knows no smaller memory.
_SMALLEST_SRAM_BITS = 8 * 1024


class MemoryPrices(NamedTuple):
    """What a memory costs.

    Parameters
    ----------
    read, write : Figure
        Of a whole row, pJ.
    leakage : Figure
        Of an instance, mW.
    area : float
        Of an instance, um2.
    """

    read: Figure
    write: Figure
    leakage: Figure
    area: float


@lru_cache(maxsize=1024)
def on_chip_memory(
    components: Components, capacity_bits: int, row_bits: int, sram: bool
) -> MemoryPrices:
    """Price a memory on the chip.

    Parameters
    ----------
    components : Components
        At the node.
    capacity_bits, row_bits : int
        All bits; bits of an access.
    sram : bool
        Whether it is an SRAM; else a file of registers.

    Returns
    -------
    MemoryPrices
        An access to an SRAM of less than 1 KB or 64 rows, which CACTI does not model, costs as
        one to the smallest that it does; its area and leakage are in proportion to its bits.
    """
    if not sram:
        return _register_file(components, capacity_bits, row_bits)
    modelled = max(capacity_bits, _SMALLEST_SRAM_BITS, row_bits * FEWEST_ROWS)
    share = capacity_bits / modelled
    capacity_bytes = modelled / 8
    leakage = components.sram_leakage(capacity_bytes, row_bits)
    if share < 1:
        leakage = leakage.times(share, "share of the smallest SRAM modelled")
    return MemoryPrices(
        components.sram_read(capacity_bytes, row_bits),
        components.sram_write(capacity_bytes, row_bits),
        leakage,
        components.sram_area(capacity_bytes, row_bits).value * share,
    )


def _register_file(components: Components, capacity_bits: int, row_bits: int) -> MemoryPrices:
    rows = -(-capacity_bits // row_bits)
    # A register alone needs no multiplexers to choose it.
    access = components.register_file(rows, row_bits) if rows > 1 else components.register(row_bits)
    area = components.register_area(capacity_bits).value
    return MemoryPrices(access, access, components.leakage(area), area)


def off_chip_memory(components: Components, kind: str, row_bits: int) -> MemoryPrices:
    """Price DRAM: by the bits of an access; its own leakage and area are not the chip's.

    Parameters
    ----------
    components : Components
        At any node.
    kind : str
        E.g. ``"LPDDR4"``.
    row_bits : int
        Bits of an access.
    """
    bit = components.dram(kind)
    access = bit.times(row_bits, "bits")
    nothing = Figure(0.0, "not part of the chip", unit="mW", formula="0 mW")
    return MemoryPrices(access, access, nothing, 0.0)
