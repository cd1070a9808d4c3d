"""Activities of several feature maps and samples, as that of one sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hwsim.activity import Activity
from hwsim.pace import Pace


def per_sample(runs: Sequence[Activity], samples: int) -> Activity:
    """Add up what one machine does for the same layer again and again, and share it out.

    Parameters
    ----------
    runs : sequence of Activity
        One engine's, of one machine and one layer: only the zeros that streamed differ.
    samples : int
        How many samples they are of.

    Returns
    -------
    Activity
        Of one sample on average; cycles are rounded up to whole ones. Utilisation is over all
        cycles. Statistics stay those of one run: numbers are averages, texts those of the first.
        The pace is that of the run with the most slack, so that its limit holds for the sum.
    """
    first = runs[0]
    if len(runs) == 1:
        return first
    cycles = sum(each.cycles for each in runs)
    busy = sum(each.utilization * each.cycles for each in runs)
    return replace(
        first,
        cycles=-(-cycles // samples),
        counts={
            key: _share(sum(each.counts.get(key, 0) for each in runs), samples)
            for key in dict.fromkeys(key for each in runs for key in each.counts)
        },
        macs=sum(each.macs for each in runs) // samples,
        effectual_macs=sum(each.effectual_macs for each in runs) // samples,
        utilization=busy / cycles if cycles else 0.0,
        statistics={key: _average(runs, key) for key in first.statistics},
        levels={
            key: tuple(
                _share(sum(parts), samples)
                for parts in zip(*(each.levels[key] for each in runs), strict=True)
            )
            for key in first.levels
            if all(key in each.levels for each in runs)
        },
        pace=_slackest(runs),
    )


def _share(total: float, of: int) -> float:
    """Divide, and leave whole numbers whole."""
    return total / of if isinstance(total, float) or total % of else total // of


def _average(runs: Sequence[Activity], key: str) -> float | str:
    values = [each.statistics.get(key) for each in runs]
    numbers = [value for value in values if value is not None and not isinstance(value, str)]
    whole = len(numbers) == len(values)
    return _share(sum(numbers), len(runs)) if whole else runs[0].statistics[key]


def _slackest(runs: Sequence[Activity]) -> Pace | None:
    paces = [each.pace for each in runs if each.pace is not None]
    return max(paces, key=lambda pace: pace.slack) if len(paces) == len(runs) else None
