"""Names in plots as they are: a dollar sign in one begins no formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_names_as_they_are(figure: Figure) -> None:
    """Keep matplotlib from reading any text of a finished figure as mathematics."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_parse_math(False)
