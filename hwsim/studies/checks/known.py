"""What is known of a study before anything is evaluated: layers, clocks, units of prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hwsim.errors import InputError, ProblemsError, did_you_mean
from hwsim.quantity import FREQUENCY, parse_quantity
from hwsim.studies.expectations import Condition, Expectation, Subject
from hwsim.studies.expectations.subjects import ENERGY_TABLE
from hwsim.studies.expectations.units import ENERGY
from hwsim.studies.study_cells import PricedCell

#: The measures whose bound has the unit of the prices.
_ENERGIES: Final = ("energy",)


@dataclass(frozen=True)
class KnownPoint:
    """What is known of a point.

    Parameters
    ----------
    network, machine : str
        Names, for the messages.
    layers : tuple of str
        Of the network, in order.
    clock_hz : float or None
        Of the machine, if it states one.
    units : mapping of str to str or None
        By energy table, the unit of its energies.
    """

    network: str
    machine: str
    layers: tuple[str, ...]
    clock_hz: float | None
    units: Mapping[str, str | None]

    @classmethod
    def of(cls, priced: PricedCell) -> KnownPoint:
        """Ask the cell of a point."""
        plan, arch = priced.cell.plan, priced.cell.machine.arch
        technology = arch.spec.technology
        return cls(
            network=plan.network.name,
            machine=arch.label,
            layers=tuple(layer.name for layer in plan.chosen.layers),
            clock_hz=None if technology is None else parse_quantity(technology.clock, FREQUENCY),
            units={model.name: model.unit for model in priced.prices.values()},
        )

    def tables(self, expectation: Expectation) -> list[str | None]:
        """List the energy tables that an expectation is about; one stands for all if none is."""
        if not expectation.measure.priced:
            return [None]
        conditions = [each for each in expectation.conditions if each.axis == ENERGY_TABLE]
        return [name for name in self.units if all(each.meets([name]) for each in conditions)]

    def groups(self, expectation: Expectation) -> list[tuple[str, ...]]:
        """List the layers that are taken together."""
        if expectation.layers is None:
            return [self.layers]
        chosen = expectation.layers.choose(self.layers)
        return [(layer,) for layer in chosen] if expectation.layers.each else [tuple(chosen)]


def refuse_unknown(
    expectations: Sequence[tuple[Expectation, Sequence[Subject]]], points: Sequence[KnownPoint]
) -> None:
    """Refuse expectations of layers, tables and units that there are not.

    Parameters
    ----------
    expectations : sequence of (Expectation, sequence of Subject)
        With what each is about.
    points : sequence of KnownPoint
        Of the study.

    Raises
    ------
    InputError
        With all of them (:class:`~hwsim.errors.ProblemsError` if they are several).
    """
    problems = []
    for expectation, subjects in expectations:
        concerned = [points[each.point] for each in subjects]
        try:
            _check_layers(expectation, concerned)
            _check_prices(expectation, concerned)
        except InputError as error:
            problems.append(f"{expectation.place}: {expectation.text!r}: {error}")
    if len(problems) == 1:
        raise InputError(problems[0])
    if problems:
        raise ProblemsError("expectations", problems)


def _check_layers(expectation: Expectation, points: Sequence[KnownPoint]) -> None:
    layers = expectation.layers
    if layers is None:
        return
    networks = {each.layers: each.network for each in points}
    for names, network in networks.items():
        if not layers.choose(names):
            wanted = ", ".join(layers.patterns)
            meant = did_you_mean(layers.patterns[0], names)
            raise InputError(f"no layer of {network} matches {wanted!r}{meant}")
    for pattern in layers.patterns:
        alone = type(layers)((pattern,))
        if not any(alone.choose(names) for names in networks):
            known = [name for names in networks for name in names]
            raise InputError(f"no layer matches {pattern!r}{did_you_mean(pattern, known)}")


def _check_prices(expectation: Expectation, points: Sequence[KnownPoint]) -> None:
    measure, bound = expectation.measure, expectation.bound
    for point in points:
        if measure.timed and point.clock_hz is None:
            raise InputError(f"{point.machine} states no clock, so that there is no {measure.name}")
        tables = point.tables(expectation)
        if not tables:
            raise InputError(_no_table(expectation.conditions, point.units))
        for table in tables:
            unit = point.units[table] if table is not None else None
            if measure.name == "edp" and unit not in ENERGY:
                raise InputError(f"energy by {table} has no unit, so that there is no edp")
            if measure.name in _ENERGIES and not bound.of_baseline:
                _check_unit(str(table), unit, bound.unit)


def _check_unit(table: str, unit: str | None, given: str) -> None:
    if unit and not given:
        raise InputError(f"energy by {table} is in {unit}; give the bound a unit")
    if given and not unit:
        raise InputError(
            f"energy by {table} has no unit, so that it cannot be compared with {given}; leave it "
            f"out, or choose a table with 'at {ENERGY_TABLE}=...'"
        )


def _no_table(conditions: Sequence[Condition], tables: Mapping[str, object]) -> str:
    asked = [each for each in conditions if each.axis == ENERGY_TABLE]
    meant = did_you_mean(asked[0].values[0], tables)
    return f"no prices with {', '.join(map(str, asked))}{meant}"
