"""``hwsim check``: whether what a study expects holds, for continuous integration."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hwsim.cli.errors import BAD_INPUT, REQUIREMENT_FAILED
from hwsim.cli.options import JsonOption, NoCacheOption, StoreOption
from hwsim.cli.study import SchedulerOption, TlsOption, WorkersOption, crew_of
from hwsim.errors import InputError
from hwsim.inputs_read import refuse_own_input

if TYPE_CHECKING:
    from hwsim.studies.checks import CheckResult

#: Where GitHub takes the summary of a job's step from.
_STEP_SUMMARY: Final = "GITHUB_STEP_SUMMARY"
#: By which a report is known: ``### hwsim check``, ``<?xml version=``.
_HEADING_BYTES: Final = 14


def check(
    file: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="See docs/check.md.")],
    against: Annotated[
        Path | None,
        typer.Option(metavar="BASELINE.json", help="Figures of a former check."),
    ] = None,
    new: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITIONS",
            help="What the baseline need not have, e.g. 'scheme=ternary'; repeatable.",
        ),
    ] = None,
    store: StoreOption = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE.xml", help="Write the findings as JUnit XML.")
    ] = None,
    summary: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.md",
            help="Write them as Markdown; else $GITHUB_STEP_SUMMARY gets them, if it is set.",
        ),
    ] = None,
    write_baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE.json", help="Keep the figures for checks to come."),
    ] = None,
    workers: WorkersOption = 0,
    scheduler: SchedulerOption = None,
    tls: TlsOption = None,
    no_cache: NoCacheOption = False,
    json: JsonOption = False,
) -> None:
    """Run a study and tell whether what it expects holds; exit 1 if not, 2 if it cannot be told.

    Without --store results are kept beside the study file, as STUDY.db.

    Example: hwsim check study.yaml --against baseline.json --junit junit.xml
    """
    from hwsim.cli.output import command_line, print_json, print_report
    from hwsim.studies.checks import check_study
    from hwsim.studies.store.opening import store_beside

    if new and against is None:
        raise InputError("--new declares what a baseline need not have; give one with --against")
    try:
        result = check_study(
            file,
            store or store_beside(file),
            against=against,
            new=new or (),
            makes_baseline=write_baseline is not None,
            workers=crew_of(workers, scheduler, tls),
            progress=True,
            command=command_line(),
        )
    except InputError as error:
        _report_refusal(file.stem, str(error), junit, summary)
        raise
    if json:
        print_json(result.to_dict())
    else:
        from hwsim.reports.check_report import check_report

        print_report(check_report(result))
    _report(result, junit, summary)
    if write_baseline is not None:
        result.save_baseline(write_baseline)
        print(f"baseline  {write_baseline}", file=sys.stderr if json else sys.stdout)
    if result.count("error"):
        raise typer.Exit(BAD_INPUT)
    if result.count("fails"):
        raise typer.Exit(REQUIREMENT_FAILED)


def _report(result: CheckResult, junit: Path | None, summary: Path | None) -> None:
    from hwsim.reports.check_junit import check_junit
    from hwsim.reports.check_markdown import check_markdown

    _write(junit, check_junit(result))
    _summarise(summary, check_markdown(result))


def _report_refusal(study: str, problem: str, junit: Path | None, summary: Path | None) -> None:
    """Leave no report of a former check behind."""
    from hwsim.reports.check_junit import refusal_junit
    from hwsim.reports.check_markdown import refusal_markdown

    _write_over_report(junit, refusal_junit(study, problem))
    if summary is None:
        _summarise(None, refusal_markdown(study, problem))
    _write_over_report(summary, refusal_markdown(study, problem))


def _write_over_report(path: Path | None, text: str) -> None:
    """Write where nothing is, or a report: of a study that cannot be read no input is known."""
    if path is not None and path.is_file():
        with path.open("rb") as file:
            if file.read(_HEADING_BYTES) not in (text.encode()[:_HEADING_BYTES], b""):
                return
    _write(path, text)


def _write(path: Path | None, text: str) -> None:
    from hwsim.whole_file import whole_file

    if path is not None:
        with whole_file(path) as aside:
            aside.write_text(text, encoding="utf-8")


def _summarise(path: Path | None, text: str) -> None:
    """Write the summary into its file, or append it to that of the step."""
    step = os.environ.get(_STEP_SUMMARY)
    if path is not None or not step:
        _write(path, text)
        return
    refuse_own_input(Path(step))
    with Path(step).open("a", encoding="utf-8") as summary:
        summary.write(text)
