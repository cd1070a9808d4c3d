"""From option specs and overrides to checked choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hwsim.arch.spec import OptionSpec
from hwsim.errors import InputError


def resolve_options(
    specs: Mapping[str, OptionSpec],
    overrides: Mapping[str, object],
    place: Callable[[str], str],
) -> dict[str, str]:
    """Give every option its checked choice; ``place`` words where one was written, for errors."""
    chosen: dict[str, str] = {}
    for name, spec in specs.items():
        value = overrides.get(name, spec.value)
        if not isinstance(value, str) or value not in spec.choices:
            raise InputError(f"{place(name)}: {name} must be {spec.constraint}. Got {value!r}")
        chosen[name] = value
    return chosen
