"""What the layers of a run cost by one energy table, those that are alike side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwsim.amount import Amount
from hwsim.arch import Arch
from hwsim.energy import AlikeLayers, EnergyBreakdown, EnergyModel, alike_layers, price_layers
from hwsim.energy.breakdown import EnergyRow
from hwsim.studies.columns import Groups
from hwsim.studies.layer_task import Outcome
from hwsim.workload.operands import Operands


class CostsTogether(NamedTuple):
    """A breakdown, and whose it is.

    Parameters
    ----------
    outcomes : ndarray of int, shape (layers,)
        Which outcomes of the run, in ascending order.
    places : ndarray of int, shape (layers,)
        Where each stands in the arrays of the breakdown; layers that are the same stand together.
    breakdown : EnergyBreakdown
        What they cost.
    """

    outcomes: NDArray[np.intp]
    places: NDArray[np.intp]
    breakdown: EnergyBreakdown

    def of_each(self, amount: Amount) -> NDArray[Any]:
        """Give an amount of the breakdown for each of its layers, shape (layers,)."""
        if isinstance(amount, np.ndarray):
            return amount[self.places]
        return np.full(len(self.places), amount)

    def at(self, chosen: NDArray[np.bool_]) -> CostsTogether:
        """Keep some of the outcomes."""
        return CostsTogether(self.outcomes[chosen], self.places[chosen], self.breakdown)


class _LayersOfMachine(NamedTuple):
    """Layers that ran on one machine: outcome ``outcomes[n]`` is distinct layer ``used[n]``."""

    scheme: str
    outcomes: NDArray[np.intp]
    used: NDArray[np.intp]
    distinct: int
    alike: Sequence[AlikeLayers]


@dataclass(frozen=True, eq=False)
class DistinctLayers:
    """The layers of a run, told apart by machine, activity and operands, and those alike grouped.

    Parameters
    ----------
    machines : sequence
        The layers of each.
    """

    machines: Sequence[_LayersOfMachine]

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], archs: Mapping[str, Arch]) -> DistinctLayers:
        """Tell the layers of a run apart, once for all prices.

        Parameters
        ----------
        outcomes : sequence of Outcome
            The results of a run.
        archs : mapping of str to Arch
            The machine of each scheme.
        """
        first: dict[Arch, str] = {}
        shared = {scheme: first.setdefault(arch, scheme) for scheme, arch in archs.items()}
        numbers: dict[str, list[int]] = {scheme: [] for scheme in first.values()}
        for number, outcome in enumerate(outcomes):
            numbers[shared[outcome.task.scheme]].append(number)
        # Of many layers they are one object, which is looked up by what it says once.
        once = {id(each.operands): each.operands for each in outcomes}
        first_of: dict[Operands | None, int] = {}
        same = {key: first_of.setdefault(each, key) for key, each in once.items()}
        machines = []
        for scheme, mine in numbers.items():
            groups = Groups.of(
                [(id(outcomes[n].activity), same[id(outcomes[n].operands)]) for n in mine]
            )
            layers = dict(zip(reversed(groups.numbers.tolist()), reversed(mine), strict=True))
            distinct = [outcomes[layers[place]] for place in range(len(groups.keys))]
            alike = alike_layers([(each.activity, each.operands) for each in distinct])
            used = np.array(mine, dtype=np.intp)
            machines.append(_LayersOfMachine(scheme, used, groups.numbers, len(distinct), alike))
        return cls(machines)


@dataclass(frozen=True, eq=False)
class LayerCosts:
    """What all layers of a run cost by one energy table.

    Parameters
    ----------
    parts : sequence of CostsTogether
        Each outcome is in one of them.
    """

    parts: Sequence[CostsTogether]

    @classmethod
    def of(
        cls, layers: DistinctLayers, model: EnergyModel, archs: Mapping[str, Arch]
    ) -> LayerCosts:
        """Price every layer; equal ones of one machine, which have one activity, once.

        Parameters
        ----------
        layers : DistinctLayers
            Of a run.
        model : EnergyModel
            The prices.
        archs : mapping of str to Arch
            The machine of each scheme; schemes share machines as when the layers were told apart.
        """
        parts = []
        for machine in layers.machines:
            arch = archs[machine.scheme]
            for members, breakdown in price_layers(machine.alike, model, arch):
                place = np.full(machine.distinct, -1, dtype=np.intp)
                place[members] = np.arange(len(members))
                at = place[machine.used]
                parts.append(CostsTogether(machine.outcomes[at >= 0], at[at >= 0], breakdown))
        return cls(parts)

    def of_each(self, amount_of: Callable[[EnergyBreakdown], Amount]) -> NDArray[np.float64]:
        """Give an amount of each outcome, e.g. its total energy."""
        found = np.empty(sum(len(part.outcomes) for part in self.parts))
        for part in self.parts:
            found[part.outcomes] = part.of_each(amount_of(part.breakdown))
        return found

    def breakdown(self, outcome: int) -> EnergyBreakdown:
        """Give the breakdown that an outcome has part in."""
        return next(part.breakdown for part in self.parts if outcome in part.outcomes)

    def rows(self) -> Iterator[tuple[CostsTogether, list[EnergyRow], NDArray[np.bool_]]]:
        """Yield each part with its rows, and which layers have which, shape (rows, layers)."""
        for part in self.parts:
            rows = list(part.breakdown.rows)
            happened = np.array([part.of_each(row.happened) for row in rows], dtype=bool)
            yield part, rows, happened.reshape(len(rows), len(part.outcomes))
