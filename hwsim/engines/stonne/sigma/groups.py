"""The groups of a layer run one after the other: their activities added up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hwsim.activity import ActionKey, Activity
from hwsim.workload.workload import Workload

MULTIPLICATION: Final = ActionKey("MSNetwork", "MULTIPLIER", "MULTIPLICATION")
#: Statistics of groups that add up, by name and by the beginning of their names.
_SUMMED: Final = ("Total_cycles", "N_reconfigurations")
_ACCESSES: Final = "N_SRAM_"


def add_groups(workload: Workload, runs: Sequence[tuple[Activity, int]]) -> Activity:
    """Add up the groups of a layer.

    Parameters
    ----------
    workload : Workload
        The layer.
    runs : sequence of (Activity, int)
        Results of single groups, and how many groups each is the result of.

    Returns
    -------
    Activity
        Of the engine that ran the groups. Statistics that are shares or averages of one group say
        nothing of the layer and are left out where there are several.
    """
    first = runs[0][0]
    cycles = sum(activity.cycles * times for activity, times in runs)
    utilization = first.utilization  # of one group to the last bit
    if workload.groups > 1 and cycles:
        busy = sum(activity.cycles * activity.utilization * times for activity, times in runs)
        utilization = busy / cycles
    counts: dict[ActionKey, float] = dict.fromkeys(first.counts, 0)
    for activity, times in runs:
        for key, count in activity.counts.items():
            counts[key] = counts.get(key, 0) + count * times
    levels: dict[ActionKey, tuple[float, ...]] = {}
    for key in first.levels:
        of_runs = [[times * each for each in activity.levels[key]] for activity, times in runs]
        levels[key] = tuple(map(sum, zip(*of_runs, strict=True)))
    return Activity(
        engine=first.engine,
        cycles=cycles,
        counts=counts,
        instances=first.instances,
        macs=workload.macs,
        effectual_macs=workload.effectual_macs,
        utilization=utilization,
        statistics=first.statistics if runs[0][1] == workload.groups == 1 else _added(runs),
        levels=levels,
    )


def _added(runs: Sequence[tuple[Activity, int]]) -> dict[str, float | str]:
    total: dict[str, float | str] = {"Dataflow": runs[0][0].statistics["Dataflow"]}
    for key in runs[0][0].statistics:
        if key in _SUMMED or key.startswith(_ACCESSES):
            total[key] = sum(int(activity.statistics[key]) * times for activity, times in runs)
    return total
