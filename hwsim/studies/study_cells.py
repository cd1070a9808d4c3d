"""The cells of a study: each network read once, each machine loaded once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from hwsim.energy import EnergyModel
from hwsim.studies.cells import Cell
from hwsim.studies.machine import Machine
from hwsim.studies.plan import Plan
from hwsim.studies.price_key import price_key
from hwsim.studies.request import Request
from hwsim.studies.study_file import Point

#: The fields of a request that say nothing of the network under its schemes.
_OF_MACHINE = ("arch", "overrides", "engine", "density", "energy", "program", "docker", "timeout_s")


@dataclass(frozen=True, eq=False)
class PricedCell:
    """A cell with the tables that price it.

    Parameters
    ----------
    cell : Cell
        What is evaluated.
    prices : mapping of str to EnergyModel
        By key, in the order of the study.
    """

    cell: Cell
    prices: Mapping[str, EnergyModel]


class StudyCells:
    """The cells of a study's points, made as they are asked for.

    Points that differ in scheme and machine only share a plan, whose schemes are compared on every
    machine; all points of the study count for that, whichever are evaluated.

    Parameters
    ----------
    points : sequence of Point
        All of the study, each of one scheme.
    """

    def __init__(self, points: Sequence[Point]) -> None:
        self._parts = {point.number: _part(point.request, of_machine=False) for point in points}
        self._schemes: dict[tuple[str, ...], dict[str, None]] = {}
        for point in points:
            schemes = self._schemes.setdefault(self._parts[point.number], {})
            schemes.update(dict.fromkeys(point.request.schemes))
        self._plans: dict[tuple[str, ...], Plan] = {}
        self._machines: dict[tuple[str, ...], tuple[Machine, Mapping[str, EnergyModel]]] = {}

    def of(self, point: Point) -> PricedCell:
        """Make the cell of a point; its network is read and its machine loaded once.

        Raises
        ------
        InputError
            If the network cannot be read, or a table cannot be used.
        """
        network = self._parts[point.number]
        machine = _part(point.request, of_machine=True)
        if network not in self._plans:
            schemes = tuple(self._schemes[network])
            request = replace(point.request, schemes=schemes)
            self._plans[network] = Plan.of(request, measured=True)
        if machine not in self._machines:
            self._machines[machine] = _machine(point.request)
        [scheme] = point.request.schemes
        made, prices = self._machines[machine]
        return PricedCell(Cell(self._plans[network], scheme, made), prices)


def _machine(request: Request) -> tuple[Machine, Mapping[str, EnergyModel]]:
    arch = request.load_arch()
    models = request.load_run_prices(arch)
    if request.energy is None:  # a run has the machine's own table beside the headline's
        models = models[:1]
    return request.load_machine(arch), {price_key(model, arch): model for model in models}


def _part(request: Request, of_machine: bool) -> tuple[str, ...]:
    """Word the fields that say something of the machine, or those that do of the network."""
    return tuple(
        repr(getattr(request, each.name))
        for each in fields(Request)
        if (each.name in _OF_MACHINE) == of_machine and each.name != "schemes"
    )
