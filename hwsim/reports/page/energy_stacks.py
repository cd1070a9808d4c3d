"""Where the energy goes, as stacked bars: by component and by operand."""

from __future__ import annotations

from collections.abc import Mapping

from hwsim.reports._numbers import EnergyScale
from hwsim.reports.figures.palette import operand_look
from hwsim.reports.figures.parts import parts_of_actions, spent_in
from hwsim.reports.page.bars import Bar, Bars, exact, lengths, segments
from hwsim.reports.page.swatches import Swatches
from hwsim.studies.columns import Columns, distinct
from hwsim.studies.tables import operand_table


def energy_stacks(actions: Columns, unit: str, swatches: Swatches) -> list[Bars]:
    """Stack the energy of each scheme.

    Parameters
    ----------
    actions : Columns
        The long table by one energy table: ``energy_table``, ``scheme``, ``layer``, ``unit``,
        ``component``, ``action``, ``operand``, ``entry`` and ``energy``.
    unit : str
        Of the energy table.
    swatches : Swatches
        Of the page.

    Returns
    -------
    list of Bars
        By component, and by operand where the energy table tells operands apart.
    """
    schemes = distinct(actions["scheme"])
    stacks = [_by_component(actions, schemes, unit, swatches)]
    operands = operand_table(actions)
    if len(operands):
        stacks.append(_by_operand(operands, schemes, unit, swatches))
    return stacks


def _by_component(actions: Columns, schemes: list[str], unit: str, swatches: Swatches) -> Bars:
    parts = parts_of_actions(actions)
    looks = {name: swatches.name(look) for name, look in parts.looks.items()}
    layers = distinct(actions["layer"])
    spent = {scheme: parts.total(scheme, layers) for scheme in schemes}
    return _stack("by component", spent, looks, unit)


def _by_operand(operands: Columns, schemes: list[str], unit: str, swatches: Swatches) -> Bars:
    looks = {
        f"{operand}, {place}": swatches.name(operand_look(operand, place))
        for operand, place in spent_in(operands)
    }
    spent: dict[str, dict[str, float]] = {scheme: {} for scheme in schemes}
    for row in operands.records():
        spent[row["scheme"]][f"{row['operand']}, {row['place']}"] = row["energy"]
    return _stack("by operand", spent, looks, unit)


def _stack(
    what: str, spent: Mapping[str, Mapping[str, float]], looks: Mapping[str, str], unit: str
) -> Bars:
    totals = [sum(each.values()) for each in spent.values()]
    scale = EnergyScale.of(totals, unit, below=1000)
    rows = [
        Bar(
            "",
            scheme,
            segments(parts, looks, scale.label, scale.divisor),
            length,
            f"{scale.show(total)} {scale.label}",
            f"{exact(total)} {unit}".rstrip(),
        )
        for (scheme, parts), total, length in zip(
            spent.items(), totals, lengths(totals), strict=True
        )
    ]
    used = {segment.look for row in rows for segment in row.segments}
    legend = [(look, name) for name, look in looks.items() if look in used]
    return Bars(f"Energy {what}", scale.label, legend, rows)
