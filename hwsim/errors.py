"""The errors that hwsim raises on purpose, and how it words a wrong name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class HwsimError(Exception):
    """Base of all errors that hwsim raises on purpose."""


class InputError(HwsimError):
    """What the user gave cannot be used.

    The message is one line: which file, which key or tensor, what was expected, what to do.
    The command line prints it and exits with code 2.
    """


class ProblemsError(InputError):
    """Several things that the user gave cannot be used, told together.

    Parameters
    ----------
    title : str
        What they are wrong with, e.g. the file.
    problems : iterable of str
        One line each.
    most : int, optional
        How many the message has, which says of how many more there are; all if not given.
    """

    def __init__(self, title: str, problems: Iterable[str], most: int | None = None) -> None:
        self.problems = tuple(map(one_line, problems))
        told = self.problems[:most]
        more = len(self.problems) - len(told)
        lines = [f"{title}: {len(self.problems)} problems", *told]
        super().__init__("\n".join([*lines, f"and {more} more"] if more else lines))


class EngineError(HwsimError):
    """An engine could not evaluate a workload that was well formed."""


class ProgramError(EngineError):
    """Another tool's program failed: it crashed, took too long, or left no usable result.

    The message is one line: which program, what happened, its last words. The command line
    prints it and exits with code 3.
    """


class FormerNameWarning(FutureWarning):
    """A shipped machine was asked for by a name that it had before."""


class CacheWarning(UserWarning):
    """What was found cannot be kept for the next run, which will have to find it again."""


def one_line(words: object) -> str:
    """Fold a text, or what an exception says, into one line."""
    return " ".join(str(words).split())


def named_reason(error: Exception) -> str:
    """Word an exception of another package: its type first, for it may say nothing else."""
    return one_line(f"{type(error).__name__}: {error}")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Word the alternatives to a name that is not known.

    Parameters
    ----------
    name : str
        What was asked for.
    known : iterable of str
        What there is.

    Returns
    -------
    str
        ``"; did you mean 'x'?"`` when one is close, else ``"; known: a, b, c"``.
    """
    options = sorted(known)
    close = difflib.get_close_matches(name, options, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(options)}" if options else ""
