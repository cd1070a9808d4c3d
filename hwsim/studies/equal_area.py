"""A machine for each scheme: as many units of its own kind as fit the dense machine's area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from hwsim.arch import Arch, Technology, override_arch
from hwsim.energy import EnergyModel, EnergyTable, price
from hwsim.energy.physical import structures
from hwsim.engines import Engine
from hwsim.engines.protocol import activity_of
from hwsim.errors import InputError, did_you_mean
from hwsim.schemes import parse_scheme
from hwsim.schemes.apply import layers_left
from hwsim.schemes.coding import Coding
from hwsim.studies.layer_task import Outcome
from hwsim.studies.machine_size import Built, Sized, growth_of, largest_that_fits
from hwsim.studies.native_units import native_units
from hwsim.studies.plan import Plan
from hwsim.workload import Workload
from hwsim.workload.operands import Operands


@dataclass(frozen=True)
class Builder:
    """Finds what machines are made of: by a layer of one weight, on which no area depends.

    Parameters
    ----------
    engine : Engine
        Says which components a machine has.
    prices : EnergyModel
        Knows their areas.
    """

    engine: Engine
    prices: EnergyModel

    def build(self, arch: Arch, coding: Coding) -> Built:
        """Count the units of a machine for weights of a coding, and add up its area.

        Raises
        ------
        InputError
            If the engine cannot run it, or its area or its units are not known.
        """
        self.engine.check(arch)
        growth = growth_of(arch)
        operands = Operands(coding, _technology(arch).weights.bits, 0, 1, 1, 1, 1)
        workload = Workload(
            *("a layer of one weight", np.ones((1, 1, 1), np.int8), 1, "linear", coding),
            operands=operands,
        )
        activity = activity_of(self.engine, workload, arch)
        breakdown = price(activity, self.prices, arch, operands)
        if not breakdown.area or breakdown.area_unit != "um2":
            raise InputError(
                f"arch {arch.name!r}: energy model {self.prices.name!r} knows no area of it in "
                "um2, so there is no equal area"
            )
        if (unit := (growth.unit, growth.component)) not in activity.instances:
            known = [" ".join(each) for each in activity.instances]
            raise InputError(
                f"{arch.where(('growth', 'component'))}: engine {self.engine.name!r} has no "
                f"{' '.join(unit)!r}{did_you_mean(' '.join(unit), known)}"
            )
        return Built(arch, int(activity.instances[unit]), breakdown.area)


@dataclass(frozen=True)
class EqualArea:
    """The machines of a comparison.

    Parameters
    ----------
    own : Built
        The machine as given; its area is the limit.
    machines : mapping of str to Sized
        The largest machine of each scheme.
    structures : mapping of str to (int, int)
        Of the ways in which the machine may be built, in how many each scheme's fits, and of how
        many.
    left_out : mapping of str to sequence of str
        Layers that the units of some scheme cannot run, as it leaves them as they are, and those
        schemes.
    left_out_macs : float
        Their share of the multiply-accumulates, 0 to 1.
    prices : str
        Name of the energy model that knows the areas.
    """

    own: Built
    machines: Mapping[str, Sized]
    structures: Mapping[str, tuple[int, int]]
    left_out: Mapping[str, Sequence[str]]
    left_out_macs: float
    prices: str

    @property
    def archs(self) -> dict[str, Arch]:
        """The machine of each scheme."""
        return {scheme: sized.built.arch for scheme, sized in self.machines.items()}

    @property
    def unit(self) -> tuple[str, str]:
        """Unit and component that are counted as units."""
        growth = growth_of(self.own.arch)
        return growth.unit, growth.component

    def restricted(self, plan: Plan) -> Plan:
        """Leave out the layers that some machine cannot run, and compare on one machine only.

        Raises
        ------
        InputError
            If no layer is left.
        """
        layers = tuple(each for each in plan.chosen.layers if each.name not in self.left_out)
        if not layers:
            raise InputError(
                "no layer to evaluate: equal area compares layers that every scheme changes; say "
                "which with --quantize-layers, all for every one"
            )
        archs = self.archs
        peers = {
            scheme: tuple(other for other in archs if archs[other] == archs[scheme])
            for scheme in archs
        }
        return replace(plan, chosen=replace(plan.chosen, layers=layers), peers=peers)

    def to_manifest(self, outcomes: Sequence[Outcome]) -> dict[str, Any]:
        """Write down machines and limit, ready for JSON; how long units wait is in the outcomes."""
        growth, own = growth_of(self.own.arch), self.own.arch
        return {
            "limit": self.own.area,
            "area_unit": "um2",
            "prices": self.prices,
            "parameter": growth.parameter,
            "unit": growth.unit,
            "component": growth.component,
            "reason": growth.reason,
            "machines": [
                {
                    "scheme": scheme,
                    **_machine(own, sized),
                    "structures_that_fit": self.structures[scheme][0],
                    "structures": self.structures[scheme][1],
                    "waits": _waits([each for each in outcomes if each.task.scheme == scheme]),
                }
                for scheme, sized in self.machines.items()
            ],
            "left_out": [
                {"layer": layer, "schemes": list(schemes)}
                for layer, schemes in self.left_out.items()
            ],
            "left_out_macs": self.left_out_macs,
        }


def size_machines(
    plan: Plan, arch: Arch, engine: Engine, prices: Sequence[EnergyModel]
) -> EqualArea:
    """Give every scheme of a plan the largest machine that fits the given one's area.

    Parameters
    ----------
    plan : Plan
        Network and schemes.
    arch : Arch
        The machine of the dense scheme, with a technology and a growth section.
    engine : Engine
        Which evaluates.
    prices : sequence of EnergyModel
        One, that knows widths and areas.

    Raises
    ------
    InputError
        If there is no dense scheme, the machine does not say how it grows, or its area is not
        known.
    """
    request = plan.request
    schemes = {name: parse_scheme(name) for name in request.schemes}
    if all(scheme.name != "dense" for scheme in schemes.values()):
        raise InputError("equal area is the dense machine's: add the scheme dense")
    growth_of(arch)
    builder = Builder(engine, _one_that_knows_widths(prices))
    technology = _technology(arch)
    own = builder.build(arch, "value")
    machines, ways, left = {}, {}, {}
    for name, scheme in schemes.items():
        settings = native_units(scheme, technology)
        coding = scheme.coding
        if settings:
            kind = override_arch(arch, settings)
            build = partial(builder.build, coding=coding)
            machines[name] = largest_that_fits(kind, own.area, build)
            left[name] = layers_left(plan.network, scheme, request.quantize_layers)
        else:
            machines[name] = Sized(own, None)
        ways[name] = _structures_that_fit(builder, own, machines[name].built, coding)
    evaluated = [layer.name for layer in plan.chosen.layers]
    left_out = {
        layer: [name for name in left if layer in left[name]]
        for layer in evaluated
        if any(layer in layers for layers in left.values())
    }
    macs = {layer.name: layer.macs for layer in plan.chosen.layers}
    share = sum(macs[layer] for layer in left_out) / sum(macs.values())
    return EqualArea(own, machines, ways, left_out, share, builder.prices.name)


def _one_that_knows_widths(prices: Sequence[EnergyModel]) -> EnergyModel:
    names = ", ".join(model.name for model in prices)
    if len(prices) != 1:
        raise InputError(f"machines are sized by the areas of one energy model. Got {names}")
    if isinstance(prices[0], EnergyTable):
        raise InputError(
            f"energy table {names!r}: its components are as large for narrow weights as for wide "
            "ones; equal area needs a model that knows widths, such as physical"
        )
    return prices[0]


def _technology(arch: Arch) -> Technology:
    if arch.technology is None:
        raise InputError(
            f"arch {arch.name!r}: equal area needs widths and node; add a technology section to "
            "the spec"
        )
    return arch.technology


def _structures_that_fit(
    builder: Builder, own: Built, built: Built, coding: Coding
) -> tuple[int, int]:
    """Count the ways of building the machines in which this one fits, and all of them."""

    def area(machine: Arch, technology: Technology, weights: Coding) -> float:
        return builder.build(replace(machine, technology=technology), weights).area

    limits = structures(_technology(own.arch))
    if len(limits) == 1:
        return 1, 1  # it was made to fit
    mine = structures(_technology(built.arch))
    fitting = [
        area(built.arch, mine[way], coding) <= area(own.arch, limits[way], "value")
        for way in limits
    ]
    return sum(fitting), len(fitting)


def _machine(own: Arch, sized: Sized) -> dict[str, Any]:
    arch = sized.built.arch
    grown = {
        name: value for name, value in arch.parameters.items() if value != own.parameters[name]
    }
    return {
        "arch": arch.label,
        "multiplier": _technology(arch).multiplier,
        "weights": _technology(arch).weights.name,
        "grown": grown,
        "units": sized.built.units,
        "area": sized.built.area,
        "next_area": None if sized.beyond is None else sized.beyond.area,
        "next_units": None if sized.beyond is None else sized.beyond.units,
    }


def _waits(outcomes: Sequence[Outcome]) -> float | None:
    """Average the share of the cycles in which units wait; None if the engine does not say."""
    waited, total = 0.0, 0.0
    for outcome in outcomes:
        pace, cycles = outcome.activity.pace, outcome.activity.cycles
        if pace is None or pace.waits is None:
            return None
        waited, total = waited + cycles * pace.waits, total + cycles
    return waited / total if total else 0.0
