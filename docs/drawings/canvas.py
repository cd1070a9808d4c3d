"""A drawing as SVG: rectangles, lines, words, and nothing that a reader has to be told twice."""

from __future__ import annotations

from html import escape
from typing import Final

#: As in hwsim's figures: what a scheme, an operand, a virtual neuron is coloured with.
SERIES: Final = ("#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377")
INK: Final = "#222222"
FAINT: Final = "#999999"
PAPER: Final = "#FFFFFF"
EMPTY: Final = "#F2F2F2"
_FONT: Final = "DejaVu Sans, Helvetica, Arial, sans-serif"


class Canvas:
    """An SVG of a fixed size; positions are in its pixels, from the upper left corner.

    Parameters
    ----------
    width, height : int
        Of the drawing, in pixels.
    title, description : str
        What it shows: for those who do not see it.
    """

    def __init__(self, width: int, height: int, title: str, description: str) -> None:
        self._width, self._height = width, height
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" font-family="{_FONT}">',
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(description)}</desc>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
            f'markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="{INK}"/></marker>'
            "</defs>",
            f'<rect width="{width}" height="{height}" rx="6" fill="{PAPER}"/>',
        ]

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = EMPTY,
        line: str = INK,
        dashed: bool = False,
        label: str = "",
        size: int = 12,
        ink: str = INK,
    ) -> None:
        """Draw a rectangle, a word in its middle."""
        dash = ' stroke-dasharray="4 3"' if dashed else ""
        self._parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="2" '
            f'fill="{fill}" stroke="{line}" stroke-width="1"{dash}/>'
        )
        if label:
            self.words(x + width / 2, y + height / 2 + size * 0.36, label, size=size, ink=ink)

    def words(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: int = 12,
        ink: str = INK,
        anchor: str = "middle",
        bold: bool = False,
    ) -> None:
        """Write a line of text whose baseline is at ``y``."""
        weight = ' font-weight="bold"' if bold else ""
        self._parts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{ink}" '
            f'text-anchor="{anchor}"{weight}>{escape(text)}</text>'
        )

    def heading(self, x: float, y: float, text: str) -> None:
        """Write what a part of the drawing is."""
        self.words(x, y, text, size=13, anchor="start", bold=True)

    def lines(self, x: float, y: float, texts: list[str], *, size: int = 12) -> None:
        """Write lines of text below each other, from the left."""
        for number, text in enumerate(texts):
            self.words(x, y + number * size * 1.4, text, size=size, anchor="start")

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        *,
        ink: str = INK,
        width: float = 1.0,
        tip: bool = False,
        dashed: bool = False,
    ) -> None:
        """Draw a line, or an arrow."""
        extra = ' marker-end="url(#tip)"' if tip else ""
        extra += ' stroke-dasharray="4 3"' if dashed else ""
        self._parts.append(
            f'<line x1="{start[0]:g}" y1="{start[1]:g}" x2="{end[0]:g}" y2="{end[1]:g}" '
            f'stroke="{ink}" stroke-width="{width:g}"{extra}/>'
        )

    def path(self, points: list[tuple[float, float]], *, ink: str, width: float = 2.0) -> None:
        """Draw a line through points."""
        way = " ".join(f"{x:g},{y:g}" for x, y in points)
        self._parts.append(
            f'<polyline points="{way}" fill="none" stroke="{ink}" stroke-width="{width:g}"/>'
        )

    def dot(self, x: float, y: float, *, fill: str, radius: float = 4) -> None:
        """Draw a point."""
        self._parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}"/>')

    def text(self) -> str:
        """Return the whole file."""
        return "\n".join([*self._parts, "</svg>", ""])
