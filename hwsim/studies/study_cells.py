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


def study_cells(points: Sequence[Point]) -> list[PricedCell]:
    """Read the networks, load the machines and their prices.

    Parameters
    ----------
    points : sequence of Point
        Each of one scheme.

    Returns
    -------
    list of PricedCell
        One for each point, in order. Points that differ in scheme and machine only share a plan,
        whose schemes are compared on every machine.

    Raises
    ------
    InputError
        If a network cannot be read, or a table cannot be used.
    """
    groups: dict[bytes, list[Point]] = {}
    for point in points:
        groups.setdefault(_network_part(point.request), []).append(point)
    plans = {part: _plan(group) for part, group in groups.items()}
    machines: dict[bytes, tuple[Machine, Mapping[str, EnergyModel]]] = {}
    cells = []
    for point in points:
        part = _machine_part(point.request)
        if part not in machines:
            machines[part] = _machine(point.request)
        machine, prices = machines[part]
        plan = plans[_network_part(point.request)]
        [scheme] = point.request.schemes
        cells.append(PricedCell(Cell(plan, scheme, machine), prices))
    return cells


def _plan(points: Sequence[Point]) -> Plan:
    schemes = dict.fromkeys(scheme for point in points for scheme in point.request.schemes)
    return Plan.of(replace(points[0].request, schemes=tuple(schemes)), measured=True)


def _machine(request: Request) -> tuple[Machine, Mapping[str, EnergyModel]]:
    arch = request.load_arch()
    models = request.load_run_prices(arch)
    if request.energy is None:  # a run has the machine's own table beside the headline's
        models = models[:1]
    return request.load_machine(arch), {price_key(model, arch): model for model in models}


def _network_part(request: Request) -> bytes:
    nothing = Request()
    apart = {name: getattr(nothing, name) for name in (*_OF_MACHINE, "schemes")}
    return replace(request, **apart).to_bytes()


def _machine_part(request: Request) -> bytes:
    nothing = Request()
    apart = {
        each.name: getattr(nothing, each.name)
        for each in fields(Request)
        if each.name not in _OF_MACHINE
    }
    return replace(request, **apart).to_bytes()
