"""The long table of a run: a row for each energy table, scheme, layer, component and action."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from hwsim.amount import Amount
from hwsim.energy.breakdown import EnergyBreakdown, EnergyRow
from hwsim.studies.columns import Coded, Column, Columns, Deferred
from hwsim.studies.layer_costs import CostsTogether, LayerCosts
from hwsim.studies.layer_task import Outcome

_OF_OUTCOME: Final = ("network", "scheme", "layer", "scheme_applied", "engine", "arch")
_OF_ACTION: Final = (
    *("unit", "component", "action", "instances", "energy_unit", "energy_table"),
    *("operand", "entry", "low", "high"),
)
_ACTION_COLUMNS: Final = (
    *(*_OF_OUTCOME, "unit", "component", "action", "count", "instances"),
    *("energy", "energy_unit", "energy_table"),
    *("operand", "entry", "price", "low", "high"),
)


def action_table(
    outcomes: Sequence[Outcome],
    costs: Sequence[LayerCosts],
    network: str,
    archs: Mapping[str, str],
) -> Columns:
    """Build the long table.

    Parameters
    ----------
    outcomes : sequence of Outcome
        The results of a run.
    costs : sequence of LayerCosts
        What they cost by each energy table.
    network : str
        Name for the column.
    archs : mapping of str to str
        By scheme, what the machine is called.

    Returns
    -------
    Columns
        ``energy`` is in ``energy_unit`` (empty when the table's authors state none). Rows whose
        action is ``static`` carry static energy, their count being instances x cycles.
        ``operand`` says whose data an action moves, ``entry`` which entry of the prices decides it,
        ``price`` is the energy of one count, ``low`` and ``high`` are what the literature gives for
        the entry as factors of it; each is empty where the energy table does not know.
    """
    table = _Rows.of(costs, len(outcomes))
    layers = [
        (network, task.scheme, task.layer, task.scheme_applied, engine, archs[task.scheme])
        for task, engine in ((each.task, each.activity.engine) for each in outcomes)
    ]
    of_outcome, of_action = (np.empty(table.count, dtype=np.int32) for _ in range(2))
    energy = np.empty(table.count)
    actions: list[tuple[Any, ...]] = []
    for part, line, at in table.by_line():
        of_outcome[at], of_action[at] = part.outcomes, len(actions)
        energy[at] = part.of_each(line.energy)
        instances = outcomes[part.outcomes[0]].activity.instances
        built = instances.get((line.unit, line.component), 0)
        actions.append(_of_action(line, built, part.breakdown))
    columns: dict[str, Column | Callable[[], Column]] = {
        # Reports sum energies alone.
        "count": lambda: table.figures(lambda line: line.count),
        "energy": energy,
        "price": lambda: table.figures(_price),
        **coded(of_outcome, layers, _OF_OUTCOME),
        **coded(of_action, actions, _OF_ACTION),
    }
    return Columns(Deferred({name: columns[name] for name in _ACTION_COLUMNS}))


@dataclass(frozen=True, eq=False)
class _Rows:
    """Where the rows of a run stand: outcome by outcome, of each by energy table.

    ``parts`` are what outcomes cost by each energy table, and which have which line; ``begins`` is
    where the rows of an outcome and energy table begin, shape (outcomes, tables).
    """

    parts: Sequence[tuple[int, CostsTogether, list[EnergyRow], NDArray[np.bool_]]]
    begins: NDArray[np.intp]
    count: int

    @classmethod
    def of(cls, costs: Sequence[LayerCosts], outcomes: int) -> Self:
        parts = [(number, *part) for number, cost in enumerate(costs) for part in cost.rows()]
        sizes = np.zeros((outcomes, len(costs)), dtype=np.intp)
        for number, part, _, happened in parts:
            sizes[part.outcomes, number] = np.count_nonzero(happened, axis=0)
        begins = (np.cumsum(sizes) - sizes.ravel()).reshape(sizes.shape)
        return cls(parts, begins, int(sizes.sum()))

    def by_line(self) -> Iterator[tuple[CostsTogether, EnergyRow, NDArray[np.intp]]]:
        """Yield each line of the prices, with the outcomes that have it and their rows."""
        for number, part, lines, happened in self.parts:
            row = self.begins[part.outcomes, number]
            for line, here in zip(lines, happened, strict=True):
                if here.all():
                    yield part, line, row
                elif here.any():
                    yield part.at(here), line, row[here]
                row = row + here

    def figures(self, amount_of: Callable[[EnergyRow], Amount]) -> NDArray[np.float64]:
        """Give a number of the line of each row."""
        found = np.empty(self.count)
        for part, line, at in self.by_line():
            found[at] = part.of_each(amount_of(line))
        return found


def _price(line: EnergyRow) -> Amount:
    return math.nan if line.figure is None else line.figure.value


def _of_action(line: EnergyRow, instances: int, breakdown: EnergyBreakdown) -> tuple[Any, ...]:
    names = line.unit, line.component, line.action, instances
    prices = breakdown.unit or "", breakdown.table, line.operand, line.entry
    return *names, *prices, *literature(line)


def literature(line: EnergyRow) -> tuple[float, float]:
    """Give the literature's range of a price as factors; NaN where nobody knows."""
    low, high = (None, None) if line.figure is None else (line.figure.low, line.figure.high)
    return math.nan if low is None else float(low), math.nan if high is None else float(high)


def coded(
    codes: np.ndarray, rows: Sequence[tuple[Any, ...]], names: Sequence[str]
) -> dict[str, Coded]:
    """Make columns of rows that many rows of a table have in common."""
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return {name: Coded(codes, column) for name, column in zip(names, columns, strict=True)}
