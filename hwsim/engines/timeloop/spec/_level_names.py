"""How inputs name a storage level."""

from __future__ import annotations

from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.errors import did_you_mean


def level_named(section: Section, key: str, machine: Machine) -> int:
    """Find the storage level that a section names (or numbers, innermost first).

    Parameters
    ----------
    section : Section
        Of a directive, constraint or optimisation.
    key : str
        Under which the name stands.
    machine : Machine
        Whose level it is.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    target = section.required_text(key)
    number = machine.level_number(target)
    if number is None and target.isdecimal() and int(target) < len(machine.levels):
        return int(target)
    if number is None:
        known = [level.name for level in machine.levels]
        raise section.error(f"unknown storage level {target!r}{did_you_mean(target, known)}", key)
    return number
