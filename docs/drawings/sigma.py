"""How SIGMA packs rows of non-zeros onto multipliers, from the engine's own packing."""

from __future__ import annotations

import numpy as np

from docs.drawings.canvas import EMPTY, FAINT, SERIES, Canvas
from hwsim.engines.stonne.fabric.packing import pack

_MULTIPLIERS = 16
_CELL = 22


def sigma() -> Canvas:
    """Draw a matrix of weights, its virtual neurons, and the adders that they take."""
    weights = np.random.default_rng(3).random((5, 9)) < 0.4
    packing = pack([weights.sum(axis=1)[None]], _MULTIPLIERS).packing
    # Of the configurations one that holds several rows: those of one row lead the list.
    first = packing.configuration == np.bincount(packing.configuration).argmax()
    sheet = Canvas(
        860,
        384,
        "SIGMA: rows of non-zeros on multipliers",
        "Whole rows of the weight matrix are packed onto 16 multipliers as long as their non-zeros "
        "fit; each row is a virtual neuron with a part of the adder tree.",
    )
    sheet.heading(16, 26, "weights MK: rows are filters")
    for row, column in np.ndindex(*weights.shape):
        held = row in packing.row[first]
        colour = SERIES[row % len(SERIES)] if held else FAINT
        sheet.box(
            16 + column * _CELL,
            40 + row * _CELL,
            _CELL - 2,
            _CELL - 2,
            fill=colour if weights[row, column] else EMPTY,
            line=FAINT,
        )
    held, waiting = len(packing.row[first]), len(weights) - len(packing.row[first])
    sheet.lines(
        16,
        172,
        [
            f"{held} rows fit now: {packing.size[first].sum()} of {_MULTIPLIERS} multipliers.",
            f"Grey: {waiting} more, in the next configuration.",
            "Zeros take no multiplier and no cycle.",
        ],
    )
    _multipliers(sheet, packing, first)
    return sheet


def _multipliers(sheet: Canvas, packing, first) -> None:
    left, step, top = 300, 34, 96
    owner = np.full(_MULTIPLIERS, -1)
    for start, size, row in zip(
        packing.start[first], packing.size[first], packing.row[first], strict=True
    ):
        owner[start : start + size] = row
    sheet.heading(left, 26, "columns of KN stream past, one value a port")
    for place, row in enumerate(owner):
        x = left + place * step
        sheet.line((x + 13, 40), (x + 13, top - 4), tip=True, ink=FAINT)
        colour = SERIES[row % len(SERIES)] if row >= 0 else EMPTY
        sheet.box(
            x, top, 26, 26, fill=colour, label="×", size=14, ink="#FFFFFF" if row >= 0 else FAINT
        )
    nodes = {(0, place): (left + place * step + 13, top + 26) for place in range(_MULTIPLIERS)}
    for level in range(1, 5):
        for node in range(_MULTIPLIERS >> level):
            below = owner[node << level : (node + 1) << level]
            of = set(below[below >= 0].tolist())
            x = left + ((node + 0.5) * (1 << level) - 0.5) * step + 13
            y = top + 26 + level * 44
            nodes[level, node] = x, y + 20
            for child in (2 * node, 2 * node + 1):
                from_x, from_y = nodes[level - 1, child]
                sheet.line((from_x, from_y), (x, y), ink=FAINT)
            alone = len(of) == 1
            colour = SERIES[of.pop() % len(SERIES)] if alone else EMPTY
            sheet.box(
                x - 11,
                y,
                22,
                20,
                fill=colour,
                label="+",
                dashed=not alone,
                ink="#FFFFFF" if alone else FAINT,
            )
    sheet.words(
        left,
        top + 26 + 4 * 44 + 52,
        "Each filter's sum leaves for a bus line where its adders end. Dashed: of none alone;",
        size=12,
        anchor="start",
    )
    sheet.words(
        left,
        top + 26 + 4 * 44 + 69,
        "there neighbours hand sums over by a link, and an adder takes three values.",
        size=12,
        anchor="start",
    )
