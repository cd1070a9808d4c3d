"""What the time of a layer depends on where the non-zeros of whole rows are packed together."""

from __future__ import annotations

from typing import Final

from hwsim.activity import Activity
from hwsim.pace import Pace

_FOR: Final = "loading of weights, the way through the trees, ports and bus"


def with_packing_pace(activity: Activity, vectors: int) -> Activity:
    """Say of a layer's activity what its time depends on.

    Zero weights take no multiplier. A row without zeros may leave multipliers over that a second
    one does not fit into, and sparse rows fill them, so a ratio may be more than one over the
    density: up to that over the share of multipliers that dense rows keep busy.

    A configuration would take a vector a cycle if ports and bus were wide enough and nothing had to
    be loaded. The cycles beyond that are waited.

    Parameters
    ----------
    activity : Activity
        Of the layer, with its number of configurations.
    vectors : int
        That stream past each configuration.
    """
    left = activity.effectual_macs / activity.macs
    idle = 1 - activity.utilization
    streaming = int(activity.statistic("N_reconfigurations")) * vectors
    waits = max(0.0, 1 - streaming / max(1, activity.cycles))
    pace = Pace(
        operations=left,
        slack=max(1.0, 1 / activity.utilization) if activity.utilization else 1.0,
        zeros=f"zero weights are skipped, {100 * left:.4g} % are left",
        waiting=f"dense rows leave {100 * idle:.4g} % of the multipliers' cycles idle",
        waits=waits,
        waits_for=_FOR if waits else "",
    )
    return activity.at_pace(pace)
