"""``problem``: the shape, its instance and densities."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from hwsim.engines.timeloop.density.density import Density, FixedStructured
from hwsim.engines.timeloop.spec._field import (
    Part,
    anything,
    elsewhere,
    flag,
    integer,
    names,
    required_text,
    version,
    word,
)
from hwsim.engines.timeloop.spec._named import data_space_keys, dimension_named
from hwsim.engines.timeloop.spec.densities import DENSITY_PART, density_entry, read_density
from hwsim.engines.timeloop.spec.known_keys import check_names, refuse_near_misses
from hwsim.engines.timeloop.spec.section import Section, plain
from hwsim.engines.timeloop.terms.problem import DataSpace, Problem
from hwsim.errors import did_you_mean

_NAME: Final = required_text("name")
#: A data space is walked forwards: steps and dilations are whole numbers.
_DEFAULT: Final = integer("default", default=None, least=1)
_PROJECTION: Final = anything("projection")
_READ_WRITE: Final = flag("read_write", default=False)
_COEFFICIENTS: Final = anything("coefficients", inside=Part((_NAME, _DEFAULT)))
_DATA_SPACES: Final = anything(
    "data_spaces",
    inside=Part(
        (
            _NAME,
            _PROJECTION,
            _READ_WRITE,
            *elsewhere("the ranks of a data space, which its projection has, too", ("dimensions",)),
        )
    ),
)
_DIMENSIONS: Final = names("dimensions")
_FLATTEN: Final = anything("flatten")
_VERSION: Final = version(default=None)
_SHAPE: Final = anything(
    "shape",
    inside=Part(
        (word("name", default=None), _DIMENSIONS, _COEFFICIENTS, _DATA_SPACES, _FLATTEN, _VERSION)
    ),
)
_DENSITIES: Final = anything("densities", inside=Part(named=DENSITY_PART))
_COMMON_DENSITY: Final = anything("commonDensity", inside=DENSITY_PART)
#: Beside these an instance has the names of its dimensions and coefficients.
_INSTANCE_FIELDS: Final = (_DENSITIES, _COMMON_DENSITY)
_INSTANCE: Final = anything("instance", inside=Part(_INSTANCE_FIELDS, named=True))
_ROOT_FIELDS: Final = (_SHAPE, _INSTANCE, _VERSION, word("name", default=None))
PROBLEM: Final = anything("problem", inside=Part((*_ROOT_FIELDS, *_INSTANCE_FIELDS), named=True))

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

#: A rank in words: ``C``, ``P * Wstride``, ``P Wstride``.
_TERM: Final = re.compile(r"(\w+)(?:(?:\s*\*\s*|\s+)(\w+))?")
#: Operations are counted in 64 bits.
_MOST_OPERATIONS: Final = 2**62


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
    section = PROBLEM.section(inputs)
    refuse_near_misses(section, Part((*_ROOT_FIELDS, *_INSTANCE_FIELDS)))
    shape = _shape(section)
    instance = _INSTANCE.section(section) if _INSTANCE.given(section) else section
    if _FLATTEN.given(shape):
        raise shape.error("flattened dimensions are not modelled; use one loop a dimension")

    dimensions = tuple(_DIMENSIONS.read(shape))
    if not dimensions:
        raise shape.error("missing; a list of dimension names is required", _DIMENSIONS.key)
    for name in dimensions:
        if len(name) != 1:
            raise shape.error(
                f"names of dimensions are single letters. Got {name!r}", _DIMENSIONS.key
            )
    bounds = tuple(_bound(instance, name) for name in dimensions)
    coefficients = _coefficients(shape, instance)
    _check_keys(section, instance, (*dimensions, *coefficients))
    spaces = tuple(
        _data_space(item, dimensions, coefficients) for item in _DATA_SPACES.section(shape).items()
    )
    if not any(space.read_write for space in spaces):
        raise shape.error(
            "no data space is marked read_write: true; one has to be", _DATA_SPACES.key
        )
    for space in spaces:
        _check_result(shape, space, dimensions)
    _check_size(instance, bounds, spaces)
    densities = _densities(instance, spaces, bounds)
    return Problem(dimensions, bounds, spaces, densities)


def _check_result(shape: Section, space: DataSpace, dimensions: Sequence[str]) -> None:
    """Refuse a result whose box has points that nobody writes: its reads would fall below zero."""
    ranks = np.count_nonzero(space.projection, axis=0)
    if space.read_write and (ranks > 1).any():
        raise shape.error(
            f"dimension {dimensions[int(ranks.argmax())]!r} stands in several ranks of the result "
            f"{space.name!r}, of which only a diagonal is written; not modelled",
            _DATA_SPACES.key,
        )


def _check_keys(section: Section, instance: Section, known: tuple[str, ...]) -> None:
    """Check the keys beside which the instance's own names may stand."""
    if instance.key == section.key:
        check_names(section, Part((*_ROOT_FIELDS, *_INSTANCE_FIELDS)), known)
    else:
        check_names(section, Part(_ROOT_FIELDS), ())
        check_names(instance, Part(_INSTANCE_FIELDS), known)


def _check_size(instance: Section, bounds: tuple[int, ...], spaces: tuple[DataSpace, ...]) -> None:
    """Refuse problems whose counts leave the whole numbers of 64 bits."""
    if math.prod(bounds) > _MOST_OPERATIONS:
        raise instance.error(
            f"the dimensions multiply up to {math.prod(bounds):.3g} operations; 2^62 are counted "
            "at most"
        )
    for space in spaces:
        ranks = [
            1 + sum(abs(int(step)) * (bound - 1) for step, bound in zip(row, bounds, strict=True))
            for row in space.projection.tolist()
        ]
        if math.prod(ranks) > _MOST_OPERATIONS:
            raise instance.error(
                f"{space.name} has {math.prod(ranks):.3g} words; 2^62 are counted at most"
            )


def _shape(section: Section) -> Section:
    given = _SHAPE.read(section)
    if given is not None and not isinstance(given, str):
        return _SHAPE.section(section)
    name = section.word(_SHAPE.key) or "cnn_layer"
    stem = plain(name).lower().removesuffix(".yaml").removesuffix(".cfg")
    if stem not in _NAMED:
        raise section.error(
            f"unknown problem shape {name!r}{did_you_mean(stem, _NAMED)}; or describe the shape",
            _SHAPE.key,
        )
    dimensions, spaces, result = _NAMED[stem]
    coefficients = [
        _NAME.entry(name) | _DEFAULT.entry(1)
        for name in ("Wstride", "Hstride", "Wdilation", "Hdilation")
    ]
    listed = [
        _NAME.entry(name)
        | _PROJECTION.entry([[term.split("*") for term in rank] for rank in ranks])
        | _READ_WRITE.entry(name == result)
        for name, ranks in spaces.items()
    ]
    data: dict[str, Any] = {
        **_DIMENSIONS.entry(list(dimensions)),
        **_COEFFICIENTS.entry(coefficients),
        **_DATA_SPACES.entry(listed),
    }
    return Section(data, (*section.key, _SHAPE.key), section.origin)


def _bound(instance: Section, name: str) -> int:
    bound = instance.integer(name, least=1)
    if bound is None:
        raise instance.error(f"the length of dimension {name!r} is missing")
    return bound


def _coefficients(shape: Section, instance: Section) -> dict[str, int]:
    coefficients = {}
    for item in _COEFFICIENTS.section(shape).items() if _COEFFICIENTS.given(shape) else ():
        name = _NAME.read(item)
        default = _DEFAULT.read(item)
        if default is None:
            raise item.error("missing; 'default' is required here")
        given = instance.integer(plain(name), least=1)
        coefficients[name] = default if given is None else given
    return coefficients


def _data_space(
    item: Section, dimensions: tuple[str, ...], coefficients: dict[str, int]
) -> DataSpace:
    name = _NAME.read(item)
    ranks = [_terms(rank) for rank in _PROJECTION.section(item).items()]
    if not ranks:
        raise item.error("expected at least one rank", _PROJECTION.key)
    projection = np.zeros((len(ranks), len(dimensions)), dtype=np.int64)
    for rank, terms in enumerate(ranks):
        for term in terms:
            dimension = dimension_named(item, term[0], dimensions, _PROJECTION.key)
            factor = 1
            if len(term) == 2:
                if term[1] not in coefficients:
                    raise item.error(
                        f"unknown coefficient {term[1]!r}{did_you_mean(term[1], coefficients)}",
                        _PROJECTION.key,
                    )
                factor = coefficients[term[1]]
            projection[rank, dimension] += factor
    return DataSpace(name, projection, _READ_WRITE.read(item))


def _terms(rank: Section) -> list[list[str]]:
    """Read a rank: ``C``, ``[[C]]`` or ``[[R, Wdilation], [P, Wstride]]``."""
    if isinstance(rank.data, str):
        written = _TERM.fullmatch(rank.data.strip())
        if written is None:
            raise rank.error(f"expected a dimension, or dimension * coefficient. Got {rank.data!r}")
        return [[part for part in written.groups() if part is not None]]
    terms = []
    for term in rank.items():
        parts = [term.data] if isinstance(term.data, str) else term.data
        if not isinstance(parts, list | tuple) or len(parts) not in {1, 2}:
            raise term.error("expected [dimension] or [dimension, coefficient]")
        terms.append([str(part) for part in parts])
    if not terms:
        raise rank.error("expected at least one dimension")
    return terms


def _densities(
    instance: Section, spaces: tuple[DataSpace, ...], bounds: tuple[int, ...]
) -> tuple[Density, ...]:
    models: list[Density] = []
    each = _DENSITIES.section(instance) if _DENSITIES.given(instance) else None
    if each is not None:
        list(data_space_keys(each, [space.name for space in spaces]))  # refuses other names
    for space in spaces:
        box = space.box(bounds)
        if _COMMON_DENSITY.given(instance):
            model = read_density(instance, _COMMON_DENSITY.key, box)
        elif each is not None and each.has(plain(space.name)):
            model = read_density(each, plain(space.name), box)
        else:
            model = FixedStructured(1.0)
        models.append(model.of_tensor(box))
    return tuple(models)


def problem_document(problem: Problem, version: float = 0.3) -> dict[str, Any]:
    """Describe a problem in Timeloop's terms.

    Parameters
    ----------
    problem : Problem
        Its densities have to be of the kinds that Timeloop knows; see
        :func:`~hwsim.engines.timeloop.spec.densities.statistical_density`.
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
    coefficients = _Coefficients()
    spaces = []
    for space in problem.data_spaces:
        entry = {
            **_NAME.entry(space.name),
            **_PROJECTION.entry(_projection(space, problem.dimensions, coefficients)),
            **_READ_WRITE.entry_unless_default(space.read_write),
        }
        spaces.append(entry)
    shape = {
        **_NAME.entry("hwsim_layer"),
        **_DIMENSIONS.entry(list(problem.dimensions)),
        **_COEFFICIENTS.entry(
            [_NAME.entry(name) | _DEFAULT.entry(1) for name in coefficients.values]
        ),
        **_DATA_SPACES.entry(spaces),
    }
    instance: dict[str, Any] = dict(zip(problem.dimensions, problem.bounds, strict=True))
    instance |= coefficients.values
    densities = {
        space.name: density_entry(density, space.name)
        for space, density in zip(problem.data_spaces, problem.densities, strict=True)
        if density != FixedStructured(1.0)
    }
    if densities:
        instance |= _DENSITIES.entry(densities)
    return PROBLEM.entry({_VERSION.key: version} | _SHAPE.entry(shape) | _INSTANCE.entry(instance))


class _Coefficients:
    """Names for the numbers other than 1 that stand before dimensions in projections."""

    def __init__(self) -> None:
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
