"""Writing ``problem``: the inverse of :mod:`hwsim.engines.timeloop.spec.problem`."""

from __future__ import annotations

from typing import Any

import numpy as np

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.banded_density import Banded
from hwsim.engines.timeloop.density.density import Density, FixedStructured, Hypergeometric
from hwsim.engines.timeloop.terms.problem import DataSpace, Problem
from hwsim.errors import InputError


def problem_document(problem: Problem, version: float = 0.3) -> dict[str, Any]:
    """Describe a problem in Timeloop's terms.

    Parameters
    ----------
    problem : Problem
        Its densities have to be of the kinds that Timeloop knows; see
        :func:`statistical_density`.
    version : float
        Of the layout: 0.3 or 0.4.

    Returns
    -------
    dict
        With the root key ``problem``.

    Raises
    ------
    InputError
        If a tensor is described by its very zeros.
    """
    coefficients = _Coefficients(problem.dimensions)
    spaces = []
    for space in problem.data_spaces:
        entry: dict[str, Any] = {
            "name": space.name,
            "projection": _projection(space, problem.dimensions, coefficients),
        }
        if space.read_write:
            entry["read_write"] = True
        spaces.append(entry)
    shape = {
        "name": "hwsim_layer",
        "dimensions": list(problem.dimensions),
        "coefficients": [{"name": name, "default": 1} for name in coefficients.values],
        "data_spaces": spaces,
    }
    instance: dict[str, Any] = dict(zip(problem.dimensions, problem.bounds, strict=True))
    instance |= coefficients.values
    densities = {
        space.name: density_entry(density, space.name)
        for space, density in zip(problem.data_spaces, problem.densities, strict=True)
        if density != FixedStructured(1.0)
    }
    if densities:
        instance["densities"] = densities
    return {"problem": {"version": version, "shape": shape, "instance": instance}}


def density_entry(density: Density, name: str) -> dict[str, Any]:
    """Describe a density; ``name`` is the data space, for messages."""
    if isinstance(density, FixedStructured):
        return {"distribution": "fixed_structured", "density": density.density}
    if isinstance(density, Hypergeometric):
        return {"distribution": "hypergeometric", "density": density.density}
    if isinstance(density, Banded):
        return {"distribution": "banded", "band_width": density.band_width}
    raise InputError(
        f"{name}: Timeloop cannot read a tensor's own zeros; describe them by a hypergeometric or "
        "fixed structured density"
    )


def statistical_density(density: Density, fixed_structured: bool = False) -> Density:
    """Describe a density in a way that Timeloop knows.

    Parameters
    ----------
    density : Density
        Any; of a tensor's own zeros only the share is kept.
    fixed_structured : bool
        Spread the non-zeros evenly, rather than at random.
    """
    if isinstance(density, ActualData):
        share = float(np.count_nonzero(density.mask)) / density.mask.size
        return FixedStructured(share) if fixed_structured else Hypergeometric(share)
    if fixed_structured and isinstance(density, Hypergeometric):
        return FixedStructured(density.density)
    return density


class _Coefficients:
    """Names for the numbers other than 1 that stand before dimensions in projections."""

    def __init__(self, dimensions: tuple[str, ...]) -> None:
        self._dimensions = dimensions
        self.values: dict[str, int] = {}

    def name_of(self, dimension: str, value: int) -> str:
        number = 1
        while True:
            name = f"{dimension}step" + (str(number) if number > 1 else "")
            if self.values.setdefault(name, value) == value:
                return name
            number += 1


def _projection(
    space: DataSpace, dimensions: tuple[str, ...], coefficients: _Coefficients
) -> list[list[list[str]]]:
    ranks = []
    for row in space.projection.tolist():
        terms = []
        for dimension, factor in zip(dimensions, row, strict=True):
            if factor == 1:
                terms.append([dimension])
            elif factor:
                terms.append([dimension, coefficients.name_of(dimension, factor)])
        ranks.append(terms)
    return ranks
