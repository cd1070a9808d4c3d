"""Which points of a study to evaluate next: optuna's samplers over its coordinates."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from hwsim.errors import InputError
from hwsim.studies.study_file import Point

#: How points can be proposed.
SAMPLERS: Final = ("nsga2", "tpe", "random")
#: Proposals of points that are known or left out, in a row, after which the next new one of the
#: study is taken.
_PATIENCE: Final = 100
#: Stands for what could not be evaluated: worse than anything, and finite, as samplers need it.
_WORST: Final = 1e300
_POPULATION: Final = 32

Values = Callable[[Sequence[Point]], list[tuple[float, ...]]]


class Proposals:
    """Proposes points and learns from what they turn out to be.

    Parameters
    ----------
    points : sequence of Point
        All of the study; each coordinate is a choice between the values that it has in any.
    objectives : int
        How many values a point turns out to have.
    sampler : {"nsga2", "tpe", "random"}
        NSGA-II (Deb et al., IEEE Trans. Evol. Comp. 2002), a tree-structured Parzen estimator
        (Bergstra et al., NeurIPS 2011), or neither.
    seed : int
        Equal seeds propose equal points.

    Raises
    ------
    InputError
        If optuna is not installed.
    """

    def __init__(self, points: Sequence[Point], objectives: int, sampler: str, seed: int) -> None:
        try:
            import optuna
        except ImportError as error:
            raise InputError(
                "exploring more points than the budget needs optuna: pip install 'hwsim[explore]'"
            ) from error
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        samplers = optuna.samplers
        made: Any
        if sampler == "nsga2":
            made = samplers.NSGAIISampler(population_size=_POPULATION, seed=seed)
        elif sampler == "tpe":
            made = samplers.TPESampler(seed=seed, constant_liar=True)
        else:
            made = samplers.RandomSampler(seed=seed)
        self._search = optuna.create_study(directions=["minimize"] * objectives, sampler=made)
        self._trouble = optuna.trial.TrialState.FAIL
        self._points = points
        self._by_place = {_place(point.coordinates): point for point in points}
        axes = points[0].coordinates
        self._choices = {
            axis: list(dict.fromkeys(point.coordinates[axis] for point in points)) for axis in axes
        }
        self._known: dict[int, tuple[float, ...]] = {}

    def batches(self, budget: int, size: int, values: Values) -> Iterator[Sequence[Point]]:
        """Propose batches of points until the budget is spent.

        Parameters
        ----------
        budget : int
            How many points in all.
        size : int
            Points of one batch.
        values : callable
            Asked for the values of each batch when the next one is asked for.

        Yields
        ------
        sequence of Point
            None of which was proposed before.
        """
        while len(self._known) < min(budget, len(self._points)):
            wanted = min(size, budget - len(self._known))
            trials = self._batch(wanted)
            batch = list(trials)
            points = [self._points[number] for number in batch]
            yield points
            for number, found in zip(batch, values(points), strict=True):
                self._known[number] = found
                if (trial := trials[number]) is not None:
                    self._search.tell(trial, [_finite(value) for value in found])

    def _batch(self, wanted: int) -> dict[int, Any]:
        """Ask for new points; trials by the number of their point, None where none was asked."""
        trials: dict[int, Any] = {}
        in_vain = 0
        while len(trials) < wanted:
            if in_vain >= _PATIENCE:
                number = self._next_new(trials)
                if number is None:
                    break
                trials[number] = None
                continue
            trial = self._search.ask()
            place = tuple(
                self._choices[axis][trial.suggest_categorical(axis, range(len(choices)))]
                for axis, choices in self._choices.items()
            )
            point = self._by_place.get(place)
            if point is not None and point.number not in trials and point.number not in self._known:
                trials[point.number], in_vain = trial, 0
                continue
            in_vain += 1
            if point is not None and point.number in self._known:
                found = [_finite(value) for value in self._known[point.number]]
                self._search.tell(trial, found)
            else:  # left out of the study, or proposed a moment ago
                self._search.tell(trial, state=self._trouble)
        return trials

    def _next_new(self, trials: Mapping[int, Any]) -> int | None:
        taken = self._known.keys() | trials.keys()
        return next((point.number for point in self._points if point.number not in taken), None)


def _place(coordinates: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(coordinates.values())


def _finite(value: float) -> float:
    return value if math.isfinite(value) else _WORST
