"""The long table of a run: a row for each energy table, scheme, layer, component and action."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from hwsim.energy.breakdown import EnergyBreakdown, EnergyRow
from hwsim.studies.columns import Coded, Column, Columns
from hwsim.studies.layer_costs import LayerCosts
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
    parts = [(number, *part) for number, cost in enumerate(costs) for part in cost.rows()]
    sizes = np.zeros((len(outcomes), len(costs)), dtype=np.intp)
    for number, part, _, happened in parts:
        sizes[part.outcomes, number] = np.count_nonzero(happened, axis=0)
    begins = (np.cumsum(sizes) - sizes.ravel()).reshape(sizes.shape)
    of_outcome, of_action = (np.empty(sizes.sum(), dtype=np.int32) for _ in range(2))
    figures = {name: np.empty(sizes.sum()) for name in ("count", "energy", "price")}
    actions: list[tuple[Any, ...]] = []
    for number, part, lines, happened in parts:
        places = begins[part.outcomes, number] + np.cumsum(happened, axis=0) - happened
        instances = outcomes[part.outcomes[0]].activity.instances
        for line, here, place in zip(lines, happened, places, strict=True):
            own, at = part if here.all() else part.at(here), place[here]
            of_outcome[at], of_action[at] = own.outcomes, len(actions)
            price = math.nan if line.figure is None else line.figure.value
            for name, amount in (("count", line.count), ("energy", line.energy), ("price", price)):
                figures[name][at] = own.of_each(amount)
            built = instances.get((line.unit, line.component), 0)
            actions.append(_of_action(line, built, part.breakdown))
    layers = [
        (network, task.scheme, task.layer, task.scheme_applied, engine, archs[task.scheme])
        for task, engine in ((each.task, each.activity.engine) for each in outcomes)
    ]
    columns: dict[str, Column] = {
        **figures,
        **coded(of_outcome, layers, _OF_OUTCOME),
        **coded(of_action, actions, _OF_ACTION),
    }
    return Columns({name: columns[name] for name in _ACTION_COLUMNS})


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
