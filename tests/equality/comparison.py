"""A set of measured cases, figure by figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Comparison:
    """What a set of cases has, and what of it is not ours.

    Parameters
    ----------
    cases, refused : int
        Cases that were compared; those that the program and we refuse alike.
    exact, rounded : int
        Figures that have to be equal, and those that have to be within the tolerance.
    largest_error : float
        Of those within a tolerance, relative.
    differing : list
        Case, label, ours and theirs of every figure that is neither.
    """

    cases: int = 0
    refused: int = 0
    exact: int = 0
    rounded: int = 0
    largest_error: float = 0.0
    differing: list[tuple[Any, ...]] = field(default_factory=list)

    def equal(self, case: Any, ours: Any, theirs: Any, label: str = "") -> None:
        """Compare figures without tolerance; of sections each figure, and which there are."""
        if isinstance(theirs, Mapping):
            if not isinstance(ours, Mapping) or ours.keys() != theirs.keys():
                self.differing.append((case, label, "other keys"))
                return
            for key, value in theirs.items():
                self.equal(case, ours[key], value, f"{label}.{key}" if label else str(key))
            return
        self.exact += 1
        if ours != theirs:
            self.differing.append((case, label, ours, theirs))

    def near(
        self, case: Any, ours: float, theirs: float, label: str, rel: float, absolute: float = 0.0
    ) -> None:
        """Compare a figure that the program's file rounds."""
        self.rounded += 1
        off = abs(ours - theirs)
        if off > max(rel * abs(theirs), absolute):
            self.differing.append((case, label, ours, theirs))
        if theirs and off > absolute:
            self.largest_error = max(self.largest_error, off / abs(theirs))


def leaves(
    labels: Mapping[str, Any], place: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """List the figures of nested sections with the way to each."""
    for label, value in labels.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*place, label))
        else:
            yield (*place, label), value
