"""Reading ``problem``: the shape, its instance and densities."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.banded_density import Banded
from hwsim.engines.timeloop.density.density import Density, FixedStructured, Hypergeometric
from hwsim.engines.timeloop.spec.section import Origin, Section, plain
from hwsim.engines.timeloop.terms.problem import DataSpace, Problem
from hwsim.errors import did_you_mean

#: The shapes that Timeloop knows by name: dimensions, and for each data space its ranks.
_CNN = (
    "RSPQCKN",
    {
        "Weights": [["C"], ["K"], ["R"], ["S"]],
        "Inputs": [["N"], ["C"], ["R*Wdilation", "P*Wstride"], ["S*Hdilation", "Q*Hstride"]],
        "Outputs": [["N"], ["K"], ["Q"], ["P"]],
    },
    "Outputs",
)
_GEMM = (
    "MNK",
    {"A": [["M"], ["K"]], "B": [["N"], ["K"]], "Z": [["M"], ["N"]]},
    "Z",
)
_NAMED = {"cnn_layer": _CNN, "gemm_abz": _GEMM}

_DISTRIBUTIONS = ("fixed_structured", "hypergeometric", "banded", "actual")


def read_problem(inputs: Section) -> Problem:
    """Read the problem.

    Parameters
    ----------
    inputs : Section
        The merged inputs.

    Returns
    -------
    Problem
        With a density model for each data space.

    Raises
    ------
    InputError
        If a dimension has no bound, a projection or density cannot be used.
    """
    section = inputs.section("problem")
    shape = _shape(section)
    instance = section.section("instance") if section.has("instance") else section
    if any(item.has("flatten") for item in (shape,)):
        raise shape.error("flattened dimensions are not modelled; use one loop a dimension")

    dimensions = tuple(shape.names("dimensions"))
    if not dimensions:
        raise shape.error("missing; a list of dimension names is required", "dimensions")
    for name in dimensions:
        if len(name) != 1:
            raise shape.error(f"names of dimensions are single letters. Got {name!r}", "dimensions")
    bounds = tuple(_bound(instance, name) for name in dimensions)
    coefficients = _coefficients(shape, instance)
    spaces = tuple(
        _data_space(item, dimensions, coefficients) for item in shape.section("data_spaces").items()
    )
    if not any(space.read_write for space in spaces):
        raise shape.error("no data space is marked read_write: true; one has to be", "data_spaces")
    densities = _densities(instance, spaces, bounds)
    return Problem(dimensions, bounds, spaces, densities)


def _shape(section: Section) -> Section:
    if section.has("shape") and not isinstance(section.get("shape"), str):
        return section.section("shape")
    name = section.text("shape") or "cnn_layer"
    stem = plain(name).lower().removesuffix(".yaml").removesuffix(".cfg")
    if stem not in _NAMED:
        raise section.error(
            f"unknown problem shape {name!r}{did_you_mean(stem, _NAMED)}; or describe the shape",
            "shape",
        )
    dimensions, spaces, result = _NAMED[stem]
    data: dict[str, Any] = {
        "dimensions": list(dimensions),
        "coefficients": [
            {"name": name, "default": 1}
            for name in ("Wstride", "Hstride", "Wdilation", "Hdilation")
        ],
        "data_spaces": [
            {
                "name": name,
                "projection": [[term.split("*") for term in rank] for rank in ranks],
                "read_write": name == result,
            }
            for name, ranks in spaces.items()
        ],
    }
    return Section(data, (*section.key, "shape"), section.origin)


def _bound(instance: Section, name: str) -> int:
    bound = instance.integer(name, least=1)
    if bound is None:
        raise instance.error(f"the length of dimension {name!r} is missing")
    return bound


def _coefficients(shape: Section, instance: Section) -> dict[str, int]:
    coefficients = {}
    if shape.has("coefficients"):
        for item in shape.section("coefficients").items():
            name = item.required_text("name")
            default = item.number("default")
            if default is None:
                raise item.error("missing; 'default' is required here")
            given = instance.number(plain(name))
            value = default if given is None else given
            if value != int(value):
                raise instance.error(f"expected a whole number. Got {value!r}", name)
            coefficients[name] = int(value)
    return coefficients


def _data_space(
    item: Section, dimensions: tuple[str, ...], coefficients: dict[str, int]
) -> DataSpace:
    name = item.required_text("name")
    ranks = [_terms(rank) for rank in item.section("projection").items()]
    projection = np.zeros((len(ranks), len(dimensions)), dtype=np.int64)
    for number, terms in enumerate(ranks):
        for term in terms:
            if term[0] not in dimensions:
                raise item.error(
                    f"unknown dimension {term[0]!r}{did_you_mean(term[0], dimensions)}",
                    "projection",
                )
            factor = 1
            if len(term) == 2:
                if term[1] not in coefficients:
                    raise item.error(
                        f"unknown coefficient {term[1]!r}{did_you_mean(term[1], coefficients)}",
                        "projection",
                    )
                factor = coefficients[term[1]]
            projection[number, dimensions.index(term[0])] += factor
    return DataSpace(name, projection, bool(item.flag("read_write")))


def _terms(rank: Section) -> list[list[str]]:
    """Read a rank: ``C``, ``[[C]]`` or ``[[R, Wdilation], [P, Wstride]]``."""
    if isinstance(rank.data, str):
        parts = [part for part in re.split(r"\W+", rank.data) if part]
        if len(parts) not in {1, 2}:
            raise rank.error(f"expected a dimension. Got {rank.data!r}")
        return [parts]
    terms = []
    for term in rank.items():
        parts = [term.data] if isinstance(term.data, str) else term.data
        if not isinstance(parts, list | tuple) or len(parts) not in {1, 2}:
            raise term.error("expected [dimension] or [dimension, coefficient]")
        terms.append([str(part) for part in parts])
    return terms


def _densities(
    instance: Section, spaces: tuple[DataSpace, ...], bounds: tuple[int, ...]
) -> tuple[Density, ...]:
    models: list[Density] = []
    names = [space.name for space in spaces]
    each = instance.section("densities") if instance.has("densities") else None
    for name in each.names_inside() if each else []:
        if name not in names:
            raise instance.section("densities").error(
                f"unknown data space{did_you_mean(name, names)}", name
            )
    for space in spaces:
        box = space.box(bounds)
        if instance.has("commonDensity"):
            model = read_density(instance, "commonDensity", box)
        elif each is not None and each.has(plain(space.name)):
            model = read_density(each, plain(space.name), box)
        else:
            model = FixedStructured(1.0)
        models.append(model.of_tensor(box))
    return tuple(models)


def read_density(section: Section, key: str, box: tuple[int, ...]) -> Density:
    """Read a density: a number, a distribution, or the actual data as an array.

    Parameters
    ----------
    section : Section
        The densities.
    key : str
        The data space.
    box : tuple of int
        Lengths of the tensor, for actual data.
    """
    value = section.get(key)
    if isinstance(value, np.ndarray):
        return ActualData.of_array(value, box, section.error, key)
    if not isinstance(value, dict):
        return FixedStructured(_fraction(section, key))
    item = section.section(key)
    kind = plain(item.required_text("distribution"))
    if kind in {"fixed", "fixed_structured"}:
        return FixedStructured(_fraction(item, "density"))
    if kind == "hypergeometric":
        return Hypergeometric(_fraction(item, "density"))
    if kind in {"banded", "diagonal"}:
        return Banded(item.integer("band_width") or 0)
    if kind == "actual":
        data = item.get("data")
        if not isinstance(data, np.ndarray):
            raise item.error("expected an array with the tensor's values or zeros", "data")
        return ActualData.of_array(data, box, item.error, "data")
    raise item.error(
        f"unknown distribution {kind!r}{did_you_mean(kind, _DISTRIBUTIONS)}", "distribution"
    )


def _fraction(section: Section, key: str) -> float:
    density = section.number(key)
    if density is None:
        raise section.error("missing; a density between 0 and 1 is required", key)
    if not 0 <= density <= 1:
        raise section.error(f"expected a density between 0 and 1. Got {density}", key)
    return density


__all__ = ["Origin", "read_density", "read_problem"]
