"""What the layers of a run cost by one energy table, those that are alike side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.amount import Amount
from hwsim.arch import Arch
from hwsim.energy import EnergyBreakdown, EnergyModel, price_layers
from hwsim.energy.breakdown import EnergyRow
from hwsim.studies.layer_task import Outcome
from hwsim.workload.operands import Operands


@dataclass(frozen=True, eq=False)
class CostsTogether:
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
        cls, outcomes: Sequence[Outcome], model: EnergyModel, archs: Mapping[str, Arch]
    ) -> LayerCosts:
        """Price every layer; equal ones of one machine, which have one activity, once.

        Parameters
        ----------
        outcomes : sequence of Outcome
            The results of a run.
        model : EnergyModel
            The prices.
        archs : mapping of str to Arch
            The machine of each scheme.
        """
        known: dict[Arch, dict[tuple[int, Operands | None], int]] = {}
        uses: dict[Arch, list[tuple[int, int]]] = {}
        of_scheme = {
            scheme: (known.setdefault(arch, {}), uses.setdefault(arch, []))
            for scheme, arch in archs.items()
        }
        for number, outcome in enumerate(outcomes):
            mine, used_by = of_scheme[outcome.task.scheme]
            key = id(outcome.activity), outcome.operands
            used_by.append((number, mine.setdefault(key, len(mine))))
        parts = []
        for arch, mine in known.items():
            if not mine:
                continue
            used = np.array(uses[arch], dtype=np.intp)
            first = dict(zip(*np.unique(used[:, 1], return_index=True), strict=True))
            layers = [outcomes[used[first[n], 0]] for n in range(len(mine))]
            priced = price_layers([(each.activity, each.operands) for each in layers], model, arch)
            place = np.empty(len(mine), dtype=np.intp)
            part_of = np.empty(len(mine), dtype=np.intp)
            for number, (members, _) in enumerate(priced):
                place[members], part_of[members] = np.arange(len(members)), number
            by_part = part_of[used[:, 1]]
            for number, (_, breakdown) in enumerate(priced):
                of_part = used[by_part == number]
                parts.append(CostsTogether(of_part[:, 0], place[of_part[:, 1]], breakdown))
        return cls(parts)

    def of_each(self, amount_of: Callable[[EnergyBreakdown], Amount]) -> list[float]:
        """Give an amount of each outcome, e.g. its total energy."""
        found = np.empty(sum(len(part.outcomes) for part in self.parts))
        for part in self.parts:
            found[part.outcomes] = part.of_each(amount_of(part.breakdown))
        return found.tolist()

    def breakdown(self, outcome: int) -> EnergyBreakdown:
        """Give the breakdown that an outcome has part in."""
        return next(part.breakdown for part in self.parts if outcome in part.outcomes)

    def rows(self) -> Iterator[tuple[CostsTogether, list[EnergyRow], NDArray[np.bool_]]]:
        """Yield each part with its rows, and which layers have which, shape (rows, layers)."""
        for part in self.parts:
            rows = list(part.breakdown.rows)
            happened = np.array([part.of_each(row.happened) for row in rows], dtype=bool)
            yield part, rows, happened.reshape(len(rows), len(part.outcomes))
