"""How inputs name storage levels, dimensions and data spaces; each is found by its number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.errors import did_you_mean


def level_named(section: Section, key: str, machine: Machine) -> int:
    """Find the storage level that a section names (or numbers, innermost first) under a key."""
    target = section.required_text(key)
    number = machine.level_number(target)
    if number is None and target.isdecimal() and int(target) < len(machine.levels):
        return int(target)
    if number is None:
        known = [level.name for level in machine.levels]
        raise section.error(f"unknown storage level {target!r}{did_you_mean(target, known)}", key)
    return number


def dimension_named(section: Section, name: str, dimensions: Sequence[str], *keys: str) -> int:
    """Find a dimension; ``keys`` are what a message names, the whole section if there are none."""
    if name not in dimensions:
        raise section.error(f"unknown dimension {name!r}{did_you_mean(name, dimensions)}", *keys)
    return dimensions.index(name)


def data_space_named(section: Section, name: str, data_spaces: Sequence[str], key: str) -> int:
    """Find a data space whose name stands under a key."""
    if name not in data_spaces:
        raise section.error(f"unknown data space {name!r}{did_you_mean(name, data_spaces)}", key)
    return data_spaces.index(name)


def data_space_keys(section: Section, data_spaces: Sequence[str]) -> Iterator[str]:
    """Walk the keys of a section that has one for each data space, or for some."""
    for name in section.names_inside():
        if name not in data_spaces:
            raise section.error(f"unknown data space{did_you_mean(name, data_spaces)}", name)
        yield name
