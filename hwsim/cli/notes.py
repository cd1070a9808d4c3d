"""What is meant for whoever asked, as notes on standard error."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from hwsim.errors import CacheWarning, FormerNameWarning
from hwsim.result_cache import FOUND, HITS, cache_folder

#: Packages that log warnings about folders and fonts.
_LOGS: Final = ("matplotlib", "PIL", "fontTools")
_NOTED: Final = (FormerNameWarning, CacheWarning)


@contextmanager
def noted_warnings() -> Iterator[None]:
    """Print each of these warnings as one line, once.

    Those of other packages are for programmers: they are shown as they are with ``HWSIM_DEBUG``,
    and their logs hold no more than errors.
    """
    noted: set[str] = set()
    for package in _LOGS:
        logging.getLogger(package).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        for kind in _NOTED:
            warnings.simplefilter("always", kind)
        shown_before = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if not issubclass(category, _NOTED):
                if os.environ.get("HWSIM_DEBUG"):
                    shown_before(message, category, filename, lineno, file, line)
            elif str(message) not in noted:
                noted.add(str(message))
                print(f"note: {message}", file=sys.stderr)

        warnings.showwarning = show
        yield


@contextmanager
def noted_hits() -> Iterator[None]:
    """Say in one line how much came from the cache, and note it for ``hwsim cache show``."""
    taken, found = HITS.copy(), FOUND.copy()
    yield
    for kind, count in (HITS - taken).items():
        print(f"note: {count} {kind} from {cache_folder()}; --no-cache searches", file=sys.stderr)
    of_command = [sum((now - before).values()) for now, before in ((HITS, taken), (FOUND, found))]
    if any(of_command):
        from hwsim.cli.last_use import note_use
        from hwsim.cli.output import command_line

        note_use(command_line(), *of_command)
