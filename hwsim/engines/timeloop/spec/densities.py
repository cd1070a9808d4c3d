"""Densities of tensors: numbers, distributions, or the tensors' own zeros."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from hwsim.engines.timeloop.density.actual_density import ActualData
from hwsim.engines.timeloop.density.banded_density import Banded
from hwsim.engines.timeloop.density.density import Density, FixedStructured, Hypergeometric
from hwsim.engines.timeloop.spec._field import (
    Part,
    anything,
    elsewhere,
    integer,
    number,
    required_text,
    text,
)
from hwsim.engines.timeloop.spec._mask_file import read_mask
from hwsim.engines.timeloop.spec.section import Section, plain
from hwsim.errors import InputError, did_you_mean

_DISTRIBUTION: Final = required_text("distribution")
_DENSITY: Final = number("density", default=None)
_BAND_WIDTH: Final = integer("band_width", default=0)
_DATA: Final = anything("data")
_DATA_FILE: Final = text("data_file_path", default=None)
DENSITY_PART: Final = Part(
    (
        _DISTRIBUTION,
        _DENSITY,
        _BAND_WIDTH,
        _DATA,
        _DATA_FILE,
        *elsewhere("the size of the tensor, which the problem knows", ("workload_tensor_size",)),
    )
)
_DISTRIBUTIONS: Final = ("fixed_structured", "hypergeometric", "banded", "actual", "real_data")


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
    kind = plain(_DISTRIBUTION.read(item))
    if kind in {"fixed", "fixed_structured"}:
        return FixedStructured(_fraction(item, _DENSITY.key))
    if kind == "hypergeometric":
        return Hypergeometric(_fraction(item, _DENSITY.key))
    if kind in {"banded", "diagonal"}:
        return Banded(_BAND_WIDTH.read(item))
    if kind == "actual":
        data = _DATA.read(item)
        if not isinstance(data, np.ndarray):
            raise item.error("expected an array with the tensor's values or zeros", _DATA.key)
        return ActualData.of_array(data, box, item.error, _DATA.key)
    if kind == "real_data":
        return _of_file(item, box)
    raise item.error(
        f"unknown distribution {kind!r}{did_you_mean(kind, _DISTRIBUTIONS)}", _DISTRIBUTION.key
    )


def _of_file(item: Section, box: tuple[int, ...]) -> ActualData:
    name = _DATA_FILE.read(item)
    if name is None:
        raise item.error("missing; the path of a text file of 0 and 1 is required", _DATA_FILE.key)

    def error(problem: str) -> InputError:
        return item.error(problem, _DATA_FILE.key)

    return ActualData(read_mask(name, item.origin.folder(item.key), box, error))


def _fraction(section: Section, key: str) -> float:
    density = section.number(key)
    if density is None:
        raise section.error("missing; a density between 0 and 1 is required", key)
    if not 0 <= density <= 1:
        raise section.error(f"expected a density between 0 and 1. Got {density}", key)
    return density


def density_entry(density: Density, name: str) -> dict[str, Any]:
    """Describe a density; ``name`` is the data space, for messages."""
    if isinstance(density, FixedStructured):
        return {**_DISTRIBUTION.entry("fixed_structured"), **_DENSITY.entry(density.density)}
    if isinstance(density, Hypergeometric):
        return {**_DISTRIBUTION.entry("hypergeometric"), **_DENSITY.entry(density.density)}
    if isinstance(density, Banded):
        return {**_DISTRIBUTION.entry("banded"), **_BAND_WIDTH.entry(density.band_width)}
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
