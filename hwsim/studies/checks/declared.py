"""Points and layers that are declared to be new, so that a baseline need not have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hwsim.errors import InputError, did_you_mean
from hwsim.studies.expectations import Condition, parse_conditions

_LAYER: Final = "layer"
_TABLE: Final = "energy_table"


class Declared:
    """What a baseline need not have.

    Parameters
    ----------
    texts : sequence of str
        Conditions on coordinates, on ``layer`` and on ``energy_table``, as after ``at``; what
        meets all of one text is new.
    axes : sequence of str
        Names of the coordinates.

    Raises
    ------
    InputError
        If a condition cannot be understood or its axis is not known.
    """

    def __init__(self, texts: Sequence[str], axes: Sequence[str]) -> None:
        known = [*axes, _LAYER, _TABLE]
        self._declared: dict[str, tuple[Condition, ...]] = {}
        self._used: set[str] = set()
        for text in texts:
            conditions = parse_conditions(text)
            for each in conditions:
                if each.axis not in known:
                    meant = did_you_mean(each.axis, known)
                    raise InputError(f"--new {text!r}: no coordinate {each.axis!r}{meant}")
            self._declared[text] = conditions

    def covers(
        self, coordinates: Mapping[str, Any], layers: Sequence[str], energy_table: str | None
    ) -> bool:
        """Tell whether all that is lacking of a point, some layers by one table, is new."""
        place = {**coordinates, _TABLE: energy_table}
        for text, conditions in self._declared.items():
            of_layers = [each for each in conditions if each.axis == _LAYER]
            of_point = [each for each in conditions if each.axis != _LAYER]
            if all(each.meets([place[each.axis]]) for each in of_point) and all(
                each.meets([layer]) for each in of_layers for layer in layers
            ):
                self._used.add(text)
                return True
        return False

    @property
    def unused(self) -> list[str]:
        """The texts that nothing has met so far."""
        return [text for text in self._declared if text not in self._used]
