"""Small tables of HTML, as notebooks show them for an object; all texts are escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

_JOULES = ("pJ", "nJ", "uJ", "mJ", "J")


def html_table(
    title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], note: str = ""
) -> str:
    """Write a table with a title and a note below it.

    Parameters
    ----------
    title, note : str
        Plain text; a note may be empty.
    heads : sequence of str
        Of the columns, with their units.
    rows : iterable of sequence
        Whole numbers get their thousands set apart; the rest is shown as text.
    """
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    below = f"<div><small>{escape(note)}</small></div>" if note else ""
    return (
        f"<div><strong>{escape(title)}</strong></div>"
        f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>{below}"
    )


def energy_words(energy: float, unit: str | None) -> str:
    """Write an energy with its unit: pJ as what is readable, others as their table has them."""
    if unit not in _JOULES:
        return f"{energy:.4g} {unit or '(no unit stated)'}"
    place = _JOULES.index(unit)
    while abs(energy) >= 1000 and place < len(_JOULES) - 1:
        energy, place = energy / 1000, place + 1
    return f"{energy:.4g} {_JOULES[place]}"


def _cell(value: object) -> str:
    number = isinstance(value, int) and not isinstance(value, bool)
    text = f"{value:,}" if number else str(value)
    side = " style='text-align:right'" if number else ""
    return f"<td{side}>{escape(text)}</td>"
