"""Limits of the ratios of cycles, layer by layer, and the ratios that are beyond theirs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from hwsim.activity import ComponentKey
from hwsim.pace import exceeds, limit_reason, peak_limit, ratio_limit
from hwsim.studies.columns import Columns
from hwsim.studies.layer_task import Outcome

#: What is said of a ratio that is beyond its limit.
BEYOND_COLUMNS = ("scheme", "layer", "cycles", "cycles_ratio", "cycles_limit", "limit_from")


def cycle_limits(outcomes: Sequence[Outcome], baseline: str | None) -> list[tuple[float, str]]:
    """Find how many times the cycles of each outcome the baseline can need at most, and why.

    Parameters
    ----------
    outcomes : sequence of Outcome
        The results of a run.
    baseline : str or None
        The scheme that ratios are relative to.

    Returns
    -------
    list of (float, str)
        For each outcome; NaN and no reason where there is no baseline, the engine says nothing of
        its pace, or nothing of the layer takes time.
    """
    paces = {each.task.layer: each.activity.pace for each in outcomes if _is(each, baseline)}
    limits = []
    for outcome in outcomes:
        reference, pace = paces.get(outcome.task.layer), outcome.activity.pace
        if reference is None or pace is None or _is(outcome, baseline):
            limits.append((math.nan, ""))
            continue
        limit = ratio_limit(reference, pace)
        limits.append(
            (limit, limit_reason(reference, pace)) if math.isfinite(limit) else (math.nan, "")
        )
    return limits


def peak_limits(
    outcomes: Sequence[Outcome],
    baseline: str | None,
    unit: ComponentKey,
    activations: Mapping[str, float],
) -> list[tuple[float, str]]:
    """Find the same where each scheme has a machine of its own, by the machine's peak.

    Parameters
    ----------
    outcomes, baseline
        As for :func:`cycle_limits`.
    unit : (str, str)
        What multiplies, an operation a cycle.
    activations : mapping of str to float
        By layer, the share of the activations that are not zero; a layer without one, whose zeros
        may coincide with the weights', has no limit.
    """
    cycles = {each.task.layer: each.activity.cycles for each in outcomes if _is(each, baseline)}
    limits = []
    for outcome in outcomes:
        layer, pace = outcome.task.layer, outcome.activity.pace
        known = layer in cycles and layer in activations
        if pace is None or not known or _is(outcome, baseline):
            limits.append((math.nan, ""))
            continue
        units = int(outcome.activity.instances[unit])
        macs = outcome.activity.macs
        limit = peak_limit(cycles[layer], pace, macs, units, activations[layer])
        reason = f"{pace.zeros}; {units:,} units, all of them busy"
        limits.append((limit, reason) if math.isfinite(limit) else (math.nan, ""))
    return limits


def beyond_limits(layers: Columns, baseline: str | None) -> Columns:
    """Pick the layers whose ratio of cycles no property of their weights explains.

    Parameters
    ----------
    layers : Columns
        From :func:`hwsim.studies.tables.layer_table`.
    baseline : str or None
        The scheme that ratios are relative to.

    Returns
    -------
    Columns
        The columns of :data:`BEYOND_COLUMNS`, a row for each scheme and layer.
    """
    if "cycles_limit" not in layers:  # a saved run of an older hwsim
        return Columns.of_rows([], BEYOND_COLUMNS)
    # Cycles are the same by all energy tables.
    once = layers.where("energy_table", layers.distinct("energy_table")[:1].__contains__)
    known = once.rows("scheme", "layer", "cycles")
    reference = {layer: cycles for scheme, layer, cycles in known if scheme == baseline}
    limited = once.kept(~np.isnan(once.floats("cycles_limit")))
    beyond = [
        dict(zip(BEYOND_COLUMNS, row, strict=True))
        for row in limited.rows(*BEYOND_COLUMNS)
        if exceeds(reference.get(row[1], math.nan), row[2], row[4])
    ]
    return Columns.of_rows(beyond, BEYOND_COLUMNS)


def _is(outcome: Outcome, scheme: str | None) -> bool:
    return outcome.task.scheme == scheme
