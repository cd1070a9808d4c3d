"""``hwsim study``: comparisons by the hundred, kept in a store."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwsim.cli.errors import PROGRAM_FAILED
from hwsim.cli.options import JsonOption, NoCacheOption, OutputOption, StoreOption
from hwsim.errors import InputError
from hwsim.plausible import MOST_WORKERS
from hwsim.shown_text import bounded

if TYPE_CHECKING:
    from hwsim.studies.study_file import Study
    from hwsim.studies.workers.choice import Crew

app = typer.Typer(help="Studies: run, look at, compare what a store keeps.", no_args_is_help=True)
_StoreArgument = Annotated[Path, typer.Argument(metavar="STORE", help="A store, e.g. study.db.")]
_NameArgument = Annotated[
    str | None,
    typer.Argument(metavar="[STUDY]", help="Its name; the only one if not given."),
]
_ByOption = Annotated[str, typer.Option(metavar="point|layer", help="What a row is about.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be done, and how long it may take.")
]
LogOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write a line for each finished layer.")
]
WorkersOption = Annotated[
    int, typer.Option(min=0, max=MOST_WORKERS, metavar="N", help="Side by side; 0 for all cores.")
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="A dask scheduler, whose workers evaluate: tcp://host:8786, or its file.",
        show_default=False,
    ),
]
TlsOption = Annotated[
    str | None,
    typer.Option(
        metavar="CA,CERT,KEY",
        help="Certificates for it, PEM files; else those of dask's configuration.",
        show_default=False,
    ),
]


def crew_of(workers: int, scheduler: str | None, tls: str | None) -> Crew:
    """Take what is said of workers.

    Raises
    ------
    InputError
        If certificates are for no scheduler, or not three.
    """
    from hwsim.studies.workers.choice import Crew
    from hwsim.studies.workers.cluster import TlsFiles

    if tls is None:
        return Crew(workers, scheduler)
    files = [Path(each.strip()) for each in tls.split(",")]
    if scheduler is None or len(files) != len(fields(TlsFiles)):
        raise InputError("--tls: expected CA,CERT,KEY, three files, beside a --scheduler")
    return Crew(workers, scheduler, TlsFiles(*files))


@app.command("run")
def run(
    file: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="See docs/studies.md.")],
    store: StoreOption = None,
    workers: WorkersOption = 0,
    scheduler: SchedulerOption = None,
    tls: TlsOption = None,
    dry_run: DryRunOption = False,
    log: LogOption = None,
    output: OutputOption = None,
    no_cache: NoCacheOption = False,
    json: JsonOption = False,
) -> None:
    """Evaluate what of a study its store does not know yet.

    Without --store it is kept beside the study file, as STUDY.db.

    Example: hwsim study run study.yaml --dry-run
    """
    from hwsim.studies.store.opening import store_beside
    from hwsim.studies.study_file import read_study

    run_and_report(
        read_study(file),
        store or store_beside(file),
        workers=crew_of(workers, scheduler, tls),
        dry_run=dry_run,
        log=log,
        output=output,
        json=json,
    )


def run_and_report(
    study: Study,
    store: Path | None,
    *,
    workers: Crew,
    dry_run: bool,
    log: Path | None,
    output: Path | None,
    json: bool,
) -> None:
    """Run a study, print what it found, and save tables and figures; or say what it would do."""
    from hwsim.cli.output import command_line, print_json, print_report
    from hwsim.reports.figures.study_figures import write_study_figures
    from hwsim.reports.study_report import forecast_report, study_report
    from hwsim.studies.folder import whole_folder
    from hwsim.studies.study_run import forecast, run_study

    for note in study.notes:
        print(f"note: {note}", file=sys.stderr)
    if dry_run:
        coming = forecast(study, store)
        print_json(coming.to_dict()) if json else print_report(forecast_report(coming))
        return
    with whole_folder(output) if output else nullcontext() as folder:
        result = run_study(
            study, store, workers=workers, progress=True, command=command_line(), log=log
        )
        if folder is not None:
            result.write(folder)
            if result.points["energy"].notna().any():
                write_study_figures(result, folder)
    if json:
        print_json(result.to_dict())
    else:
        print_report(study_report(result))
        for word, place in (("kept", store), ("saved", output)):
            if place is not None:
                print(f"{word:10}{place}")
    if failures := result.failures:
        for line in failures:
            print(bounded(f"error: {line}"), file=sys.stderr)
        raise typer.Exit(PROGRAM_FAILED)


@app.command("list")
def list_(store: _StoreArgument, json: JsonOption = False) -> None:
    """List the studies of a store, the one that ran last first."""
    from dataclasses import asdict

    from hwsim.cli.output import print_json, print_report
    from hwsim.reports.study_report import study_list
    from hwsim.studies.store.store import Store
    from hwsim.studies.study_store import list_studies

    with Store(store, read_only=True) as opened:
        entries = list_studies(opened)
    if json:
        print_json({"studies": [asdict(each) for each in entries]})
    else:
        print_report(study_list(entries))


@app.command("show")
def show(store: _StoreArgument, name: _NameArgument = None, json: JsonOption = False) -> None:
    """Show what a study has found so far, or a run that was kept here."""
    from hwsim.cli.output import print_json, print_report
    from hwsim.reports.run_report import run_report
    from hwsim.reports.study_report import study_report
    from hwsim.studies.opened import open_stored
    from hwsim.studies.result import RunResult

    result = open_stored(store, name)
    if json:
        print_json(result.to_dict())
    elif isinstance(result, RunResult):
        print_report(run_report(result))
    else:
        print_report(study_report(result))


@app.command("export")
def export(
    store: _StoreArgument,
    name: _NameArgument = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="TARGET", help="A .parquet, .csv or .json file, or a folder."
        ),
    ] = ...,  # type: ignore[assignment]
    by: _ByOption = "layer",
) -> None:
    """Write a study as a table for other tools.

    Example: hwsim study export study.db -o layers.parquet
    """
    from hwsim.studies.study_export import export_study
    from hwsim.studies.study_result import LEVELS, load_study_result

    if by not in LEVELS:
        raise InputError(f"--by {by!r}: expected {' or '.join(LEVELS)}")
    export_study(load_study_result(store, name), output, by)
    print(f"saved     {output}")


@app.command("plot")
def plot(
    store: _StoreArgument,
    name: _NameArgument = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for figures and tables.")
    ] = ...,  # type: ignore[assignment]
    kinds: Annotated[
        str, typer.Option("--format", metavar="png,svg,pdf", help="One or several.")
    ] = "png",
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="ARCH",
            help="The machine that sparse ones have to beat.  [default: itself]",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Draw a study: against sparsity, by layer, the Pareto front, the break-even sparsity.

    Example: hwsim study plot study.db -o figures --format png,svg --reference eyeriss-like
    """
    from hwsim.errors import did_you_mean
    from hwsim.reports.figures.sheet import FORMATS
    from hwsim.reports.figures.study_figures import write_study_figures
    from hwsim.studies.folder import whole_folder
    from hwsim.studies.study_result import load_study_result

    wanted = list(dict.fromkeys(each.strip().lower() for each in kinds.split(",")))
    for each in wanted:
        if each not in FORMATS:
            raise InputError(f"--format {each!r}{did_you_mean(each, FORMATS)}")
    result = load_study_result(store, name)
    with whole_folder(output) as folder:
        written = [each.name for each in write_study_figures(result, folder, wanted, reference)]
    print(f"saved     {output}: {', '.join(written)}")


@app.command("diff")
def diff(
    before: Annotated[str, typer.Argument(metavar="STORE[:STUDY]")],
    after: Annotated[str, typer.Argument(metavar="STORE[:STUDY]")],
    json: JsonOption = False,
) -> None:
    """Compare two studies point by point; exit 1 if they differ.

    Example: hwsim study diff old.db new.db
    """
    from hwsim.cli.output import print_json, print_report
    from hwsim.reports.study_report import diff_report
    from hwsim.studies.opened import open_study
    from hwsim.studies.study_diff import diff_studies

    found = diff_studies(open_study(before), open_study(after))
    print_json(found.to_dict()) if json else print_report(diff_report(found))
    if found.differs:
        raise typer.Exit(1)


@app.command("gc")
def gc(store: _StoreArgument) -> None:
    """Remove the results that no study of a store asks for any more."""
    from hwsim.studies.store.store import Store
    from hwsim.studies.study_store import collect_garbage

    if not store.is_file():
        raise InputError(f"{store}: no such store")
    with Store(store) as opened:
        gone = collect_garbage(opened)
    print(f"removed   {gone['tasks']} tasks, {gone['activities']} activities")
