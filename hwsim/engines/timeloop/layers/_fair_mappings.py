"""Which mapping each variant of a layer takes, so that their ratios are not the search's luck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hwsim.engines.timeloop.mapper.objective import objective_value
from hwsim.pace import Pace, exceeds, ratio_limit


@dataclass(frozen=True)
class Trial:
    """A variant on a mapping: cycles, energy in pJ, and what the time depends on."""

    cycles: int
    energy: float
    pace: Pace

    def no_worse(self, other: Trial) -> bool:
        """Whether it takes no more cycles and no more energy."""
        return self.cycles <= other.cycles and self.energy <= other.energy


#: A row for each variant, the most demanding first; None where a mapping does not fit.
Trials = Sequence[Sequence[Trial | None]]


def choose_mappings(trials: Trials, objective: str) -> list[int]:
    """Choose among the mappings that were found for any of the variants.

    The first variant, which has the widest and most weights, takes the best of all. Every other
    one takes the best of those that gain it something and that the first has not passed over for
    something else: it costs no more cycles and no more energy than the first one's mapping, would
    not have given the first fewer cycles or less energy, and keeps the ratio of the cycles within
    its limit. A ratio is then what weights and machine make it: no variant pays for fewer bits or
    more zeros, and none is ahead because it was mapped for speed and the other for energy.

    Parameters
    ----------
    trials : sequence of sequence of Trial or None
        Of each variant on each mapping.
    objective : str
        What mappings are searched for: ``energy``, ``delay`` or ``edp``.

    Returns
    -------
    list of int
        For each variant the place of its mapping; of equally good ones the first.
    """
    first, *others = trials
    best, reference = _best(first, range(len(first)), objective)
    chosen = [best]
    for row in others:
        base = row[best]
        kept = [best] if base is not None else []
        for place, trial in enumerate(row):
            of_first = first[place]
            if (
                trial is not None
                and (base is None or trial.no_worse(base))
                and (of_first is None or reference.no_worse(of_first))
                and not exceeds(
                    reference.cycles, trial.cycles, ratio_limit(reference.pace, trial.pace)
                )
            ):
                kept.append(place)
        # One of its own always fits, should nothing be fair.
        own = [place for place, trial in enumerate(row) if trial is not None]
        chosen.append(_best(row, kept or own, objective)[0])
    return chosen


def _best(row: Sequence[Trial | None], places: Sequence[int], objective: str) -> tuple[int, Trial]:
    fitting = [(place, trial) for place in places if (trial := row[place]) is not None]
    return min(
        fitting, key=lambda each: objective_value(objective, float(each[1].cycles), each[1].energy)
    )
