"""The search for the best points of a study too large to evaluate whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hwsim.csv_tables import write_table
from hwsim.errors import InputError, did_you_mean
from hwsim.studies.evaluation import Evaluation
from hwsim.studies.pareto import pareto_front
from hwsim.studies.progress import stage
from hwsim.studies.proposals import SAMPLERS, Proposals
from hwsim.studies.store.store import Store, opened
from hwsim.studies.study_cells import PricedCell, StudyCells
from hwsim.studies.study_file import Point, Study, read_study
from hwsim.studies.study_prices import price_study
from hwsim.studies.study_provenance import provenance
from hwsim.studies.study_result import StudyResult, load_study_result
from hwsim.studies.study_run import ATTEMPTS, workers_of
from hwsim.studies.study_store import StoredPoint, keep_study
from hwsim.studies.workers.choice import Crew
from hwsim.studies.workers.protocol import Workers

if TYPE_CHECKING:
    import pandas as pd

#: What may be made small: columns of the table of points, and products of them.
OBJECTIVES: Final[Mapping[str, tuple[str, ...]]] = {
    "energy": ("energy",),
    "cycles": ("cycles",),
    "area": ("area",),
    "edp": ("energy", "cycles"),
}
DEFAULT_OBJECTIVES: Final = ("energy", "cycles")
DEFAULT_BUDGET: Final = 100
DEFAULT_SAMPLER: Final = "nsga2"
#: Points that are proposed before any of them is looked at: the same on every machine, so that a
#: search is repeated exactly, and enough for many cores.
_BATCH: Final = 16


@dataclass(frozen=True, eq=False)
class Exploration:
    """What a search found.

    Parameters
    ----------
    result : StudyResult
        The points that were evaluated.
    table : DataFrame
        A row for each of them, by the first energy table: that of ``result.points`` with a column
        for each objective that is a product, and ``front``, whether no other one beats it.
    objectives : tuple of str
        What was to be small.
    whole : bool
        Whether every point of the study was evaluated, so that the front is the true one.
    """

    result: StudyResult
    table: pd.DataFrame
    objectives: tuple[str, ...]
    whole: bool

    @property
    def front(self) -> pd.DataFrame:
        """The rows on the front, by the first objective."""
        return self.table[self.table["front"]].sort_values(self.objectives[0], kind="stable")

    def write(self, folder: Path) -> None:
        """Write the files of the result, and ``front.csv``, into an existing folder."""
        replace(self.result, points=self.table).write(folder)
        write_table(self.front, folder / "front.csv")

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            **self.result.to_dict(),
            "objectives": list(self.objectives),
            "whole": self.whole,
            "points": self.table.to_dict(orient="records"),
        }


def explore(
    study: str | Path | Study,
    objectives: str | Sequence[str] | None = None,
    budget: int | None = None,
    *,
    sampler: str | None = None,
    seed: int | None = None,
    store: str | Path | Store | None = None,
    workers: int | Crew | None = None,
    progress: bool = False,
    command: str | None = None,
) -> Exploration:
    """Search a study for points that no other one beats.

    What is evaluated is kept in the store, as of any study, and proposals depend on seed and
    results only: a search that was ended and is begun again finds its former results and goes on.

    Parameters
    ----------
    study : str, Path or Study
        A study file or a study. What its section ``explore`` says holds for what is not given.
    objectives : str or sequence of str, optional
        Of :data:`OBJECTIVES`, also one text with commas.
    budget : int, optional
        How many points are evaluated at most; a study that has no more is evaluated whole.
    sampler : {"nsga2", "tpe", "random"}, optional
        How points are proposed, by optuna.
    seed : int, optional
        Of the proposals.
    store, workers, progress, command
        As for :func:`hwsim.run_study`.

    Raises
    ------
    InputError
        If the study cannot be read, an objective is none, or optuna is not installed.
    EvaluationStoppedError
        After Ctrl-C; what was in flight has been finished and kept.
    """
    asked = study if isinstance(study, Study) else read_study(study)
    said = dict(asked.exploration or {})
    wanted = _objectives(objectives or said.get("objectives") or DEFAULT_OBJECTIVES)
    limit = budget or said.get("budget") or DEFAULT_BUDGET
    chosen = sampler or said.get("sampler") or DEFAULT_SAMPLER
    if chosen not in SAMPLERS:
        raise InputError(f"sampler {chosen!r}{did_you_mean(chosen, SAMPLERS)}")
    first = seed if seed is not None else said.get("seed") or 0
    with opened(store) as kept, ExitStack() as stack:
        search = _Search(asked, kept, wanted, command, workers, stack)
        if len(asked.points) <= limit:
            batches: Iterator[Sequence[Point]] = iter([asked.points])
        else:
            proposals = Proposals(asked.points, len(wanted), chosen, first)
            batches = proposals.batches(limit, _BATCH, search.values)
        with stage("Exploring", min(limit, len(asked.points)), wanted=progress) as step:
            for batch in batches:
                search.evaluate(batch)
                for _ in batch:
                    step("")
        return search.exploration()


class _Search:
    """The points of a study that have been evaluated, and how good they are."""

    def __init__(
        self,
        study: Study,
        store: Store,
        objectives: tuple[str, ...],
        command: str | None,
        workers: int | Crew | None,
        stack: ExitStack,
    ) -> None:
        self._study = replace(study, name=f"{study.name}, explored")
        self._store = store
        self._objectives = objectives
        self._command = command
        self._count, self._stack = workers, stack
        self._crew: Workers | None = None
        self._cells = StudyCells(study.points)
        self._evaluated: dict[int, tuple[Point, PricedCell, list[tuple[str, str]]]] = {}

    def evaluate(self, points: Sequence[Point]) -> None:
        """Evaluate points, keep them as the study that they are so far, and price them."""
        cells = [self._cells.of(point) for point in points]
        evaluation = Evaluation([each.cell for each in cells], self._store, attempts=ATTEMPTS)
        for number, (point, cell) in enumerate(zip(points, cells, strict=True)):
            layers = [(task.where.layer, task.key) for task in evaluation.keys_of(number)]
            self._evaluated[point.number] = (point, cell, layers)
        self._keep()
        try:
            if self._crew is None:  # one for the whole search
                self._crew = self._stack.enter_context(workers_of(evaluation, self._count))
            evaluation.run(self._crew)
        finally:
            price_study(self._store, self._study.name, cells)

    def values(self, points: Sequence[Point]) -> list[tuple[float, ...]]:
        """Give the objectives of evaluated points; NaN where a layer failed."""
        table = self.exploration().table
        rows = dict(zip(self._evaluated, table[list(self._objectives)].to_numpy(), strict=True))
        return [tuple(map(float, rows[point.number])) for point in points]

    def exploration(self) -> Exploration:
        """Give what has been found so far."""
        result = load_study_result(self._store, self._study.name)
        first = result.points["energy_table"].iloc[0]
        table = result.points[result.points["energy_table"] == first].reset_index(drop=True)
        for name in self._objectives:
            factors = OBJECTIVES[name]
            table[name] = table[list(factors)].prod(axis=1, skipna=False)
        values = table[list(self._objectives)].to_numpy(float)
        whole = len(self._evaluated) == len(self._study.points)
        return Exploration(
            result, table.assign(front=pareto_front(values)), self._objectives, whole
        )

    def _keep(self) -> None:
        places = {number: place for place, number in enumerate(self._evaluated)}
        points = []
        for point, cell, layers in self._evaluated.values():
            baseline = self._study.baseline_of(point)
            place = None if baseline is None else places.get(baseline.number)
            points.append(StoredPoint(point.coordinates, place, tuple(cell.prices), layers))
        cells = [cell for _, cell, _ in self._evaluated.values()]
        models = [model for each in cells for model in each.prices.values()]
        rests_on = provenance([each.cell for each in cells], models, self._command)
        keep_study(self._store, self._study.name, self._study.spec, points, rests_on)


def _objectives(wanted: str | Sequence[str]) -> tuple[str, ...]:
    names = wanted.split(",") if isinstance(wanted, str) else wanted
    listed = tuple(dict.fromkeys(name.strip() for name in names))
    for name in listed:
        if name not in OBJECTIVES:
            raise InputError(f"objective {name!r}{did_you_mean(name, OBJECTIVES)}")
    return listed
