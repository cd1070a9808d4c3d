"""The one style of all figures: sizes of a paper's columns, fonts, axes, legends, titles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hwsim.reports.figures.palette import Look

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Widths of one and of two columns, inches: 88.9 mm and 181.9 mm, those of IEEE's and ACM's pages.
COLUMN_INCHES: Final = {1: 3.5, 2: 7.16}
FORMATS: Final = ("pdf", "svg", "png")
TEXT: Final = 8
SMALL: Final = 7
TINY: Final = 6
GRID: Final = "#DDDDDD"
INK: Final = "#333333"
QUIET: Final = "#666666"
_DPI: Final = 200
_LONGEST_LABEL: Final = 28
#: What decides how a figure looks wherever it is drawn; Type 42 fonts, as journals ask for.
_STYLE: Final[Any] = {
    "font.size": TEXT,
    "axes.linewidth": 0.6,
    "hatch.linewidth": 0.5,
    "lines.linewidth": 1.2,
    "lines.markersize": 3.5,
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.hashsalt": "hwsim",
}


class Drawn(NamedTuple):
    """A figure and the table of what is drawn."""

    figure: Figure
    table: pd.DataFrame


@contextmanager
def one_style() -> Iterator[None]:
    """Draw and save in hwsim's style, whatever the user's matplotlib is set to."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield


def sheet(width: int, height: float) -> Figure:
    """Start a figure.

    Parameters
    ----------
    width : {1, 2}
        Columns of a paper.
    height : float
        Inches.
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(COLUMN_INCHES[width], height), dpi=_DPI, layout="constrained")


def dress(
    panel: Axes, across: str | None = None, up: str | None = None, grid: str = "both"
) -> None:
    """Name the axes of a panel, with their units, and draw what lies behind the data."""
    if across is not None:
        panel.set_xlabel(across, fontsize=TEXT)
    if up is not None:
        panel.set_ylabel(up, fontsize=TEXT)
    panel.tick_params(labelsize=SMALL, length=2.5, width=0.6)
    panel.grid(axis=grid, color=GRID, linewidth=0.5)  # type: ignore[arg-type]
    panel.set_axisbelow(True)
    panel.spines[["top", "right"]].set_visible(False)


def cycle_unit(longest: float) -> tuple[float, str]:
    """Choose a power of a thousand for an axis of cycles, and name it."""
    for divisor, words in ((1e9, "billions"), (1e6, "millions"), (1e3, "thousands")):
        if longest >= 10 * divisor:
            return divisor, f"{words} of cycles"
    return 1.0, "cycles"


def in_percent(panel: Axes, axis: str = "x") -> None:
    """Write the shares of an axis as percentages, from nothing to all."""
    from matplotlib.ticker import PercentFormatter

    (panel.xaxis if axis == "x" else panel.yaxis).set_major_formatter(PercentFormatter(1))


def log_axes(panel: Axes) -> None:
    """Put both axes on a log scale, numbers written as they are."""
    from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

    panel.set_xscale("log")
    panel.set_yscale("log")
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=8))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))


def legend(figure: Figure, handles: Sequence[Artist], labels: Sequence[str]) -> None:
    """Write the legend below the panels, which keep their height, in as few lines as fit."""
    if not handles:
        return
    inches = float(figure.get_figwidth())
    longest = max(len(label) for label in labels)
    columns = max(1, int(inches / (0.35 + 0.062 * longest)))
    lines = -(-len(labels) // columns)
    figure.set_figheight(figure.get_figheight() + 0.15 * lines)
    figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=min(columns, len(labels)),
        fontsize=SMALL,
        frameon=False,
        columnspacing=1.2,
        handlelength=1.6,
        handletextpad=0.5,
    )


def patch(look: Look) -> Artist:
    """Make the sign of a filled thing for a legend."""
    from matplotlib.patches import Patch

    return Patch(**filled(look))


def filled(look: Look) -> dict[str, Any]:
    """Give what matplotlib needs to fill a bar with a look."""
    return {
        "facecolor": look.colour,
        "hatch": look.hatch,
        "edgecolor": "white",
        "linewidth": 0.0 if not look.hatch else 0.3,
    }


def dot(look: Look, **more: Any) -> Artist:
    """Make the sign of a marked thing for a legend."""
    from matplotlib.lines import Line2D

    return Line2D([], [], color=look.colour, marker=look.marker, **{"linestyle": "none", **more})


def finish(figure: Figure, title: str) -> Figure:
    """Write the title; all names are drawn as they are: a dollar sign begins no formula."""
    from matplotlib.text import Text

    size = TEXT
    if title:
        text = figure.suptitle(_folded(title, figure.get_figwidth()), fontsize=size)
        text.set_wrap(False)
    for each in figure.findobj(Text):
        each.set_parse_math(False)
    return figure


def _folded(title: str, inches: float) -> str:
    from textwrap import wrap

    return "\n".join(wrap(title, max(30, int(inches * 15)), break_on_hyphens=False))


def short(name: str, longest: int = _LONGEST_LABEL) -> str:
    """Cut a name from its beginning, where names of layers differ least."""
    return name if len(name) <= longest else "…" + name[1 - longest :]


def write_figure(drawn: Drawn, file: Path, kind: str | None = None) -> None:
    """Write a figure: the same bytes each time.

    Parameters
    ----------
    drawn : Drawn
        The figure.
    file : Path
        Where.
    kind : {"pdf", "svg", "png"}, optional
        In which format; that of the file's suffix if not given.
    """
    dates = {"pdf": {"CreationDate": None}, "svg": {"Date": None}, "png": None}
    kind = kind or file.suffix.removeprefix(".").lower()
    with one_style():
        drawn.figure.savefig(file, format=kind, metadata=dates[kind])
