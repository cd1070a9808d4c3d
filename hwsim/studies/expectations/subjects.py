"""Which points of a study an expectation is about."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hwsim.errors import InputError, did_you_mean
from hwsim.schemes import parse_scheme
from hwsim.studies.expectations.conditions import NONE, ORDERS, Condition, equals
from hwsim.studies.expectations.expectation import Expectation

#: Conditions may be on it, too: it is no axis, for all tables price every point.
ENERGY_TABLE: Final = "energy_table"
_LEVELS: Final = ("sparsity", "seed")
_WEIGHTS: Final = ("scheme", *_LEVELS)
_Coordinates = Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """What a value is of.

    Parameters
    ----------
    point : int
        Its place in the study.
    over : int or None
        Of a ratio: the point whose figure is divided by that of ``point``.
    """

    point: int
    over: int | None = None


def subjects_of(
    expectation: Expectation,
    points: Sequence[_Coordinates],
    baseline: str | None,
) -> list[Subject]:
    """List the points of an expectation, or the pairs of a ratio.

    Parameters
    ----------
    expectation : Expectation
        What is expected.
    points : sequence of mapping
        Coordinates of each point of the study; all have the same axes.
    baseline : str or None
        The scheme that ratios are relative to when an expectation names one or none.

    Returns
    -------
    list of Subject
        Not empty. Pairs are points on the same machine; where both schemes have several levels or
        seeds, of the same.

    Raises
    ------
    InputError
        If a scheme or a coordinate is unknown, or nothing matches.
    """
    for condition in expectation.conditions:
        if condition.axis == ENERGY_TABLE and not expectation.measure.priced:
            raise InputError(f"{expectation.measure.name} does not depend on the {ENERGY_TABLE}")
        _check(condition, points)
    schemes = list(dict.fromkeys(place["scheme"] for place in points))
    named = [_listed(text, schemes) for text in expectation.schemes]
    if not expectation.measure.of:
        found = [
            Subject(number)
            for number, place in enumerate(points)
            if named in ([], [place["scheme"]])
        ]
    else:
        found = _pairs(named, points, baseline)
    met = [each for each in found if _meets(each, expectation.conditions, points)]
    if not met:
        schemes_said = f" of {' and '.join(named)}" if named else ""
        at = ", ".join(map(str, expectation.conditions))
        raise InputError(f"no point{schemes_said}{f' at {at}' if at else ''} in the study")
    return met


def _check(condition: Condition, points: Sequence[_Coordinates]) -> None:
    """Refuse an axis or a value that the study does not have."""
    if condition.axis == ENERGY_TABLE:
        return
    axes = points[0].keys()
    if condition.axis not in axes:
        known = [*axes, ENERGY_TABLE]
        raise InputError(f"no coordinate {condition.axis!r}{did_you_mean(condition.axis, known)}")
    values = {place[condition.axis] for place in points}
    if condition.comparison in ORDERS:
        if not any(isinstance(value, int | float) for value in values):
            raise InputError(f"{condition.axis} is no number, so that nothing is {condition}")
        return
    for text in condition.values:
        if not any(text == NONE if value is None else equals(value, text) for value in values):
            raise InputError(f"no point has {condition.axis}={text}{_known(text, values)}")


def _known(text: str, values: Iterable[Any]) -> str:
    """Word what there is: of numbers all, for one that looks alike is no nearer."""
    numbers = sorted(value for value in values if isinstance(value, int | float))
    if numbers:
        return f"; known: {', '.join(f'{number:.12g}' for number in numbers)}"
    return did_you_mean(text, [NONE if value is None else str(value) for value in values])


def _listed(text: str, schemes: Sequence[str]) -> str:
    """Find the scheme of the study that a text names: as listed, as it is, or by its name alone."""
    for same in (str, _plain, _name):
        found = [each for each in schemes if same(each) == same(text)]
        if same is _name and ":" in text:
            break
        if len(found) > 1:
            raise InputError(f"several schemes are {text!r}: {', '.join(found)}; name one whole")
        if found:
            return found[0]
    raise InputError(f"no scheme {text!r} in the study{did_you_mean(text, schemes)}")


def _plain(scheme: str) -> str:
    try:
        return str(parse_scheme(scheme))
    except InputError:  # no scheme at all, which the study does not list
        return scheme


def _name(scheme: str) -> str:
    return scheme.partition(":")[0].strip()


def _pairs(
    named: Sequence[str], points: Sequence[_Coordinates], baseline: str | None
) -> list[Subject]:
    if len(named) < 2 and baseline is None:
        raise InputError("the study has no baseline; name two schemes, as in (dense, pruned)")
    over = named[0] if len(named) == 2 else baseline
    under = named[-1] if named else None
    if over == under:
        raise InputError(f"compares {over!r} with itself; name another scheme")
    machines: dict[Hashable, list[int]] = {}
    for number, place in enumerate(points):
        machines.setdefault(_machine(place), []).append(number)
    found: list[Subject] = []
    for numbers in machines.values():
        above = [number for number in numbers if points[number]["scheme"] == over]
        schemes = dict.fromkeys(points[number]["scheme"] for number in numbers)
        for scheme in [under] if under is not None else [each for each in schemes if each != over]:
            below = [number for number in numbers if points[number]["scheme"] == scheme]
            found += _joined(above, below, points)
    return sorted(found, key=lambda each: each.point)


def _joined(
    above: Sequence[int], below: Sequence[int], points: Sequence[_Coordinates]
) -> list[Subject]:
    """Pair points of two schemes on one machine."""
    found = []
    for number in below:
        partners = list(above)
        for axis in _LEVELS:
            own = points[number][axis]
            equal = [each for each in partners if points[each][axis] == own]
            both_vary = _varies(axis, above, points) and _varies(axis, below, points)
            partners = equal if equal or both_vary else partners
        found += [Subject(number, partner) for partner in partners]
    return found


def _varies(axis: str, numbers: Sequence[int], points: Sequence[_Coordinates]) -> bool:
    return len({points[number][axis] for number in numbers}) > 1


def _machine(place: _Coordinates) -> Hashable:
    return tuple(value for axis, value in place.items() if axis not in _WEIGHTS)


def _meets(
    subject: Subject, conditions: Sequence[Condition], points: Sequence[_Coordinates]
) -> bool:
    for condition in conditions:
        if condition.axis == ENERGY_TABLE:
            continue
        numbers = [subject.point]
        if subject.over is not None and condition.axis in _LEVELS:
            numbers.append(subject.over)
        if not condition.meets([points[number][condition.axis] for number in numbers]):
            return False
    return True
