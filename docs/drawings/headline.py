"""The picture of the README: where the energy of ResNet-18 goes, from a real run."""

from __future__ import annotations

from typing import Final

import hwsim
from docs.drawings.canvas import Canvas

#: As in hwsim's figures, in the order of the stack.
COLOURS: Final = {
    "activations": "#117733",
    "unused activations": "#999933",
    "partial sums": "#CC6677",
    "weights": "#332288",
    "clock": "#AA4499",
    "compute": "#DDCC77",
    "outputs": "#882255",
    "static": "#BBBBBB",
}
_LEFT, _WIDE, _TALL, _TOP = 118, 470, 40, 62
_PJ_IN_MJ: Final = 1e9


def headline() -> Canvas:
    """Draw the energy of one image by what it is spent on, and the ratios with their intervals."""
    result = hwsim.run(hwsim.make_network("resnet18"), arch="sigma").by_energy_table("physical")
    rows = result.operands
    spent = rows.groupby(["scheme", "operand"])["energy"].sum().unstack(fill_value=0.0) / _PJ_IN_MJ
    assert set(spent.columns) <= set(COLOURS)
    found = result.headline[result.headline["scope"] == "network"].set_index("scheme")
    cycles = result.totals[result.totals["scope"] == "network"].set_index("scheme")["cycles_ratio"]
    sheet = Canvas(
        860,
        292,
        "Energy of one image of ResNet-18 on SIGMA by what it is spent on",
        "Bars for dense, binary and signed-binary weights; beside each how many times less energy "
        "and cycles than dense.",
    )
    sheet.words(
        16,
        26,
        "ResNet-18 on SIGMA, 256 multipliers, 28 nm: energy of one image",
        size=15,
        anchor="start",
        bold=True,
    )
    scale = _WIDE / float(spent.sum(axis=1).max())
    sheet.words(_LEFT + _WIDE + 96, 50, "less energy than dense", size=12, anchor="start")
    for row, scheme in enumerate(result.schemes):
        y = _TOP + row * (_TALL + 14)
        _bar(sheet, scheme, spent.loc[scheme], y, scale)
        ratio, low, high = found.loc[scheme, ["energy_ratio", "ratio_low", "ratio_high"]]
        x = _LEFT + _WIDE + 96
        if scheme == result.baseline:
            continue
        sheet.words(x, y + 19, f"{ratio:.2f}x", size=17, anchor="start", bold=True)
        sheet.words(x + 56, y + 19, f"({low:.2f} to {high:.2f})", size=12, anchor="start")
        fewer = f"{cycles[scheme]:.2f}x fewer cycles" if cycles[scheme] > 1 else "the same cycles"
        sheet.words(x, y + 37, fewer, size=12, anchor="start")
    _legend(sheet, _TOP + 3 * (_TALL + 14) + 12)
    return sheet


def _bar(sheet: Canvas, scheme: str, parts, y: float, scale: float) -> None:
    sheet.words(_LEFT - 10, y + 25, scheme, size=13, anchor="end")
    x = _LEFT
    for name, colour in COLOURS.items():
        width = float(parts.get(name, 0.0)) * scale
        sheet.box(x, y, width, _TALL, fill=colour, line=colour)
        x += width
    sheet.heading(x + 8, y + 25, f"{parts.sum():.2f} mJ")


def _legend(sheet: Canvas, y: float) -> None:
    x = _LEFT
    for name, colour in COLOURS.items():
        sheet.box(x, y, 12, 12, fill=colour, line=colour)
        sheet.words(x + 17, y + 11, name, size=12, anchor="start")
        x += 27 + 7.3 * len(name)
    for place, text in enumerate(
        (
            "Random weights of the real shapes, quantised after training; by the physical model.",
            "In brackets: all prices in the literature and 8 structures of the machine together.",
        )
    ):
        sheet.words(_LEFT, y + 34 + 17 * place, text, size=11, anchor="start")
