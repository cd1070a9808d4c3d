"""What goes to the process that fills templates in, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

#: What a name can stand for.
Value = str | int | float | bool
#: Stands in a text where another file's content belongs, before its name and the keys to enter.
INCLUDED_TAG: Final = "!include_loaded"


class TemplateTexts(NamedTuple):
    """Texts to fill in.

    Parameters
    ----------
    paths, texts : tuple of str
        Of the files, in order.
    folders : tuple of str
        Absolute ones, out of which nothing is read.
    values : dict
        What names stand for.
    """

    paths: tuple[str, ...]
    texts: tuple[str, ...]
    folders: tuple[str, ...]
    values: dict[str, Value]


class FilledTexts(NamedTuple):
    """The same, filled in.

    Parameters
    ----------
    texts : tuple of str
        In the order of the files.
    included : dict of str to tuple
        Path and text of the files whose content belongs where ``!include_loaded NAME`` stands, by
        the name; of ``include_all`` there are several.
    """

    texts: tuple[str, ...]
    included: dict[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Refusal:
    """Why they cannot be filled in, in one line."""

    reason: str
