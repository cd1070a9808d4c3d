"""The run of a study: what the store does not know is evaluated, kept, and priced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hwsim.errors import InputError
from hwsim.inputs_read import note_written, refuse_own_input
from hwsim.rare_collection import rare_collection
from hwsim.studies.evaluation import Evaluation
from hwsim.studies.progress import stage
from hwsim.studies.store.store import Store, opened
from hwsim.studies.study_cells import PricedCell, StudyCells
from hwsim.studies.study_file import Study, read_study, study_of
from hwsim.studies.study_prices import price_study
from hwsim.studies.study_provenance import provenance
from hwsim.studies.study_result import StudyResult, load_study_result
from hwsim.studies.study_store import StoredPoint, keep_study
from hwsim.studies.workers.choice import Crew, workers_for
from hwsim.studies.workers.protocol import Workers

#: How often a task is tried before its error is recorded.
ATTEMPTS = 3


@rare_collection()
def run_study(
    study: str | Path | Mapping[str, Any] | Study,
    store: str | Path | Store | None = None,
    *,
    workers: int | Crew | None = None,
    progress: bool = False,
    command: str | None = None,
    log: str | Path | None = None,
    before: Callable[[Sequence[PricedCell]], None] | None = None,
) -> StudyResult:
    """Evaluate what of a study its store does not know yet, and price it.

    Parameters
    ----------
    study : str, Path, mapping or Study
        A study file, what one would say, or a study.
    store : str, Path or Store, optional
        Where results are kept and looked up; in memory, for this call, when not given.
    workers : int or Crew, optional
        How many evaluate side by side, as many as there are cores when not given; or a
        :class:`~hwsim.studies.workers.choice.Crew` with a dask scheduler.
    progress : bool
        Whether to show how far it is on standard error.
    command : str, optional
        The command that runs it, for the provenance.
    log : str or Path, optional
        A file that gets a line with the time for each layer that is done or has failed.
    before : callable, optional
        Given the cell of each point before anything is evaluated or kept; it may refuse.

    Returns
    -------
    StudyResult
        What failed is in it by name and reason.

    Raises
    ------
    InputError
        If the study cannot be read, or the store cannot be used.
    EvaluationStoppedError
        After Ctrl-C; what was in flight has been finished and kept.

    Notes
    -----
    As :func:`hwsim.run` it lets Python look for circles of garbage seldom.
    """
    asked = _study(study)
    with opened(store) as kept:
        cells = cells_of(asked)
        if before is not None:
            before(cells)
        evaluation = Evaluation([each.cell for each in cells], kept, attempts=ATTEMPTS)
        models = [model for each in cells for model in each.prices.values()]
        rests_on = provenance([each.cell for each in cells], models, command)
        points = _stored(asked, cells, evaluation)
        keep_study(kept, asked.name, asked.spec, points, rests_on)
        try:
            _evaluate(evaluation, workers, progress, log)
        finally:
            price_study(kept, asked.name, cells)
        return load_study_result(kept, asked.name)


@dataclass(frozen=True)
class StudyForecast:
    """What a study would do.

    Parameters
    ----------
    points, layers : int
        Points of the study, and layers of all of them.
    tasks : int
        How many are different.
    known : int
        How many of those the store has.
    seconds : float or None
        How long the others may take on one worker, by what tasks of the engines in the store took;
        None if the store has none of an engine.
    """

    points: int
    layers: int
    tasks: int
    known: int
    seconds: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)


def forecast(
    study: str | Path | Mapping[str, Any] | Study, store: str | Path | None
) -> StudyForecast:
    """Tell what a study would do, and do nothing.

    Parameters
    ----------
    study, store
        As for :func:`run_study`; a store that is not there knows nothing, and is not made.
    """
    asked = _study(study)
    there = store is not None and Path(store).exists()
    with Store(store, read_only=True) if store is not None and there else Store(":memory:") as kept:
        cells = cells_of(asked)
        evaluation = Evaluation([each.cell for each in cells], kept)
        tasks = [task for number in range(len(cells)) for task in evaluation.keys_of(number)]
        missing = evaluation.missing
        return StudyForecast(
            points=len(cells),
            layers=len(tasks),
            tasks=len({task.key for task in tasks}),
            known=len({task.key for task in tasks}) - len(missing),
            seconds=_expected(kept, [task.machine.engine.name for task in missing]),
        )


def _expected(store: Store, engines: Sequence[str]) -> float | None:
    means = dict(store.query("SELECT engine, avg(seconds) FROM timings GROUP BY engine"))
    if any(engine not in means for engine in engines):
        return None
    return float(sum(means[engine] for engine in engines))


def cells_of(study: Study) -> list[PricedCell]:
    """Make the cell of each point of a study, in order."""
    cells = StudyCells(study.points)
    return [cells.of(point) for point in study.points]


def _study(study: str | Path | Mapping[str, Any] | Study) -> Study:
    if isinstance(study, Study):
        return study
    return study_of(study) if isinstance(study, Mapping) else read_study(study)


def _evaluate(
    evaluation: Evaluation, workers: int | Crew | None, progress: bool, log: str | Path | None
) -> None:
    total = sum(len(cell.plan.chosen.layers) for cell in evaluation.cells)
    with stage("Evaluating", total, wanted=progress) as step, _log(log) as write:

        def done(layer: str) -> None:
            step(layer)
            write(layer)

        evaluation.on_done = done
        with workers_of(evaluation, workers) as crew:
            evaluation.run(crew)


@contextmanager
def _log(path: str | Path | None) -> Iterator[Callable[[str], None]]:
    if path is None:
        yield lambda _: None
        return
    with ExitStack() as stack:
        try:
            refuse_own_input(Path(path))
            file = stack.enter_context(Path(path).open("a", encoding="utf-8", buffering=1))
        except OSError as error:
            raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error
        note_written(Path(path))
        yield lambda line: print(datetime.now(UTC).isoformat(timespec="seconds"), line, file=file)


def workers_of(evaluation: Evaluation, wanted: int | Crew | None) -> Workers:
    """Choose who evaluates.

    Parameters
    ----------
    evaluation : Evaluation
        What is missing.
    wanted : int, Crew or None
        How many, or which.
    """
    return workers_for([task.machine for task in evaluation.missing], wanted)


def _stored(study: Study, cells: Sequence[PricedCell], evaluation: Evaluation) -> list[StoredPoint]:
    points = []
    for number, (point, cell) in enumerate(zip(study.points, cells, strict=True)):
        baseline = study.baseline_of(point)
        layers = [(task.where.layer, task.key) for task in evaluation.keys_of(number)]
        place = None if baseline is None else baseline.number
        points.append(StoredPoint(point.coordinates, place, tuple(cell.prices), layers))
    return points
