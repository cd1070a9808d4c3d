"""How far the reading of a network has come, for whoever shows it."""

from __future__ import annotations

from collections.abc import Callable

#: Told what is read ("shards", "weights of layers"), how many have been, and how many there are.
Report = Callable[[str, int, int], None]


def unseen(what: str, done: int, total: int) -> None:
    """Take a step that nobody looks at."""
