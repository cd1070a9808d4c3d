"""A study: its points, each a request of its own, and what is said of them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from hwsim.studies.expectations import Expectation
from hwsim.studies.request import Request

#: The axes of the weights, innermost last.
WEIGHT_AXES: Final = ("scheme", "sparsity", "seed")


@dataclass(frozen=True)
class Point:
    """One network under one scheme on one machine.

    Parameters
    ----------
    number : int
        Its place in the study, from 0.
    coordinates : mapping of str to str, int, float or None
        By axis, plain JSON; None where the axis does not apply. They are ``model``, ``arch``, each
        setting of the study, ``engine``, ``activations``, ``activation_density``, ``scheme`` (as
        the study lists it), ``sparsity`` and ``seed``.
    request : Request
        What is asked for: of one scheme, with its level and seed.
    """

    number: int
    coordinates: Mapping[str, Any]
    request: Request


@dataclass(frozen=True)
class Study:
    """What a study file, a mapping or the command line says, checked.

    Parameters
    ----------
    name : str
        What it is called.
    points : tuple of Point
        In the order of the axes, networks outermost and seeds innermost.
    notes : tuple of str
        What is not as the axes multiplied would have it.
    spec : mapping
        The study as plain JSON, lists and levels written out; read again it is the same study.
    axes : tuple of str
        The names of the coordinates, in order.
    baseline : str or None
        The scheme, as listed, that ratios are relative to; None if none is dense.
    expectations : tuple of Expectation
        What ``expect`` says, each of at least one point.
    exploration : mapping or None
        The section ``explore``.
    """

    name: str
    points: tuple[Point, ...]
    notes: tuple[str, ...]
    spec: Mapping[str, Any]
    axes: tuple[str, ...]
    baseline: str | None = None
    expectations: tuple[Expectation, ...] = ()
    exploration: Mapping[str, Any] | None = None

    def baseline_of(self, point: Point) -> Point | None:
        """Find the point that ratios of another one are relative to.

        Parameters
        ----------
        point : Point
            Of this study.

        Returns
        -------
        Point or None
            Of the baseline's scheme, and else of the same coordinates; where that has several
            levels or seeds, at the same. None if it is left out or there is none.
        """
        at = (point.coordinates["sparsity"], point.coordinates["seed"])
        candidates = self._baselines.get(_machine(point), {})
        return candidates.get(at) or candidates.get((None, None))

    @cached_property
    def _baselines(self) -> dict[Hashable, dict[tuple[Any, Any], Point]]:
        found: dict[Hashable, dict[tuple[Any, Any], Point]] = {}
        for point in self.points:
            place = point.coordinates
            if place["scheme"] == self.baseline:
                level = (place["sparsity"], place["seed"])
                found.setdefault(_machine(point), {})[level] = point
        return found


def _machine(point: Point) -> Hashable:
    """All coordinates but those of the weights."""
    return tuple(value for axis, value in point.coordinates.items() if axis not in WEIGHT_AXES)
