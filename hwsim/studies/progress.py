"""A progress bar on standard error, only where somebody can see it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(what: str, total: int, *, wanted: bool) -> Iterator[Callable[[str], None]]:
    """Show how much of a job is done.

    Parameters
    ----------
    what : str
        Stands before the bar.
    total : int
        Steps of the job.
    wanted : bool
        Whether the caller wants a bar; without a terminal there is none in any case.

    Yields
    ------
    callable
        Call it with the name of each finished step.
    """
    if not (wanted and sys.stderr.isatty()):
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[step]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total, step="")
        yield lambda step: bar.update(task, advance=1, step=step)
