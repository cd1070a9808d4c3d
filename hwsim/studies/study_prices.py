"""The energies of a study: activities that are kept, priced by tables of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hwsim.arch import Arch
from hwsim.energy import EnergyBreakdown, EnergyModel, alike_layers, price_layers
from hwsim.studies.columns import Groups
from hwsim.studies.store.store import Store
from hwsim.studies.study_cells import PricedCell
from hwsim.studies.study_store import keep_energies, unpriced_tasks

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
    rows: list[tuple[str, str, float, float]] = []
    for key, mine in by_price.items():
        distinct = Groups.of((tasks[task].activity, tasks[task].operands) for task in mine)
        layers = alike_layers([(activities[name], operands) for name, operands in distinct.keys])
        energies = np.empty((len(distinct.keys), 2))
        for members, breakdown in price_layers(layers, *models[key]):
            breakdowns[key] = breakdown
            for part, energy in enumerate((breakdown.dynamic, breakdown.static)):
                energies[members, part] = energy
        of_each = energies[distinct.numbers].tolist()
        rows += [(task, key, *parts) for task, parts in zip(mine, of_each, strict=True)]
    keep_energies(store, breakdowns, rows)
