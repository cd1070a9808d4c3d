"""``hwsim plot``: figures for papers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_FigureArgument = Annotated[
    str,
    typer.Argument(
        metavar="FIGURE",
        help="Of a run: energy, cycles, density, roofline, tables. Of a study: pareto, sweep, "
        "by-layer, break-even. Of a sweep: sweep.",
    ),
]
_WhereArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN|STORE[:STUDY]",
        help="A folder that run -o or sweep -o wrote, a store, or a study's file.",
    ),
]
_FileOption = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="FILE", help="A .pdf, .svg or .png; its data beside it as .csv."
    ),
]
_WidthOption = Annotated[
    int | None,
    typer.Option(metavar="1|2", help="Columns of a paper that it is wide.", show_default=False),
]
_EnergyOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Energy table.  [default: the first]", show_default=False),
]
_ReferenceOption = Annotated[
    str | None,
    typer.Option(
        metavar="ARCH",
        help="For break-even: the machine that sparse ones have to beat.  [default: itself]",
        show_default=False,
    ),
]


def plot(
    figure: _FigureArgument,
    where: _WhereArgument,
    output: _FileOption,
    width: _WidthOption = None,
    energy: _EnergyOption = None,
    reference: _ReferenceOption = None,
) -> None:
    """Draw a figure for a paper, one or two columns wide, and write its data beside it.

    Example: hwsim plot energy results -o energy.pdf --width 2
    """
    from hwsim.reports.figures.catalogue import draw, write_drawn
    from hwsim.studies.opened import open_result

    drawn = draw(figure, open_result(where), energy=energy, reference=reference, width=width)
    table = write_drawn(drawn, output)
    print(f"saved     {output}, {table}")
