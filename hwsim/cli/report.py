"""``hwsim report``: results as one page to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.errors import InputError


def report(
    where: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN|STORE[:STUDY]...",
            help="Folders that run -o or sweep -o wrote, stores of runs and studies, or study "
            "files; several stand one below the other, runs side by side first.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="A .html file.")
    ] = Path("report.html"),
    title: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Of the page.  [default: names]", show_default=False),
    ] = None,
) -> None:
    """Write results as one page of HTML that needs no network.

    Example: hwsim report results -o report.html
    """
    from hwsim.reports.page.report import write_report
    from hwsim.studies.opened import open_result

    if output.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"{output}: a report ends in .html")
    write_report([open_result(each) for each in where], output, title)
    print(f"saved     {output}")
