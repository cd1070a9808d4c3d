"""Compare what points are with what is expected of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hwsim.errors import InputError
from hwsim.studies.checks.declared import Declared
from hwsim.studies.checks.figures import PointFigures, value_of
from hwsim.studies.checks.finding import Finding
from hwsim.studies.checks.known import KnownPoint
from hwsim.studies.expectations import Expectation, Subject
from hwsim.studies.expectations.units import converted


class _New(Exception):  # noqa: N818 (nothing is wrong)
    """The baseline has no such point, and need not."""


@dataclass(frozen=True)
class Judge:
    """Compares, point by point.

    Parameters
    ----------
    places : sequence of mapping
        The coordinates of the points.
    known : sequence of KnownPoint
        What was known of them before.
    figures : sequence of PointFigures
        What they turned out to be.
    former : sequence of PointFigures or None, or None
        The same of the baseline, None for a point that it has not; None if there is no baseline.
    declared : Declared
        What the baseline need not have.
    """

    places: Sequence[Mapping[str, Any]]
    known: Sequence[KnownPoint]
    figures: Sequence[PointFigures]
    former: Sequence[PointFigures | None] | None
    declared: Declared

    def findings(self, expectation: Expectation, subjects: Sequence[Subject]) -> list[Finding]:
        """Judge an expectation of each of its points."""
        varied = _varied(self.places)
        found = []
        for subject in subjects:
            point = self.known[subject.point]
            tables = point.tables(expectation)
            for table in tables:
                named = table if len(point.units) > 1 else None
                for layers in point.groups(expectation):
                    where = _where(expectation, subject, self.places, varied, named, layers)
                    found.append(self._finding(expectation, subject, table, layers, where))
        return found

    def _finding(
        self,
        expectation: Expectation,
        subject: Subject,
        table: str | None,
        layers: Sequence[str],
        where: str,
    ) -> Finding:
        finding = Finding(expectation, where, "error")
        try:
            value, unit = _value(expectation, subject, self.figures, layers, table)
            finding = replace(finding, value=value, unit=unit)
            bound = self._bound(expectation, subject, layers, table, unit)
            if not expectation.bound.of_baseline:
                unit = expectation.bound.unit
                value = converted(value, finding.unit, unit)
        except _New as reason:
            return replace(finding, state="new", reason=str(reason))
        except InputError as error:
            return replace(finding, reason=str(error))
        holds = expectation.holds(value, bound)
        return replace(
            finding, state="holds" if holds else "fails", value=value, bound=bound, unit=unit
        )

    def _bound(
        self,
        expectation: Expectation,
        subject: Subject,
        layers: Sequence[str],
        table: str | None,
        unit: str,
    ) -> float:
        bound = expectation.bound
        if not bound.of_baseline:
            return bound.number
        if self.former is None:
            raise _New("the baseline is being written")
        whole = expectation.layers is None
        former = {
            number: self._found(self.former[number], number, layers, table, whole=whole)
            for number in (subject.point, subject.over)
            if number is not None
        }
        value, former_unit = _value(expectation, subject, former, layers, table)
        return bound.number * converted(value, former_unit, unit)

    def _found(
        self,
        former: PointFigures | None,
        number: int,
        layers: Sequence[str],
        table: str | None,
        *,
        whole: bool,
    ) -> PointFigures:
        """Give what the baseline has of a point; refuse it if it lacks layers or had others."""
        if former is None:
            lacking, reason = list(layers), "the baseline has no such point"
        elif table is not None and table not in former.prices:
            lacking, reason = list(layers), f"the baseline has no prices by {table}"
        else:
            lacking = [layer for layer in layers if layer not in former.layers]
            gone = [layer for layer in former.layers if layer not in layers]
            if whole and not lacking and gone:
                raise InputError(f"the baseline is of layers more: {', '.join(gone)}")
            if not lacking:
                return former
            reason = f"the baseline has no layer {', '.join(lacking)}"
        if self.declared.covers(self.places[number], lacking, table):
            raise _New(reason)
        raise InputError(f"{reason}; declare it with --new, or make a new one")


def _value(
    expectation: Expectation,
    subject: Subject,
    figures: Mapping[int, PointFigures] | Sequence[PointFigures],
    layers: Sequence[str],
    table: str | None,
) -> tuple[float, str]:
    """Compute the measure, of two points their ratio; undefined ones are refused."""
    measure = expectation.measure
    if subject.over is None:
        value, unit = value_of(measure.name, figures[subject.point], layers, table)
        if value != value:
            raise InputError(f"{measure.name} is not defined: nothing was counted")
        return value, unit
    ratio = 1.0
    for name in measure.of:
        above, unit = value_of(name, figures[subject.over], layers, table)
        below, own = value_of(name, figures[subject.point], layers, table)
        below = converted(below, own, unit)
        if below == 0:
            raise InputError(f"{measure.name} is not defined: {name} is 0")
        ratio *= above / below
    return ratio, ""


def _varied(places: Sequence[Mapping[str, Any]]) -> list[str]:
    """List the axes that tell points apart; the scheme if none does."""
    varied = [axis for axis in places[0] if len({place[axis] for place in places}) > 1]
    return varied or ["scheme"]


def _where(
    expectation: Expectation,
    subject: Subject,
    places: Sequence[Mapping[str, Any]],
    varied: Sequence[str],
    table: str | None,
    layers: Sequence[str],
) -> str:
    place = places[subject.point]
    words = [f"{axis}={_shown(place[axis])}" for axis in varied if place[axis] is not None]
    if subject.over is not None:
        over = places[subject.over]
        words += [
            f"against {axis}={_shown(over[axis])}"
            for axis in ("sparsity", "seed")
            if over[axis] not in (None, place[axis])
        ]
    if table is not None:
        words.append(f"by {table}")
    if expectation.layers is not None and expectation.layers.each:
        words.append(f"layer {layers[0]}")
    return ", ".join(words)


def _shown(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)
