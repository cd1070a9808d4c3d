"""The code of a convolution by merged sums: group sums once, filters out of them.

A *set* is G filters. The rows of the reduction (a channel at a place of the window) whose digits in
these filters are alike form an activation group; its sum over the rows is made once, and each
filter of the set adds the groups that it needs. So a row costs one addition for G filters, and none
where all of them are 0 (SumMerge, Prabhakar et al., ICS 2021; activation groups: UCNN, Hegde et
al., ISCA 2018).

Each addition is of whole vectors over neighbouring output positions. What it costs is the load that
comes with it, so that all is arranged for loads: rows of a block of positions are copied to where
they stay in the L1 cache, several lists of rows are summed at once in registers, and four indices
of rows come with one load.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

from hwsim.kernels.code import Code
from hwsim.kernels.host import function

#: Addresses and counts of :func:`convolution`, in order.
_ARGUMENTS: Final = (
    "ptr noalias %map, ptr noalias %taps, ptr noalias %rows, ptr noalias %batches, "
    "ptr noalias %steps, ptr noalias %indices, ptr noalias %targets, ptr noalias %panel, "
    "ptr noalias %sums, ptr noalias %scales, ptr noalias %shifts, ptr noalias %lines, "
    "ptr noalias %masks, ptr noalias %places, i64 %chunks, i64 %sets, i64 %blocks"
)
_FLOAT_BYTES: Final = 4
_INTEGER_BYTES: Final = 8
_INDEX_BYTES: Final = 2
_TARGET_BYTES: Final = 4
_INDICES: Final = 4  # indices that come with one load


@dataclass(frozen=True)
class Tile:
    """How a kernel cuts its work.

    Parameters
    ----------
    filters : int
        G, filters of a set.
    digits : int
        Values of a weight: 2 (0 and 1) or 3 (0, 1 and -1).
    vectors : int
        Vectors of output positions that pass together.
    panel : float
        Share of the L1 cache for the rows that are at hand, above 0 to 1. The rest is for indices
        and sums that pass through; a small panel is not driven out by them, but sums then pass
        more often.
    """

    filters: int
    digits: int
    vectors: int
    panel: float = 0.8

    @property
    def tuples(self) -> int:
        """Digits that a row can have in the filters of a set, all 0 among them."""
        return int(self.digits**self.filters)

    @property
    def lists(self) -> int:
        """Groups whose sums are made together."""
        return 8 if self.vectors == 1 else _INDICES

    @property
    def fold_additions(self) -> int:
        """Additions that make the filters of a set out of the sums of its groups."""
        parts = [self.digits**left for left in range(self.filters)]
        return sum(2 * (self.digits - 1) * (part - 1) + self.digits - 2 for part in parts)


def convolution(tile: Tile, shifted: bool, lanes: int) -> Callable[..., None]:
    """Compile the convolution of a tile.

    Parameters
    ----------
    tile : Tile
        How the work is cut.
    shifted : bool
        Whether filters add a share of the sum of all inputs.
    lanes : int
        Floats of a vector.

    Returns
    -------
    callable
        Takes addresses and counts: the map, where the rows of the reduction start in it (bytes,
        int64), then as :class:`hwsim.kernels.tables.Tables` has them rows, batches, steps, indices
        and targets; a panel for rows and one for sums; scales and shifts of the filters, and where
        the output of each starts; which lanes of each vector of positions are no positions in vain
        (uint32) and where they go (bytes, int64); the chunks, the sets, the blocks of positions.
    """
    return _compiled(tile.filters, tile.digits, tile.vectors, shifted, lanes)


@cache
def _compiled(
    filters: int, digits: int, vectors: int, shifted: bool, lanes: int
) -> Callable[..., None]:
    text = _text(Tile(filters, digits, vectors), shifted, lanes)
    return function(text, "convolution", len(_ARGUMENTS.split(",")))


def _text(tile: Tile, shifted: bool, lanes: int) -> str:
    code = Code("convolution", _ARGUMENTS, lanes)
    with code.loop("%blocks") as block:
        here = code.let(f"mul i64 {block}, {tile.vectors * code.vector_bytes}")
        slots = code.let(f"mul i64 %sets, {tile.tuples * tile.vectors}")
        with code.loop(slots) as slot:
            place = code.let(f"mul i64 {slot}, {code.vector_bytes}")
            code.store("zeroinitializer", "%sums", place)
        wanted = tile.vectors if shifted else 0
        total = [code.variable(code.vector, "zeroinitializer") for _ in range(wanted)]
        _sum_groups(code, tile, here, total)
        _fold(code, tile, block, total)
    kept = f"{code.vector}, ptr, <{lanes} x i1>"
    return f"declare void {_compress(lanes)}({kept})\n{code.text()}"


def _sum_groups(code: Code, tile: Tile, here: str, total: list[str]) -> None:
    """Go through the reduction, a chunk of rows at a time."""
    start = code.at("%map", here)
    tap, step = code.variable("ptr", "%taps"), code.variable("ptr", "%steps")
    index, target = code.variable("ptr", "%indices"), code.variable("ptr", "%targets")
    with code.loop("%chunks") as chunk:
        _copy_rows(code, tile, start, tap, code.integer("%rows", chunk), total)
        with code.loop(code.integer("%batches", chunk)):
            _sum_lists(code, tile, index, target, code.integer(code.held(step), "0"))
            code.step(step, _INTEGER_BYTES)


def _copy_rows(code: Code, tile: Tile, start: str, tap: str, rows: str, total: list[str]) -> None:
    """Copy rows of the map into the panel, behind its row of zeros."""
    width = tile.vectors * code.vector_bytes
    with code.loop(rows) as row:
        source = code.at(start, code.integer(code.held(tap), "0"))
        code.step(tap, _INTEGER_BYTES)
        place = code.at("%panel", code.let(f"mul i64 {code.let(f'add i64 {row}, 1')}, {width}"))
        for v in range(tile.vectors):
            address = code.at(source, v * code.vector_bytes)
            value = code.let(f"load {code.vector}, ptr {address}, align 4")
            code.store(value, place, v * code.vector_bytes)
            if total:
                code.hold(_more(code, total[v], value), total[v], code.vector)


def _sum_lists(code: Code, tile: Tile, index: str, target: str, count: str) -> None:
    """Add rows to the sums of some groups, which stay in registers meanwhile."""
    lists, offsets = range(tile.lists), [v * code.vector_bytes for v in range(tile.vectors)]
    places = code.held(target)
    sums = []
    for number in lists:
        short = code.held(code.at(places, _TARGET_BYTES * number), "i32")
        sums.append(code.at("%sums", code.let(f"zext i32 {short} to i64")))
    kept = [[code.variable(code.vector, code.load(each, at)) for at in offsets] for each in sums]
    with code.loop(count):
        here = code.held(index)
        for number in lists:
            lane = number % _INDICES
            if lane == 0:
                four = code.held(code.at(here, _INDEX_BYTES * number), "i64")
            moved = code.let(f"lshr i64 {four}, {8 * _INDEX_BYTES * lane}")
            row = code.at("%panel", code.let(f"and i64 {moved}, {256**_INDEX_BYTES - 1}"))
            for at, held in zip(offsets, kept[number], strict=True):
                code.hold(_more(code, held, code.load(row, at)), held, code.vector)
        code.step(index, _INDEX_BYTES * tile.lists)
    for each, values in zip(sums, kept, strict=True):
        for at, held in zip(offsets, values, strict=True):
            code.store(code.held(held, code.vector), each, at)
    code.step(target, _TARGET_BYTES * tile.lists)


def _more(code: Code, variable: str, value: str) -> str:
    return code.add(code.held(variable, code.vector), value)


def _fold(code: Code, tile: Tile, block: str, total: list[str]) -> None:
    """Make the filters of each set out of the sums of its groups, and write them."""
    size = tile.tuples * tile.vectors * code.vector_bytes
    lanes = code.vector_bytes // _FLOAT_BYTES
    start = code.let(f"mul i64 {block}, {tile.vectors}")
    vectors = [code.let(f"add i64 {start}, {v}") for v in range(tile.vectors)]
    masks = [code.let(f"getelementptr i32, ptr %masks, i64 {vector}") for vector in vectors]
    bits = [code.let(f"trunc i32 {code.held(mask, 'i32')} to i{lanes}") for mask in masks]
    kept = [code.let(f"bitcast i{lanes} {each} to <{lanes} x i1>") for each in bits]
    places = [code.integer("%places", vector) for vector in vectors]
    with code.loop("%sets") as number:
        sums = code.at("%sums", code.let(f"mul i64 {number}, {size}"))
        first = code.let(f"mul i64 {number}, {tile.filters}")
        for v in range(tile.vectors):
            slots = [(each * tile.vectors + v) * code.vector_bytes for each in range(tile.tuples)]
            groups: list[str | None] = [None, *(code.load(sums, at) for at in slots[1:])]
            for position, value in enumerate(_filters(code, tile.digits, groups)):
                row = code.let(f"add i64 {first}, {position}")
                whole = code.held(total[v], code.vector) if total else None
                line = code.held(code.let(f"getelementptr ptr, ptr %lines, i64 {row}"))
                worth = f"{code.vector} {_worth(code, row, value, whole)}"
                place = f"ptr {code.at(line, places[v])}"
                mask = f"<{lanes} x i1> {kept[v]}"
                code.do(f"call void {_compress(lanes)}({worth}, {place}, {mask})")


def _compress(lanes: int) -> str:
    """Name what writes some lanes of a vector one behind the other."""
    return f"@llvm.masked.compressstore.v{lanes}f32"


def _worth(code: Code, row: str, value: str, total: str | None) -> str:
    """Scale the sum of a filter, and add what all of its weights have in common."""
    scale = code.spread(code.let(f"getelementptr float, ptr %scales, i64 {row}"))
    scaled = code.multiply(value, scale)
    if total is None:
        return scaled
    shift = code.spread(code.let(f"getelementptr float, ptr %shifts, i64 {row}"))
    return code.add(scaled, code.multiply(total, shift))


def _filters(code: Code, digits: int, groups: list[str | None]) -> list[str]:
    """Sum groups into filters, that of the highest digit last; the group of zeros is None.

    The groups where a filter has the digit 1 are its sum, less those where it has -1. Groups that
    differ in that digit alone are then put together, and what is left is the same with a filter
    less.
    """
    if len(groups) == 1:
        return []
    part = len(groups) // digits
    parts = [groups[start : start + part] for start in range(0, len(groups), part)]
    sums = [_sum(code, each) for each in parts[1:]]
    own = sums[0] if digits == 2 else code.subtract(sums[0], sums[1])
    rest = [_sum(code, [each[same] for each in parts]) for same in range(1, part)]
    return [*_filters(code, digits, [None, *rest]), own]


def _sum(code: Code, values: list[str | None]) -> str:
    known = [value for value in values if value is not None]
    while len(known) > 1:  # in pairs, so that few wait for each other
        pairs = [code.add(*known[at : at + 2]) for at in range(0, len(known) - 1, 2)]
        known = pairs + known[len(pairs) * 2 :]
    return known[0]
