"""Links as GitHub follows them, led to the pages of the site."""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath
from typing import Final

#: Pages that lie outside of ``docs/``, and where the site has them.
ELSEWHERE: Final = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "benchmarks/README.md": "benchmarks.md",
    "examples/digits/README.md": "digits.md",
}
#: What else is linked, a folder or the listing of pages, and the page that stands for it.
_STANDS_FOR: Final = {
    "docs/README.md": "index.md",
    "docs": "index.md",
    "examples/digits": "digits.md",
    "notebooks": "gallery.md",
}
_LINK: Final = re.compile(
    r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)"
)


def lead_links(text: str, source: str) -> str:
    """Lead the links of a page to the site's pages; of a file that the site has not, keep the name.

    Parameters
    ----------
    text : str
        Markdown.
    source : str
        The page's file in the checkout, ``docs/sigma.md``.
    """
    here = PurePosixPath(page_of(source) or source)

    def led(match: re.Match[str]) -> str:
        image, words, target, place = match.groups()
        file = os.path.normpath(PurePosixPath(source).parent / target)
        page = page_of(file)
        if page is None:
            return words
        way = os.path.relpath(page, here.parent)
        return f"{image}[{words}]({way}{place or ''})"

    return _LINK.sub(led, text)


def page_of(file: str) -> str | None:
    """Find where the site has a file of the checkout; None if it has not."""
    if page := {**ELSEWHERE, **_STANDS_FOR}.get(file):
        return page
    if file.startswith("docs/"):
        return file.removeprefix("docs/")
    if file.startswith("notebooks/") and file.endswith(".ipynb"):
        return f"{file.removesuffix('.ipynb')}.md"
    return None
