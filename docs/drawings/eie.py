"""EIE: who holds what of a matrix, and who waits for whom, from the engine's own counts."""

from __future__ import annotations

import numpy as np

from docs.drawings.canvas import EMPTY, FAINT, INK, SERIES, Canvas
from hwsim.engines.eie.columns import column_entries
from hwsim.engines.eie.queues import finishing_cycles

_PES, _QUEUE, _CELL = 4, 2, 20


def eie() -> Canvas:
    """Draw a sparse matrix by PE, and for each PE when it works on which column."""
    draw = np.random.default_rng(11)
    nonzeros = draw.random((12, 9)) < 0.35
    entries = column_entries(nonzeros, _PES, 4)
    starts, ends = _timeline(entries)
    cycles = int(ends.max())
    assert cycles == int(finishing_cycles(entries, np.ones((1, 9), bool), _QUEUE)[0])
    sheet = Canvas(
        860,
        330,
        "EIE: entries by PE, and the queues in front of them",
        "Filter f belongs to PE f mod 4; a PE takes a cycle for each entry of a column and is at "
        "most a queue behind the others.",
    )
    sheet.heading(16, 26, "weights that are not zero")
    for row, column in np.ndindex(*nonzeros.shape):
        colour = SERIES[row % _PES] if nonzeros[row, column] else EMPTY
        sheet.box(16 + column * _CELL, 40 + row * _CELL, 18, 18, fill=colour, line=FAINT)
    sheet.lines(16, 300, ["Filter f is of PE f mod 4: a colour."])
    left, step, top = 262, 576 / cycles, 52
    sheet.words(
        left,
        26,
        f"columns as they are worked on, queues of {_QUEUE}",
        size=13,
        anchor="start",
        bold=True,
    )
    for pe in range(_PES):
        y = top + pe * 46
        sheet.words(left - 8, y + 22, f"PE {pe}", size=11, anchor="end")
        sheet.box(left, y, cycles * step, 32, fill=EMPTY, line=FAINT)
        for column in range(len(entries)):
            start, end = starts[column, pe], ends[column, pe]
            sheet.box(
                left + start * step,
                y,
                (end - start) * step,
                32,
                fill=SERIES[pe],
                line="#FFFFFF",
                label=str(column),
                size=11,
                ink="#FFFFFF",
            )
    y = top + _PES * 46
    sheet.line((left, y), (left + cycles * step, y), ink=INK)
    for cycle in range(0, cycles + 1, 4):
        sheet.line((left + cycle * step, y), (left + cycle * step, y + 4))
        sheet.words(left + cycle * step, y + 17, str(cycle), size=10)
    sheet.words(left + cycles * step / 2, y + 32, "cycles", size=11)
    sheet.lines(
        left,
        y + 52,
        [
            "Light: a PE waits. A column with no entry takes a cycle too, for looking that up.",
            "A column is sent when every PE has room for it: nobody is more than a queue ahead.",
        ],
    )
    return sheet


def _timeline(entries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Step the queues literally: when each PE begins and ends each column."""
    columns, pes = entries.shape
    starts, ends = np.zeros((columns, pes), int), np.zeros((columns, pes), int)
    done = np.zeros(pes, int)
    for column in range(columns):
        sent = ends[column - _QUEUE].max() if column >= _QUEUE else 0
        starts[column] = np.maximum(done, sent)
        ends[column] = done = starts[column] + np.maximum(entries[column], 1)
    return starts, ends
