"""The energies of a study: activities that are kept, priced by tables of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hwsim.activity import Activity
from hwsim.arch import Arch
from hwsim.energy import EnergyBreakdown, EnergyModel, price
from hwsim.studies.store.store import Store
from hwsim.studies.study_cells import PricedCell
from hwsim.studies.study_store import keep_energies, unpriced_tasks
from hwsim.workload.operands import Operands

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
    known: dict[tuple[str, Operands | None, str], EnergyBreakdown] = {}
    rows = []
    for task, key in unpriced:
        done = tasks[task]
        same = (done.activity, done.operands, key)
        if same not in known:
            known[same] = _priced(activities[done.activity], done.operands, *models[key])
        rows.append((task, key, known[same].dynamic, known[same].static))
    keep_energies(store, {key: each for (_, _, key), each in known.items()}, rows)


def _priced(
    activity: Activity, operands: Operands | None, model: EnergyModel, arch: Arch
) -> EnergyBreakdown:
    return price(activity, model, arch, operands)
