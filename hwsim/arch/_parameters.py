"""From parameter specs and overrides to checked values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from numbers import Integral

from hwsim.arch.spec import ParameterSpec
from hwsim.errors import InputError, did_you_mean


def resolve_parameters(
    specs: Mapping[str, ParameterSpec],
    overrides: Mapping[str, object],
    place: Callable[[str], str],
    options: Iterable[str] = (),
    elsewhere: Iterable[str] = (),
) -> dict[str, int]:
    """Give every parameter its checked value; ``place`` words where one was written, for errors.

    Names of ``options`` may stand among the overrides; they are no parameters. What can be set
    ``elsewhere`` is among what an unknown name might be meant for.
    """
    known = {*specs, *options}
    for name in overrides:
        if name not in known:
            meant = did_you_mean(str(name), {*known, *elsewhere})
            raise InputError(f"{place(name)}: unknown parameter {name!r}{meant}")
    values = {name: _value(name, specs, overrides, place) for name in specs}
    for name, spec in specs.items():
        problem = _broken_constraint(name, spec, values, specs)
        if problem:
            raise InputError(f"{place(name)}: {problem}")
    return values


def _value(
    name: str,
    specs: Mapping[str, ParameterSpec],
    overrides: Mapping[str, object],
    place: Callable[[str], str],
    following: tuple[str, ...] = (),
) -> int:
    if name in overrides:
        value = overrides[name]
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise InputError(f"{place(name)}: {name} must be a whole number. Got {value!r}")
        return int(value)
    declared = specs[name].value
    if isinstance(declared, int):
        return declared
    values = [
        _followed(name, part, specs, overrides, place, following) for part in _names(declared)
    ]
    return math.prod(values) if "*" in declared else sum(values)


def _names(declared: str) -> list[str]:
    """Split ``a``, ``a + b`` or ``a * b`` into the parameters that are followed."""
    return [part.strip() for part in declared.split("*" if "*" in declared else "+")]


def _followed(
    name: str,
    followed: str,
    specs: Mapping[str, ParameterSpec],
    overrides: Mapping[str, object],
    place: Callable[[str], str],
    following: tuple[str, ...],
) -> int:
    chain = (*following, name)
    if followed in chain:
        raise InputError(
            f"{place(name)}: parameters follow each other: {' -> '.join((*chain, followed))}"
        )
    if followed not in specs:
        raise InputError(
            f"{place(name)}: {name} follows unknown parameter {followed!r}"
            f"{did_you_mean(followed, specs)}"
        )
    return _value(followed, specs, overrides, place, chain)


def _broken_constraint(
    name: str, spec: ParameterSpec, values: Mapping[str, int], specs: Mapping[str, ParameterSpec]
) -> str | None:
    value = values[name]
    if not spec.minimum <= value <= spec.maximum:
        return f"{name} must be in the range [{spec.minimum}, {spec.maximum}]. Got {value}"
    if spec.power_of_two and value.bit_count() != 1:
        return f"{name} must be a power of two. Got {value}"
    if spec.at_most is None:
        return None
    if spec.at_most not in values:
        return f"{name} is bounded by unknown parameter {spec.at_most!r}" + did_you_mean(
            spec.at_most, specs
        )
    if value > values[spec.at_most]:
        return f"{name} must be at most {spec.at_most} ({values[spec.at_most]}). Got {value}"
    return None
