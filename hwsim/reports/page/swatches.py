"""Looks as CSS: each colour and hatch once a page, as a class."""

from __future__ import annotations

from typing import Final

from hwsim.reports.figures.palette import Look

#: Stripes of each hatch: angle, and how wide a stripe and its period are, px.
_STRIPES: Final = {
    "/": (45, 2, 6),
    "\\": (-45, 2, 6),
    ".": (90, 2, 4),
    "x": (135, 1, 3),
    "-": (0, 1, 4),
}


class Swatches:
    """The looks that a page uses.

    ``name`` gives the class of a look; ``css`` the rules of all that were asked for.
    """

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}

    def name(self, look: Look) -> str:
        """Give the class that fills a thing with a look."""
        key = look.colour, look.hatch
        return self._names.setdefault(key, f"c{len(self._names)}")

    def css(self) -> str:
        """Write the rules, for boxes and for shapes of SVG."""
        rules = []
        for (colour, hatch), name in self._names.items():
            stripes = ""
            if hatch:
                angle, width, period = _STRIPES[hatch[0]]
                stripes = (
                    f"background-image:repeating-linear-gradient({angle}deg,#fffa 0 {width}px,"
                    f"#0000 {width}px {period}px);"
                )
            rules.append(
                f".{name}{{background-color:{colour};{stripes}fill:{colour};color:{colour}}}"
            )
        return "\n".join(rules)
