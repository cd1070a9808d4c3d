"""Warnings that are meant for whoever asked, as notes on standard error."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from hwsim.errors import FormerNameWarning


@contextmanager
def noted_warnings() -> Iterator[None]:
    """Print each warning of a former name as one line, once; leave others as they are."""
    noted: set[str] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("always", FormerNameWarning)
        shown_before = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if not issubclass(category, FormerNameWarning):
                shown_before(message, category, filename, lineno, file, line)
            elif str(message) not in noted:
                noted.add(str(message))
                print(f"note: {message}", file=sys.stderr)

        warnings.showwarning = show
        yield
