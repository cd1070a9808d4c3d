"""The technology of a machine, for engines that count by the widths of its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.arch import Arch, Technology


def technology_of(arch: Arch, engine: str) -> Technology:
    """Give the technology of a machine.

    Raises
    ------
    InputError
        If it has none.
    """
    if arch.technology is None:
        raise InputError(
            f"arch {arch.name!r}: the engine {engine!r} needs the widths of a technology"
        )
    return arch.technology


def integer_technology_of(arch: Arch, engine: str, reason: str) -> Technology:
    """Give the technology of a machine whose weights and activations have to be integers.

    Raises
    ------
    InputError
        If it has none, or numbers are floats; the reason ends the line.
    """
    technology = technology_of(arch, engine)
    if technology.weights.is_float or technology.activations.is_float:
        raise InputError(
            f"arch {arch.label}: weights {technology.weights.name} and activations "
            f"{technology.activations.name}; {reason}"
        )
    return technology
