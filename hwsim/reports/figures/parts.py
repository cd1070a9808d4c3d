"""The parts of a machine that figures tell apart, and the energy of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hwsim.energy.breakdown import PASSING
from hwsim.reports.figures.palette import (
    KIND_COLOURS,
    OPERAND_COLOURS,
    OTHER,
    OTHER_COLOUR,
    Look,
    kind_looks,
)
from hwsim.studies.columns import Columns, distinct
from hwsim.studies.tables import component_table

if TYPE_CHECKING:
    from hwsim.studies import RunResult

#: Parts that a figure names; the smaller ones are drawn together.
MOST: Final = 8
#: Parts below this share of the energy of every scheme are too thin to be seen.
SMALL_SHARE: Final = 0.01
#: What entry of the component tables (hwsim/arch/parts/data) a kind of part is priced by.
_BY_ENTRY: Final = (
    ("sram", "SRAM"),
    ("register", "registers"),
    ("wire", "wires"),
    (("int_", "float_", "aladdin_", "mac", "gate"), "arithmetic"),
)
#: Where prices have no entries, words that components are called by.
_BY_WORD: Final = (
    (r"wire|bus|network|<==>|link", "wires"),
    (r"fifo|queue|register|reg\b|accumulator|spad|latch", "registers"),
    (r"mult|add|mac\b|alu|compute|operator|datapath", "arithmetic"),
    (r"buffer|ram\b|memory|cache|table", "SRAM"),
    (r"control|switch|decoder|code", "control"),
)


@dataclass(frozen=True)
class Parts:
    """The parts of a machine that a figure names, the one thing that colours depend on.

    Parameters
    ----------
    looks : mapping of str to Look
        By name, in the order of a stack; :data:`~hwsim.reports.figures.palette.OTHER` last, if any.
    energy : mapping of (str, str) to mapping of str to float
        By scheme and layer, then by name, in the unit of the energy table.
    """

    looks: Mapping[str, Look]
    energy: Mapping[tuple[str, str], Mapping[str, float]]

    def total(self, scheme: str, layers: Iterable[str]) -> dict[str, float]:
        """Sum the energy of each part over layers."""
        layers = list(layers)
        return {
            name: sum(self.energy[scheme, layer].get(name, 0.0) for layer in layers)
            for name in self.looks
        }


def part_name(unit: str, component: str) -> str:
    """Name a component within its unit; once where both are called alike."""
    return unit if unit.lower() == component.lower() else f"{unit} {component}"


def parts_of(result: RunResult) -> Parts:
    """Choose the parts that figures of a run by one energy table name.

    Parameters
    ----------
    result : RunResult
        Of one energy table.

    Returns
    -------
    Parts
        At most :data:`MOST` names, the largest of those with a share of
        :data:`SMALL_SHARE` under any scheme, stacked by kind; and the rest together.
    """
    return parts_of_actions(result.sums.actions)


def parts_of_actions(actions: Columns) -> Parts:
    """Do as :func:`parts_of` with the long table by one energy table."""
    components = component_table(actions)
    largest: dict[str, float] = {}
    for unit, component, share in components.rows("unit", "component", "share"):
        name = part_name(unit, component)
        largest[name] = max(largest.get(name, 0.0), share)
    named = sorted(largest, key=lambda name: -largest[name])[:MOST]
    named = [name for name in named if largest[name] >= SMALL_SHARE]
    kinds = _kinds(actions)
    order = list(KIND_COLOURS)
    in_order = [name for name in kinds if name in named]  # as the engine counts
    in_order.sort(key=lambda name: order.index(kinds[name]))
    energy: dict[tuple[str, str], dict[str, float]] = {}
    rest = False
    for scheme, layer, unit, component, spent in actions.rows(
        "scheme", "layer", "unit", "component", "energy"
    ):
        name = part_name(unit, component)
        if name not in named:
            rest = rest or spent > 0
            name = OTHER
        mine = energy.setdefault((scheme, layer), {})
        mine[name] = mine.get(name, 0.0) + spent
    looks = kind_looks((name, kinds[name]) for name in in_order)
    if rest:
        looks[OTHER] = Look(OTHER_COLOUR)
    return Parts(looks, energy)


def energy_by_kind(result: RunResult, scheme: str) -> dict[str, float]:
    """Sum the energy of a scheme by kind of part, in the unit of the one energy table."""
    kinds = _kinds(result.sums.actions)
    summed: dict[str, float] = {}
    for row in result.sums.components.records():
        if row["scheme"] == scheme:
            kind = kinds[part_name(row["unit"], row["component"])]
            summed[kind] = summed.get(kind, 0.0) + row["energy"]
    return summed


def _kinds(actions: Columns) -> dict[str, str]:
    """Find what kind of part each component is, in the order in which they are counted."""
    spent: dict[tuple[str, str], dict[str, float]] = {}
    entries = actions["entry"] if "entry" in actions else [""] * len(actions)
    for (unit, component, action, energy), entry in zip(
        actions.rows("unit", "component", "action", "energy"), entries, strict=True
    ):
        kinds = spent.setdefault((unit, component), {})
        kind = "DRAM" if unit == "DRAM" else _kind_of_entry(entry)
        if kind and action not in PASSING:
            kinds[kind] = kinds.get(kind, 0.0) + energy
    units: dict[str, dict[str, float]] = {}
    for (unit, _), kinds in spent.items():
        of_unit = units.setdefault(unit, {})
        for kind, energy in kinds.items():
            of_unit[kind] = of_unit.get(kind, 0.0) + energy
    return {
        part_name(*key): _most(kinds) or _most(units[key[0]]) or _kind_of_words(*key)
        for key, kinds in spent.items()
    }


def _most(kinds: Mapping[str, float]) -> str:
    """Name the kind that most is spent on; of a part that nothing but time costs, none."""
    return max(kinds, key=lambda kind: kinds[kind], default="")


def _kind_of_entry(entry: str) -> str:
    return next((kind for start, kind in _BY_ENTRY if entry.startswith(start)), "")


def _kind_of_words(unit: str, component: str) -> str:
    """Guess by the name of the component, then by that of its unit."""
    for name in (component.lower(), unit.lower()):
        for words, kind in _BY_WORD:
            if re.search(words, name):
                return kind
    return "control"


def spent_on(result: RunResult) -> list[tuple[str, str]]:
    """List what energy is spent on, ``(operand, place)``, in the order of a stack.

    Parameters
    ----------
    result : RunResult
        Of one energy table; empty where it tells no operands apart.
    """
    return spent_in(result.sums.operands)


def spent_in(operands: Columns) -> list[tuple[str, str]]:
    """Do as :func:`spent_on` with the table of operands."""
    order = list(OPERAND_COLOURS)
    found = distinct(operands.rows("operand", "place"))
    known = [pair for pair in found if pair[0] in order]
    known.sort(key=lambda pair: (order.index(pair[0]), pair[1] != "DRAM"))
    return known + [pair for pair in found if pair[0] not in order]
