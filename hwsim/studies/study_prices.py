"""The energies of a study: activities that are kept, priced by tables of today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from hwsim.arch import Arch
from hwsim.energy import EnergyBreakdown, EnergyModel, alike_layers, price_layers
from hwsim.studies.columns import Groups
from hwsim.studies.store.store import Store
from hwsim.studies.study_cells import PricedCell
from hwsim.studies.study_store import PartName, PricedTask, keep_energies, unpriced_tasks

#: Activities in memory at a time.
_AT_ONCE = 1000


def price_study(store: Store, study: str, cells: Sequence[PricedCell]) -> int:
    """Price what of a study is done and has no energy yet.

    Parameters
    ----------
    store : Store
        With the activities.
    study : str
        Its name.
    cells : sequence of PricedCell
        Of the study.

    Returns
    -------
    int
        How many tasks were priced.

    Raises
    ------
    InputError
        If a table does not price an action.
    """
    models = {
        key: (model, each.cell.machine.arch) for each in cells for key, model in each.prices.items()
    }
    unpriced = unpriced_tasks(store, study)
    for start in range(0, len(unpriced), _AT_ONCE):
        _price(store, unpriced[start : start + _AT_ONCE], models)
    return len(unpriced)


def _price(
    store: Store,
    unpriced: Sequence[tuple[str, str]],
    models: Mapping[str, tuple[EnergyModel, Arch]],
) -> None:
    tasks = store.tasks({task for task, _ in unpriced})
    activities = store.activities({each.activity for each in tasks.values()})
    by_price: dict[str, list[str]] = {}
    for task, key in unpriced:
        by_price.setdefault(key, []).append(task)
    breakdowns: dict[str, EnergyBreakdown] = {}
    rows: list[PricedTask] = []
    for key, mine in by_price.items():
        distinct = Groups.of((tasks[task].activity, tasks[task].operands) for task in mine)
        layers = alike_layers([(activities[name], operands) for name, operands in distinct.keys])
        costs: dict[int, _Cost] = {}
        for members, breakdown in price_layers(layers, *models[key]):
            breakdowns[key] = breakdown
            costs |= zip(members, _costs(breakdown, len(members)), strict=True)
        numbers = distinct.numbers.tolist()
        rows += [
            PricedTask(task, key, *costs[number])
            for task, number in zip(mine, numbers, strict=True)
        ]
    keep_energies(store, breakdowns, rows)


class _Cost(NamedTuple):
    """The last fields of a :class:`PricedTask`, for tasks of one activity."""

    dynamic: float
    static: float
    names: tuple[PartName, ...]
    energies: bytes


def _costs(breakdown: EnergyBreakdown, layers: int) -> Iterator[_Cost]:
    """Take the breakdown of layers side by side apart, a layer at a time."""
    names = tuple(
        (row.unit, row.component, row.action, row.operand, row.entry) for row in breakdown.rows
    )
    energies = np.empty((layers, len(names)), dtype="<f8")
    for place, row in enumerate(breakdown.rows):
        energies[:, place] = row.energy
    sums = np.empty((2, layers))
    sums[0], sums[1] = breakdown.dynamic, breakdown.static
    for dynamic, static, parts in zip(*sums.tolist(), energies, strict=True):
        yield _Cost(dynamic, static, names, parts.tobytes())
