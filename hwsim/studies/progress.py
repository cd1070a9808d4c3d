"""A progress bar on standard error, only where somebody can see it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from hwsim.networks.reading_steps import Report, unseen
from hwsim.shown_text import visible

#: How often a log that is no terminal gets a line [s].
_LINE_S: Final = 10.0


@contextmanager
def stage(what: str, total: int, *, wanted: bool) -> Iterator[Callable[[str], None]]:
    """Show how much of a stage of a study is done, and how long the rest may take.

    A bar on a terminal; elsewhere a line now and then, and one at the end.

    Parameters
    ----------
    what, total, wanted
        As for :func:`progress_bar`, but that lines are written where there is no terminal.

    Yields
    ------
    callable
        Call it with the name of each finished step.
    """
    if not wanted or not total:
        yield lambda _: None
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=total, rate="")
            pace = _Pace(total)

            def advance(_: str) -> None:
                pace.step()
                bar.update(task, advance=1, rate=f"{pace.rate:,.0f}/s")

            yield advance
    else:
        pace = _Pace(total)
        last = pace.start

        def note(_: str) -> None:
            nonlocal last
            pace.step()
            now = time.monotonic()
            if now - last >= _LINE_S or pace.done == total:
                last = now
                print(f"{what}: {pace}", file=sys.stderr, flush=True)

        yield note


class _Pace:
    """How many steps are done, and how fast."""

    def __init__(self, total: int) -> None:
        self.start = time.monotonic()
        self.total, self.done = total, 0

    def step(self) -> None:
        """Count one."""
        self.done += 1

    @property
    def rate(self) -> float:
        """Steps a second so far."""
        return self.done / max(time.monotonic() - self.start, 1e-9)

    def __str__(self) -> str:
        left = (self.total - self.done) / self.rate if self.done else 0.0
        return f"{self.done} of {self.total}, {self.rate:,.0f}/s, {left:,.0f} s left"


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
        TextColumn("{task.fields[step]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total, step="")
        yield lambda step: bar.update(task, advance=1, step=visible(step))


@contextmanager
def reading_bar(*, wanted: bool) -> Iterator[Report]:
    """Show how far the reading of a network is, as :func:`progress_bar` shows a job.

    Yields
    ------
    callable
        For :func:`hwsim.networks.load_network`.
    """
    if not (wanted and sys.stderr.isatty()):
        yield unseen
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("Reading {task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("files", total=None)
        yield lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total
        )
