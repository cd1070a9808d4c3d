"""SRAM of any capacity and width from a table of CACTI runs."""

from __future__ import annotations

import math
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field

from hwsim.arch.parts.published import RangeSpec
from hwsim.errors import InputError
from hwsim.yaml_file import StrictModel, Text, YamlFile

_FILE = Path(__file__).resolve().parent / "data" / "sram.yaml"
_COLUMNS = [
    *("node nm", "capacity KB", "width bits"),
    *("read pJ", "write pJ", "leakage mW", "area um2"),
]
#: An access of less than this costs 30 % of it and the rest in proportion, as in hwcomponents.
_NARROWEST_BITS = 32
#: The ends of the table; what is wider or larger is several banks.
_WIDEST_BITS = 1024
_SMALLEST_BYTES = 1024
_LARGEST_BYTES = 4096 * 1024
#: CACTI wants at least as many rows.
FEWEST_ROWS = 64


class SupplySpec(StrictModel):
    """At which supply the energies of each node hold."""

    source: Text
    volts: dict[int, Annotated[float, Field(gt=0)]]


def _numbers_of_lines(text: object) -> object:
    """Take the table apart; as a list of lists YAML would take ten times as long to read it."""
    if not isinstance(text, str):
        raise ValueError(f"expected lines of numbers (rows: |). Got {type(text).__name__}")
    try:
        return [[float(number) for number in line.split()] for line in text.splitlines()]
    except ValueError as error:
        raise ValueError(f"expected lines of numbers: {error}") from None


class SramSpec(StrictModel):
    """The table as its file writes it."""

    schema_version: Literal[1] = Field(alias="schema")
    name: str
    title: str
    source: Text
    columns: list[str]
    supply: SupplySpec
    range: RangeSpec
    rows: Annotated[list[list[float]], BeforeValidator(_numbers_of_lines)]


class Sram(NamedTuple):
    """An SRAM's figures.

    Parameters
    ----------
    read_pj, write_pj : float
        Energy of an access of the whole width.
    leakage_mw : float
        Leakage power.
    area_um2 : float
        Area.
    how : str
        Which rows of the table, how many banks.
    """

    read_pj: float
    write_pj: float
    leakage_mw: float
    area_um2: float
    how: str


@cache
def read_sram_table(path: Path = _FILE) -> SramSpec:
    """Read and check the table.

    Raises
    ------
    InputError
        One line with file, line and key.
    """
    file = YamlFile.read(path)
    spec = file.parse(SramSpec)
    if spec.columns != _COLUMNS:
        raise InputError(f"{file.where(('columns',))}: columns: expected {', '.join(_COLUMNS)}")
    for number, row in enumerate(spec.rows):
        if len(row) != len(_COLUMNS) or min(row) < 0:
            raise InputError(
                f"{file.where(('rows', number))}: rows.{number}: expected {len(_COLUMNS)} numbers "
                f"of 0 or more. Got {row}"
            )
    if set(spec.supply.volts) != {row[0] for row in spec.rows}:
        raise InputError(
            f"{file.where(('supply', 'volts'))}: supply.volts: expected one for each node of rows. "
            f"Got {sorted(spec.supply.volts)}"
        )
    return spec


@lru_cache(maxsize=64)
def supply(node_nm: float) -> float:
    """Tell at which supply the figures of a node hold, V: between nodes linearly, as they do."""
    volts = sorted(read_sram_table().supply.volts.items())
    return float(np.interp(node_nm, [node for node, _ in volts], [volt for _, volt in volts]))


@lru_cache(maxsize=1024)
def sram(capacity_bytes: float, width_bits: int, node_nm: float) -> Sram:
    """Price an SRAM with one port.

    Parameters
    ----------
    capacity_bytes : float
        At least 1 KB and 64 rows; more than 4 MB is several banks of which one is accessed.
    width_bits : int
        Bits of an access; more than 1024 are several banks side by side.
    node_nm : float
        7 nm to 65 nm.

    Returns
    -------
    Sram
        Interpolated in capacity and width (log-log) and in the node (linearly, as hwcomponents
        does); below 22 nm energies follow the square root of the node and areas the node.

    Raises
    ------
    InputError
        If it has too few bytes or rows.
    """
    if capacity_bytes < _SMALLEST_BYTES or capacity_bytes * 8 < width_bits * FEWEST_ROWS:
        raise InputError(
            f"SRAM of {capacity_bytes:g} B and {width_bits} bits: known from {_SMALLEST_BYTES} B "
            f"and {FEWEST_ROWS} rows; a smaller memory is a register file"
        )
    side_by_side, deep = banks(capacity_bytes, width_bits)
    capacity = capacity_bytes / side_by_side / deep
    width = width_bits / side_by_side
    narrow = 0.3 + 0.7 * width / _NARROWEST_BITS if width < _NARROWEST_BITS else 1.0
    read, write, leakage, area = _at_node(
        max(capacity, _SMALLEST_BYTES), max(width, _NARROWEST_BITS), node_nm
    )
    number = side_by_side * deep
    how = f"{capacity / 1024:.4g} KB x {width:g} bit" + (f", {number} banks" if number > 1 else "")
    return Sram(
        read_pj=float(read * narrow * side_by_side),
        write_pj=float(write * narrow * side_by_side),
        leakage_mw=float(leakage * number),
        area_um2=float(area * number),
        how=how,
    )


def banks(capacity_bytes: float, width_bits: int) -> tuple[int, int]:
    """Count the banks of a memory: side by side for its width, and further ones for capacity."""
    side_by_side = math.ceil(width_bits / _WIDEST_BITS)
    return side_by_side, math.ceil(capacity_bytes / side_by_side / _LARGEST_BYTES)


def _at_node(capacity: float, width: float, node_nm: float) -> NDArray[np.float64]:
    nodes = sorted({row[0] for row in read_sram_table().rows})
    figures = np.array([_interpolate(node, capacity / 1024, width) for node in nodes])
    if node_nm < nodes[0]:
        scale = node_nm / nodes[0]
        # Leakage: finFETs lose about 21 % less (Parvais et al., VLSI-TSA 2009).
        return np.asarray(figures[0] * [scale**0.5, scale**0.5, 0.79 * scale**0.5, scale])
    return np.array([np.interp(node_nm, nodes, column) for column in figures.T])


def _interpolate(node: float, capacity_kb: float, width: float) -> NDArray[np.float64]:
    """Interpolate one node's rows log-log; where a small memory lacks the width, take the next."""
    by_capacity: dict[float, list[list[float]]] = {}
    for row in read_sram_table().rows:
        if row[0] == node:
            by_capacity.setdefault(row[1], []).append(row[2:])
    wide_enough = {
        size: np.array(rows) for size, rows in by_capacity.items() if rows[-1][0] >= width
    }
    sizes = sorted(wide_enough)
    at_width = np.array(
        [
            [np.interp(np.log(width), np.log(rows[:, 0]), np.log(rows[:, i])) for i in range(1, 5)]
            for rows in (wide_enough[size] for size in sizes)
        ]
    )
    return np.exp([np.interp(np.log(capacity_kb), np.log(sizes), at_width[:, i]) for i in range(4)])
