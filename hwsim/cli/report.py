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
            help="Folders that run -o wrote, stores, or study files; several stand side by side.",
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
    from hwsim.studies.sparsity_sweep import SweepResult

    if output.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"{output}: a report ends in .html")
    results = []
    for each in where:
        found = open_result(each)
        if isinstance(found, SweepResult):
            raise InputError(
                f"{each}: a sweep of one scheme; plot it, or keep it with --store for a report"
            )
        results.append(found)
    write_report(results, output, title)
    print(f"saved     {output}")
