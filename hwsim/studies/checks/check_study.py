"""Check a study: run it, and compare what it finds with what it expects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hwsim.errors import InputError
from hwsim.studies.checks.baseline import matched, other_weights, read_baseline
from hwsim.studies.checks.declared import Declared
from hwsim.studies.checks.figures import figures_of
from hwsim.studies.checks.finding import CheckResult
from hwsim.studies.checks.judging import Judge
from hwsim.studies.checks.known import KnownPoint, refuse_unknown
from hwsim.studies.expectations import subjects_of
from hwsim.studies.store.store import Store
from hwsim.studies.study_cells import PricedCell
from hwsim.studies.study_file import Study, read_study, study_of
from hwsim.studies.study_run import run_study
from hwsim.studies.workers.choice import Crew


def check_study(
    study: str | Path | Mapping[str, Any] | Study,
    store: str | Path | Store | None = None,
    *,
    against: str | Path | None = None,
    new: Sequence[str] = (),
    makes_baseline: bool = False,
    workers: int | Crew | None = None,
    progress: bool = False,
    command: str | None = None,
) -> CheckResult:
    """Run a study and judge every expectation of it.

    Parameters
    ----------
    study, store, workers, progress, command
        As for :func:`hwsim.run_study`.
    against : str or Path, optional
        The baseline that expectations may refer to.
    new : sequence of str
        Conditions on coordinates, ``layer`` and ``energy_table``: what meets all of one text need
        not be in the baseline.
    makes_baseline : bool
        Whether the figures are to be a baseline for others. Nothing needs to be expected then, and
        without ``against`` what refers to a baseline is new.

    Returns
    -------
    CheckResult
        A finding for each expectation and point.

    Raises
    ------
    InputError
        Before anything is evaluated: if the study or the baseline cannot be read, nothing is
        expected, or something that is expected is of no point, layer, table or unit that there is.
    """
    asked = _read(study)
    expected = asked.expectations
    if not expected and not makes_baseline:
        raise InputError(f"study {asked.name!r} expects nothing; list it under 'expect'")
    refers = [each for each in expected if each.bound.of_baseline]
    if refers and against is None and not makes_baseline:
        raise InputError(
            f"{refers[0].place}: {refers[0].text!r} refers to a baseline; give one with --against, "
            "or make one with --write-baseline"
        )
    places = [point.coordinates for point in asked.points]
    declared = Declared(new, asked.axes)
    baseline = None if against is None else read_baseline(against)
    former, gone = (None, 0) if baseline is None else matched(baseline, places)
    subjects = [(each, subjects_of(each, places, asked.baseline)) for each in expected]
    known: list[KnownPoint] = []

    def look(cells: Sequence[PricedCell]) -> None:
        known.extend(map(KnownPoint.of, cells))
        refuse_unknown(subjects, known)

    result = run_study(
        asked, store, workers=workers, progress=progress, command=command, before=look
    )
    figures = figures_of(result, places, [each.clock_hz for each in known])
    judge = Judge(places, known, figures, former, declared)
    findings = [found for each, whose in subjects for found in judge.findings(each, whose)]
    provenance = result.entry.provenance
    notes = [*asked.notes]
    if baseline is not None:
        notes += [
            f"the baseline is of other weights of {name}"
            for name in other_weights(baseline, provenance)
        ]
        if gone:
            notes.append(f"{gone} of the baseline's points are not in the study")
        if not refers:
            notes.append(f"no expectation refers to the baseline {against}")
    notes += [f"--new {text!r} is of nothing that the baseline has not" for text in declared.unused]
    return CheckResult(
        study=asked.name,
        date=result.entry.updated,
        findings=tuple(findings),
        notes=tuple(notes),
        provenance=provenance,
        figures=tuple(figures),
    )


def _read(study: str | Path | Mapping[str, Any] | Study) -> Study:
    if isinstance(study, Study):
        return study
    return study_of(study) if isinstance(study, Mapping) else read_study(study)
