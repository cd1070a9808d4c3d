"""A mapping in Timeloop's terms: loops over memories, and what a zero lets one skip."""

from __future__ import annotations

from docs.drawings.canvas import SERIES, Canvas

_LEVELS = (
    ("DRAM", "for m in 4: for p in 14:", "whole tensors"),
    ("global buffer", "for c in 8:   parallel for m in 16:", "a tile of each tensor"),
    ("spads of a PE", "for c in 4: for r in 3: for s in 3:", "what the innermost loops need"),
)


def nest() -> Canvas:
    """Draw three memories with their loops, and the accesses that a zero weight takes away."""
    sheet = Canvas(
        860,
        340,
        "A mapping: loops over memories",
        "Each memory has loops of its own; what is above the innermost loop that changes a tensor "
        "decides how often its tile is fetched. Zero weights let accesses be gated or skipped.",
    )
    left, wide, tall, top = 30, 500, 64, 28
    for number, (memory, loops, holds) in enumerate(_LEVELS):
        y = top + number * (tall + 24)
        indent = number * 26
        sheet.box(left + indent, y, wide - indent, tall, fill="#E8EEF5")
        sheet.heading(left + indent + 12, y + 24, memory)
        sheet.words(left + indent + 12, y + 48, loops, size=12, anchor="start")
        sheet.words(left + wide - 12, y + 24, holds, size=11, anchor="end")
        sheet.line((left + 300, y + tall), (left + 300, y + tall + 22), tip=True)
        sheet.words(left + 310, y + tall + 16, "tiles down, sums up", size=11, anchor="start")
    y = top + 3 * (tall + 24)
    sheet.box(
        left + 78, y, wide - 78, 34, fill=SERIES[0], label="multiply and accumulate", ink="#FFFFFF"
    )
    sheet.lines(
        560,
        48,
        [
            "How often a tile is fetched follows",
            "from the loops around it: the innermost",
            "loop that changes a tensor, and all",
            "loops outside of it.",
        ],
    )
    sheet.box(556, 126, 284, 168, fill="#FDF3F4", line=SERIES[1])
    sheet.heading(570, 148, "where a weight is zero")
    sheet.lines(
        570,
        170,
        [
            "gate: the access or the product is",
            "not made; its cycle passes.",
            "skip: it is not made and takes no",
            "cycle; units go on to the next.",
            "Timeloop counts both from shares;",
            "hwsim from the very zeros of the file,",
            "or from shares, as Timeloop does.",
        ],
    )
    return sheet
