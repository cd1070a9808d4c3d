"""The curves of a study: what tells them apart, and how each is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hwsim.reports.figures.palette import MARKERS, SERIES, scheme_looks
from hwsim.studies.columns import distinct

if TYPE_CHECKING:
    import pandas as pd

    from hwsim.studies.study_result import StudyResult

#: Curves that one figure has room for; the table beside it has all of them.
MOST_CURVES: Final = 28
_DASHES: Final[tuple[Any, ...]] = (
    *("-", "--", "-.", ":"),
    *((0, (1, 3)), (0, (5, 4)), (0, (5, 2, 1, 2, 1, 2))),
)
_OF_CURVE: Final = ("sparsity", "seed")


class Curve(NamedTuple):
    """Points of a study that belong together, and their colour, marker and dashes."""

    label: str
    rows: pd.DataFrame
    colour: str
    marker: str
    dashes: Any


def varied(result: StudyResult, points: pd.DataFrame) -> list[str]:
    """Name the axes that tell curves apart."""
    axes = [axis for axis in result.varied if axis not in _OF_CURVE]
    return [axis for axis in axes if points[axis].nunique(dropna=False) > 1] or ["scheme"]


def curves_of(points: pd.DataFrame, names: Sequence[str]) -> list[Curve]:
    """Group points into curves: a colour each scheme, dashes and marker each machine.

    Parameters
    ----------
    points : DataFrame
        Rows of a study.
    names : sequence of str
        From :func:`varied`.
    """
    groups = [rows for _, rows in points.groupby(list(names), sort=False, dropna=False)]
    schemes = [str(rows["scheme"].iloc[0]) for rows in groups]
    by_scheme = len(set(schemes)) > 1
    looks = scheme_looks(schemes)
    others = [name for name in names if name != "scheme"]
    places = [tuple(str(rows[name].iloc[0]) for name in others) for rows in groups]
    order = distinct(places)
    found = []
    for rows, scheme, place in zip(groups, schemes, places, strict=True):
        number = order.index(place)
        colour = looks[scheme].colour if by_scheme else SERIES[number % len(SERIES)]
        marker = MARKERS[number % len(MARKERS)] if others else looks[scheme].marker
        dashes = _DASHES[number % len(_DASHES)]
        found.append(Curve(label(rows.iloc[0], names), rows, colour, marker, dashes))
    return found


def swept_and_level(points: pd.DataFrame, names: Sequence[str]) -> tuple[list[Curve], list[Curve]]:
    """Group points into curves over sparsity and those without a level, drawn as in any figure.

    Parameters
    ----------
    points, names
        As for :func:`curves_of`.
    """
    curves = curves_of(points, names)
    swept, level = (
        [each._replace(rows=each.rows[each.rows["sparsity"].notna() == some]) for each in curves]
        for some in (True, False)
    )
    return [each for each in swept if len(each.rows)], [each for each in level if len(each.rows)]


def label(row: Any, names: Sequence[str]) -> str:
    """Name a curve: words as they are, numbers with their axis."""
    parts = []
    for name in names:
        value = row[name]
        if value is None or value != value:
            continue
        number = isinstance(value, Real)
        parts.append(f"{name}={value:g}" if number else str(value))
    return ", ".join(parts)


def left_out(number: int, most: int, what: str) -> str:
    """Say what there was no room for: nothing is left out in silence."""
    return f" ({number - most} more {what} in the table)" if number > most else ""
