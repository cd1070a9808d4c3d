"""What mappings and constraints read and write alike: factors, permutations, types, denials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hwsim.engines.timeloop.spec._constraint_keys import FACTORS, PERMUTATION, TYPE
from hwsim.engines.timeloop.spec._field import Field
from hwsim.engines.timeloop.spec.layout import Layout
from hwsim.engines.timeloop.spec.section import Section
from hwsim.engines.timeloop.terms.denials import denials_of

#: So many digits are less than 2^63.
_DIGITS: Final = 18


def factors_text(section: Section, field: Field[Any]) -> str:
    """Read factors as one text, whether they are a text, a list or a mapping; no comment."""
    value = field.read(section)
    if isinstance(value, dict):
        value = [f"{name}={factor}" for name, factor in value.items()]
    return _joined(section, field.key, value, " ").split("#", 1)[0]


def permutation_text(section: Section) -> str:
    """Read a permutation as one text, whether it is a text or a list."""
    return _joined(section, PERMUTATION.key, PERMUTATION.read(section), "")


def _joined(section: Section, key: str, value: Any, separator: str) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list | tuple):
        return separator.join(map(str, value))
    # YAML takes NO and ON, which may be two dimensions, for false and true.
    raise section.error(f"expected a text (in quotes) or a list. Got {value!r}", key)


def check_digits(section: Section, name: str, key: str, *factors: str) -> None:
    """Refuse factors of a dimension that leave the whole numbers of 64 bits."""
    if any(len(factor) > _DIGITS for factor in factors):
        raise section.error(f"the factor of {name} has more than {_DIGITS} digits", key)


def factors_entry(factors: Sequence[str], layout: Layout) -> dict[str, Any]:
    """Write factors: a text for the programs, a list for the front end."""
    return FACTORS.entry(list(factors) if layout == "v0.4" else " ".join(factors))


def permutation_entry(order: Sequence[str], layout: Layout) -> dict[str, Any]:
    """Write a permutation: a text for the programs, a list for the front end."""
    return PERMUTATION.entry(list(order) if layout == "v0.4" else "".join(order))


def type_entry(kind: str, layout: Layout) -> dict[str, str]:
    """Write a type; the front end has another word for ``bypass``."""
    return TYPE.entry("dataspace" if kind == "bypass" and layout == "v0.4" else kind)


def denials_entry(
    kind: str, denied: Mapping[str, Sequence[str]], layout: Layout
) -> dict[str, Sequence[str]]:
    """Write the data spaces that a type denies savings, from those of each saving by its name."""
    return {
        denial.key_of_nodes if layout == "v0.4" else denial.key: denied[denial.name]
        for denial in denials_of("dataspace" if kind == "bypass" else kind)
        if denied.get(denial.name)
    }
