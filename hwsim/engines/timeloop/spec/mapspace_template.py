"""``template`` of a map space: whether factors have to divide their dimension."""

from __future__ import annotations

from typing import Final

from hwsim.engines.timeloop.spec._constraint_keys import (
    MAPSPACE,
    MAPSPACE_CONSTRAINTS,
    TEMPLATE,
)
from hwsim.engines.timeloop.spec.section import Section
from hwsim.errors import did_you_mean

_DIVIDES: Final = "uber"
_LEAVES_RESTS: Final = "ruby"


def factors_leave_rests(inputs: Section, notes: list[str]) -> bool:
    """Tell whether the inputs ask for factors that do not divide, Timeloop's template ``ruby``.

    Parameters
    ----------
    inputs : Section
        The merged inputs.
    notes : list of str
        Gets a line on what such a search does here.

    Raises
    ------
    InputError
        If the template is another one.
    """
    roots = [
        field.section(inputs) for field in (MAPSPACE, MAPSPACE_CONSTRAINTS) if field.given(inputs)
    ]
    for root in roots:
        name = TEMPLATE.read(root) if root.is_mapping else None
        if name is None or name == _DIVIDES:
            continue
        if name != _LEAVES_RESTS:
            known = (_DIVIDES, _LEAVES_RESTS)
            raise root.error(f"unknown template {name!r}{did_you_mean(name, known)}", TEMPLATE.key)
        notes.append(
            f"{root.error(_LEAVES_RESTS, TEMPLATE.key)}: factors that do not divide are searched "
            "in space, where units would idle, and their last rounds counted copy by copy; `hwsim "
            "timeloop model` walks them as timeloop-model does"
        )
        return True
    return False
