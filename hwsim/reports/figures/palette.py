"""Which colour stands for what, in every figure and on every page.

Each set of colours can be told apart with any colour vision; within a set a colour comes again only
with another shade or hatch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from hwsim.studies.columns import distinct

#: Kinds of parts of a machine, in the order of a stack: Okabe and Ito's colours (Color Universal
#: Design, 2008).
KIND_COLOURS: Final[Mapping[str, str]] = {
    "DRAM": "#0072B2",
    "SRAM": "#E69F00",
    "registers": "#009E73",
    "wires": "#56B4E9",
    "arithmetic": "#D55E00",
    "control": "#CC79A7",
}
OTHER: Final = "other"
OTHER_COLOUR: Final = "#999999"
#: What energy is spent on: Tol's muted scheme (Colour Schemes, SRON/EPS/TN/09-002, 2021).
OPERAND_COLOURS: Final[Mapping[str, str]] = {
    "weights": "#332288",
    "activations": "#117733",
    "unused activations": "#999933",
    "partial sums": "#CC6677",
    "outputs": "#882255",
    "compute": "#DDCC77",
    "clock": "#AA4499",
    "static": "#BBBBBB",
}
#: Schemes by the name before their parameters: Tol's bright scheme (same note), dense in grey.
_SCHEME_COLOURS: Final[Mapping[str, str]] = {
    "dense": "#4D4D4D",
    "binary": "#4477AA",
    "signed-binary": "#EE6677",
    "ternary": "#228833",
    "pruned": "#CCBB44",
}
#: Of other packages' schemes, and of whatever else has to be told apart.
SERIES: Final = ("#66CCEE", "#AA3377", "#EE7733", "#009988", "#0077BB", "#CC3311", "#33BBEE")
#: Cycles stand beside energies in figures that are of both.
MEASURE_COLOURS: Final[Mapping[str, str]] = {"energy": "#EE7733", "cycles": "#0077BB"}

MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")
_SCHEME_MARKERS: Final = dict(zip(_SCHEME_COLOURS, MARKERS, strict=False))
#: Shade of a colour (towards white or black) and hatch, for things of one colour.
_VARIANTS: Final = (
    (0.0, ""),
    (0.5, ""),
    (-0.35, ""),
    (0.0, "////"),
    (0.5, "\\\\\\\\"),
    (-0.35, "...."),
    (0.5, "xxxx"),
    (0.0, "----"),
)


class Look(NamedTuple):
    """How a thing is drawn: ``#rrggbb``, a hatch of matplotlib's (may be empty), a marker."""

    colour: str
    hatch: str = ""
    marker: str = "o"


def variant(colour: str, number: int) -> Look:
    """Give the look of the n-th thing of one colour."""
    towards, hatch = _VARIANTS[number % len(_VARIANTS)]
    return Look(shade(colour, towards), hatch, MARKERS[number % len(MARKERS)])


def shade(colour: str, towards: float) -> str:
    """Mix a colour with white (above 0, up to 1) or with black (below 0)."""
    end = 255 if towards > 0 else 0
    share = abs(towards)
    parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(part + (end - part) * share):02X}" for part in parts)


def scheme_looks(schemes: Sequence[str]) -> dict[str, Look]:
    """Give every scheme its look; those that differ in parameters alone share their hue."""
    looks: dict[str, Look] = {}
    families: dict[str, int] = {}
    others = distinct(name for name in map(family, schemes) if name not in _SCHEME_COLOURS)
    for scheme in distinct(schemes):
        name = family(scheme)
        number = families.get(name, 0)
        families[name] = number + 1
        colour = _SCHEME_COLOURS.get(name) or SERIES[others.index(name) % len(SERIES)]
        look = variant(colour, number)
        if number == 0 and name in _SCHEME_MARKERS:
            look = look._replace(marker=_SCHEME_MARKERS[name])
        looks[scheme] = look
    return looks


def family(scheme: str) -> str:
    """Name a scheme without its parameters."""
    return scheme.partition(":")[0]


def operand_look(operand: str, place: str) -> Look:
    """Give the look of what energy is spent on; what is spent in DRAM is hatched."""
    colour = OPERAND_COLOURS.get(operand, OTHER_COLOUR)
    return Look(colour, "////" if place == "DRAM" else "")


def kind_looks(kinds: Iterable[tuple[str, str]]) -> dict[str, Look]:
    """Give the parts of a machine their looks.

    Parameters
    ----------
    kinds : iterable of (str, str)
        Name and kind of each part, in order; parts of one kind differ in shade, then hatch.
    """
    looks: dict[str, Look] = {}
    numbers: dict[str, int] = {}
    for name, kind in kinds:
        number = numbers.get(kind, 0)
        numbers[kind] = number + 1
        looks[name] = variant(KIND_COLOURS.get(kind, OTHER_COLOUR), number)
    return looks
