"""Points that a study leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from hwsim.errors import did_you_mean
from hwsim.studies.study_file.problems import Problems

_Condition = Mapping[str, Sequence[Any]]


class Exclusions:
    """Conditions on coordinates; a point that meets one whole is left out.

    Parameters
    ----------
    conditions : sequence of mapping
        By axis what the coordinate may be: a number, a shell pattern, or None where the axis does
        not apply.
    axes : sequence of str
        The axes of the study.
    problems : Problems
        Told of an axis that there is not.
    """

    def __init__(
        self, conditions: Sequence[_Condition], axes: Sequence[str], problems: Problems
    ) -> None:
        for number, condition in enumerate(conditions):
            for axis in condition:
                if axis not in axes:
                    problems.add(
                        ("exclude", number, axis),
                        f"no axis of the study{did_you_mean(axis, axes)}",
                    )
            if not condition:
                problems.add(("exclude", number), "says nothing, so that no point would be left")
        self._conditions = conditions
        self._met = [False] * len(conditions)

    def leave_out(self, coordinates: Mapping[str, Any]) -> bool:
        """Tell whether a point is left out, and note what did it."""
        met = [
            bool(condition)
            and all(_any(coordinates.get(axis), allowed) for axis, allowed in condition.items())
            for condition in self._conditions
        ]
        self._met = [before or now for before, now in zip(self._met, met, strict=True)]
        return any(met)

    @property
    def notes(self) -> list[str]:
        """What to say of conditions that no point met."""
        return [
            f"exclude.{number} leaves nothing out"
            for number, met in enumerate(self._met)
            if not met
        ]


def _any(coordinate: Any, allowed: Sequence[Any]) -> bool:
    return any(_meets(coordinate, each) for each in allowed)


def _meets(coordinate: Any, wanted: Any) -> bool:
    if coordinate is None or wanted is None:
        return coordinate is wanted
    if isinstance(wanted, str):
        return fnmatchcase(str(coordinate), wanted)
    if isinstance(coordinate, str):  # a share of activations, which may be a file, too
        return coordinate == f"{wanted:.12g}"
    return bool(coordinate == wanted)
