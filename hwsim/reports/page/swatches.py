"""Looks as CSS: each colour and hatch once a page, as a class."""

from __future__ import annotations

from typing import Final

from hwsim.reports.figures.palette import Look, shade

#: Stripes of each hatch: angle, and how wide a stripe and its period are, px.
_STRIPES: Final = {
    "/": (45, 2, 6),
    "\\": (-45, 2, 6),
    ".": (90, 2, 4),
    "x": (135, 1, 3),
    "-": (0, 1, 4),
}
#: Below this luminance a colour is too dark for a dark page.
_DARK: Final = 0.12
_ON_DARK: Final = (
    ":root[data-theme=dark] .%s{--own:%s}",
    "@media (prefers-color-scheme:dark){:root:not([data-theme=light]) .%s{--own:%s}}",
)


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
            if _luminance(colour) < _DARK:
                lighter = shade(colour, 0.4)
                rules += [rule % (name, lighter) for rule in _ON_DARK]
            own = f"var(--own,{colour})"
            rules.append(f".{name}{{background-color:{own};{stripes}fill:{own};color:{own}}}")
        return "\n".join(rules)


def _luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)
