"""A tile of a GEMM on the mesh, and which tiles the machine takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.errors import InputError


class Gemm(NamedTuple):
    """``MK`` times ``KN``: rows come in from the left, columns from the top."""

    M: int
    N: int
    K: int


class Tile(NamedTuple):
    """Rows and columns of the product that the mesh works on at a time.

    Parameters
    ----------
    rows, columns : int
        ``T_M`` and ``T_N`` of STONNE's program.
    """

    rows: int
    columns: int

    def passes(self, gemm: Gemm) -> Iterator[tuple[int, int, int]]:
        """Give rows and columns of the passes over the mesh, and how many passes have them."""
        for rows, down in _pieces(gemm.M, self.rows):
            for columns, across in _pieces(gemm.N, self.columns):
                yield rows, columns, down * across

    def in_order(self, gemm: Gemm) -> Iterator[tuple[int, int]]:
        """Give rows and columns of each pass, in the order in which they follow one another."""
        for row in range(0, gemm.M, self.rows):
            for column in range(0, gemm.N, self.columns):
                yield min(self.rows, gemm.M - row), min(self.columns, gemm.N - column)

    def number(self, gemm: Gemm) -> int:
        """Count the passes over the mesh."""
        return -(-gemm.M // self.rows) * -(-gemm.N // self.columns)


def check_tile(tile: Tile, depth: int, gemm: Gemm, sizes: MeshSizes, *, accumulates: bool) -> None:
    """Refuse a tile that the machine does not take.

    Parameters
    ----------
    tile : Tile
        ``T_M`` and ``T_N``.
    depth : int
        ``T_K``. The mesh sums one product a cycle at each place, so that it changes nothing; but
        STONNE lays tiles out with it before it knows that they are for the mesh.
    gemm : Gemm
        What is run.
    sizes : MeshSizes
        The machine.
    accumulates : bool
        Whether the accumulation buffer is said to be on. Off, STONNE asks for one of its
        ``num_ms`` multipliers more for each place of a tile that is summed in several steps.

    Raises
    ------
    InputError
        In a line that names the rule of the machine.
    """
    for name, value in (*zip(("M", "N", "K"), gemm, strict=True), ("T_M", tile.rows)):
        _at_least_one(name, value)
    _at_least_one("T_N", tile.columns)
    _at_least_one("T_K", depth)
    places = tile.rows * tile.columns
    if places * depth > sizes.multipliers:
        raise InputError(
            f"T_M x T_N x T_K must be at most ms_rows x ms_cols = {sizes.multipliers}, a place of "
            f"the tile is a multiplier. Got {tile.rows} x {tile.columns} x {depth}"
        )
    if not accumulates and depth < gemm.K and places * (depth + 1) > sizes.num_ms:
        raise InputError(
            f"without the accumulation buffer a tile that is summed in several steps needs "
            f"T_M x T_N x (T_K + 1) = {places * (depth + 1)} of num_ms = {sizes.num_ms} "
            "multipliers: set accumulation_buffer=1, or another T_K"
        )
    used = min(tile.rows, gemm.M), min(tile.columns, gemm.N)
    for name, bound, value, most, line in (
        ("T_M", "ms_rows", used[0], sizes.ms_rows, "row"),
        ("T_N", "ms_cols", used[1], sizes.ms_cols, "column"),
    ):
        if value > most:
            raise InputError(
                f"{name} must be at most {bound} = {most}: each {line} of the tile is a {line} of "
                f"the mesh. Got {value}"
            )
    last = (used[0] - 1) * sizes.ms_cols + used[1] - 1
    if last // sizes.rn_bw >= sizes.inputs_of_line:
        raise InputError(
            f"accumulator {last} of the tile is input {last // sizes.rn_bw} of a line of the "
            f"collection bus, and num_ms = {sizes.num_ms} with rn_bw = {sizes.rn_bw} gives a line "
            f"{sizes.inputs_of_line}: set num_ms = {sizes.multipliers}, or more write ports"
        )


def _at_least_one(name: str, value: int) -> None:
    if value < 1:
        raise InputError(f"{name} must be at least 1. Got {value}")


def _pieces(length: int, piece: int) -> Iterator[tuple[int, int]]:
    """Give whole pieces of a length and what is left, each with its number."""
    whole, rest = divmod(length, piece)
    if whole:
        yield piece, whole
    if rest:
        yield rest, 1
