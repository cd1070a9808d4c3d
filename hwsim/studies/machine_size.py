"""The largest machine of a kind that fits an area."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from hwsim.arch import Arch, GrowthSpec, override_arch
from hwsim.errors import InputError


@dataclass(frozen=True)
class Built:
    """A machine, the units that it has, and its area, um2."""

    arch: Arch
    units: int
    area: float


@dataclass(frozen=True)
class Sized:
    """The largest machine that fits, and the next larger one; None where the spec ends."""

    built: Built
    beyond: Built | None


def growth_of(arch: Arch) -> GrowthSpec:
    """Take what an architecture says of its growth.

    Raises
    ------
    InputError
        If it says nothing.
    """
    if arch.spec.growth is None:
        raise InputError(
            f"arch {arch.name!r}: the spec does not say how the machine becomes larger, so there "
            "is no equal area; add a growth section with parameter, unit, component and reason"
        )
    return arch.spec.growth


def largest_that_fits(arch: Arch, area: float, build: Callable[[Arch], Built]) -> Sized:
    """Find the largest machine whose area is no more than another's.

    Parameters
    ----------
    arch : Arch
        A machine of the kind, with a growth section; the search begins at its size.
    area : float
        The limit, um2.
    build : callable
        Finds units and area of a machine. Larger machines are taken to have larger areas.

    Raises
    ------
    InputError
        If the smallest machine of the kind does not fit.
    """
    name = growth_of(arch).parameter
    values = _possible_values(arch, name)

    @cache
    def built(place: int) -> Built:
        return build(override_arch(arch, {name: values[place]}))

    def fits(place: int) -> bool:
        return built(place).area <= area

    start = values.index(arch[name])
    if fits(start):
        least, past = _gallop(start, len(values), fits)
    else:
        least, past = -1, start
    while past - least > 1:
        middle = (least + past) // 2
        least, past = (middle, past) if fits(middle) else (least, middle)
    if least < 0:
        raise InputError(
            f"arch {arch.label}: with {name}={values[0]}, its least, it has an area of "
            f"{built(0).area / 1e6:.4g} mm2, more than {area / 1e6:.4g} mm2"
        )
    return Sized(built(least), built(past) if past < len(values) else None)


def _gallop(start: int, end: int, fits: Callable[[int], bool]) -> tuple[int, int]:
    """Find a place that fits, from one that does, and a later one that does not, or the end."""
    least, step = start, 1
    while least + step < end:
        if not fits(least + step):
            return least, least + step
        least, step = least + step, 2 * step
    return least, end


def _possible_values(arch: Arch, name: str) -> Sequence[int]:
    """List what a parameter may be, ascending, by the rules of the spec."""
    spec = arch.spec.parameters[name]
    most = spec.maximum if spec.at_most is None else min(spec.maximum, arch[spec.at_most])
    if not spec.power_of_two:
        return range(spec.minimum, most + 1)
    powers = (2**exponent for exponent in range(most.bit_length()))
    return [value for value in powers if spec.minimum <= value <= most]
