"""STONNE's mesh: outputs stay, weights and activations walk by."""

from __future__ import annotations

from docs.drawings.canvas import FAINT, SERIES, Canvas

_ROWS, _COLUMNS, _STEP = 4, 5, 62


def mesh() -> Canvas:
    """Draw a mesh of four by five PEs and what enters it in each cycle."""
    sheet = Canvas(
        700,
        360,
        "A mesh with stationary outputs",
        "Weights enter from the left, activations from above, each a cycle later than its "
        "neighbour; every PE keeps one sum.",
    )
    left, top = 150, 92
    sheet.heading(left, 26, "activations, from above")
    sheet.heading(16, 80, "weights,")
    sheet.heading(16, 97, "from the left")
    for row in range(_ROWS):
        y = top + row * _STEP
        sheet.line((left - 40, y + 20), (left - 6, y + 20), tip=True, ink=SERIES[1])
        sheet.words(left - 48, y + 24, f"{row} late" if row else "first", size=11, anchor="end")
        for column in range(_COLUMNS):
            x = left + column * _STEP
            if row == 0:
                sheet.line((x + 20, top - 40), (x + 20, top - 6), tip=True, ink=SERIES[0])
                sheet.words(x + 20, top - 46, f"{column} late" if column else "first", size=11)
            sheet.box(x, y, 40, 40, fill="#E8EEF5", label="+=", size=13)
            if column < _COLUMNS - 1:
                sheet.line((x + 40, y + 20), (x + _STEP - 2, y + 20), tip=True, ink=FAINT)
            if row < _ROWS - 1:
                sheet.line((x + 20, y + 40), (x + 20, y + _STEP - 2), tip=True, ink=FAINT)
    sheet.lines(
        left + _COLUMNS * _STEP + 8,
        top + 12,
        [
            "A PE multiplies what",
            "passes and keeps the",
            "sum of one output.",
            "",
            f"After K + {_ROWS - 1} + {_COLUMNS - 1} cycles",
            "the last PE has its sum.",
            "",
            "A weight of zero takes",
            "its cycle as any other.",
        ],
    )
    return sheet
