"""Weights that repeat: one tile by groups, and what is left of the additions, counted by hwsim."""

from __future__ import annotations

import numpy as np

from docs.drawings.canvas import INK, SERIES, Canvas
from hwsim.engines.repetition import LevelCodes, Tile, count_ucnn

_FILTERS, _POSITIONS = 64, 576


def repetition_tile() -> Canvas:
    """Draw two filters of signs, the groups of activations that they share, and the sums."""
    signs = np.array([[1, 1, -1, 1, -1, -1, 1, -1], [1, -1, -1, 1, 1, -1, -1, 1]])
    pairs = [tuple(pair) for pair in signs.T.tolist()]
    groups = sorted(set(pairs), reverse=True)
    sheet = Canvas(
        860,
        262,
        "Activation groups of a tile",
        "Eight activations meet the signs of two filters; those that meet the same pair of signs "
        "are summed once and used by both filters.",
    )
    sheet.heading(16, 26, "a tile: two filters, eight positions")
    for place, pair in enumerate(pairs):
        colour = SERIES[groups.index(pair)]
        x = 76 + place * 38
        sheet.box(x, 44, 32, 26, fill=colour, label=f"a{place}", ink="#FFFFFF")
        for filter_, sign in enumerate(pair):
            sheet.box(x, 80 + 32 * filter_, 32, 26, fill="#FFFFFF", line=colour, label=f"{sign:+d}")
    for filter_ in (0, 1):
        sheet.words(66, 98 + 32 * filter_, f"filter {filter_}", size=11, anchor="end")
    sheet.heading(420, 26, "sums of each group, once")
    for number, group in enumerate(groups):
        members = [f"a{place}" for place, pair in enumerate(pairs) if pair == group]
        colour = SERIES[number]
        sheet.box(420, 44 + 32 * number, 34, 26, fill=colour, label=f"g{number}", ink="#FFFFFF")
        sheet.words(464, 62 + 32 * number, "= " + " + ".join(members), size=13, anchor="start")
    for filter_ in (0, 1):
        terms = [f"{'+' if group[filter_] > 0 else '-'} g{n}" for n, group in enumerate(groups)]
        sheet.words(
            580, 62 + 32 * filter_, f"filter {filter_} = {' '.join(terms)}", size=13, anchor="start"
        )
    once = len(pairs) - len(groups) + 2 * len(groups)
    sheet.lines(
        16,
        206,
        [
            f"Sign by sign: {2 * len(pairs)} additions. By groups: {len(pairs) - len(groups)} for "
            f"the groups' sums and {2 * len(groups)} to take them in, {once}.",
            "More filters share more, in more groups: hwsim repetition finds the best tile.",
        ],
    )
    return sheet


def repetition_against_sparsity() -> Canvas:
    """Chart the additions that are left of a layer's products, against the share of zeros."""
    shares = np.linspace(0, 0.9, 10)
    sheet = Canvas(
        860,
        400,
        "Repetition against sparsity",
        "Additions left, relative to one for each weight, against the share of weights that are "
        "zero, for dot products that skip zeros and for activation groups.",
    )
    left, top, wide, tall = 74, 40, 440, 290
    curves = {
        "skip zeros: one addition a non-zero": [1 - share for share in shares],
        "groups, signed-binary (one sign a filter)": [_left(share, False) for share in shares],
        "groups, ternary (both signs)": [_left(share, True) for share in shares],
    }
    _axes(sheet, left, top, wide, tall)
    for (name, values), colour, y in zip(curves.items(), SERIES, (70, 92, 114), strict=False):
        points = [
            (left + wide * share, top + tall * (1 - value))
            for share, value in zip(shares, values, strict=True)
        ]
        sheet.path(points, ink=colour)
        for x, height in points:
            sheet.dot(x, height, fill=colour)
        sheet.line((540, y - 4), (562, y - 4), ink=colour, width=3)
        sheet.words(570, y, name, size=12, anchor="start")
    sheet.lines(
        540,
        156,
        [
            f"Weights at random, {_FILTERS} filters of {_POSITIONS};",
            "for each point the best tile of filters",
            "and positions, counted by hwsim.",
            "",
            "Where no weight is zero, groups are all",
            "there is to gain. The more zeros, the",
            "nearer the curves: skipping has taken",
            "what repetition would. With one sign a",
            "filter there are fewer groups than with",
            "both.",
        ],
    )
    return sheet


def _left(share: float, both_signs: bool) -> float:
    """Count the additions of the best tile, relative to one for each weight."""
    draw = np.random.default_rng(0)
    present = draw.random((_FILTERS, _POSITIONS)) >= share
    by_filter = np.where(np.arange(_FILTERS)[:, None] < _FILTERS // 2, 1, -1)
    signs = draw.choice([-1, 1], (_FILTERS, _POSITIONS)) if both_signs else by_filter
    codes = LevelCodes.of((present * signs).astype(np.int8))
    tiles = [Tile(filters, positions) for filters in (2, 4, 8) for positions in (64, 192, 576)]
    counted = [count_ucnn(codes, tile).additions for tile in tiles]
    return min(counted) / (_FILTERS * _POSITIONS)


def _axes(sheet: Canvas, left: float, top: float, wide: float, tall: float) -> None:
    for tick in range(6):
        share = tick / 5
        y = top + tall * (1 - share)
        sheet.line((left, y), (left + wide, y), ink="#E5E5E5")
        sheet.words(left - 8, y + 4, f"{100 * share:.0f}", size=11, anchor="end")
        sheet.words(left + wide * share, top + tall + 18, f"{100 * share:.0f}", size=11)
    sheet.line((left, top), (left, top + tall), ink=INK)
    sheet.line((left, top + tall), (left + wide, top + tall), ink=INK)
    sheet.words(
        left, top - 14, "additions left [% of one for each weight]", size=12, anchor="start"
    )
    sheet.words(left + wide / 2, top + tall + 40, "weights that are zero [%]", size=12)
