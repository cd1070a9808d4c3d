"""``hwsim explore``: the best points of a study too large to evaluate whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.options import JsonOption, NoCacheOption, OutputOption, StoreOption
from hwsim.cli.study import SchedulerOption, TlsOption, WorkersOption, crew_of
from hwsim.plausible import LARGEST_SEED, MOST_POINTS


def explore(
    file: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="See docs/studies.md.")],
    objective: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,...",
            help="To be small: energy, cycles, area, edp.  [default: energy,cycles]",
            show_default=False,
        ),
    ] = None,
    budget: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MOST_POINTS,
            metavar="N",
            help="Points to evaluate at most.  [default: 100]",
            show_default=False,
        ),
    ] = None,
    sampler: Annotated[
        str | None,
        typer.Option(
            metavar="nsga2|tpe|random",
            help="How points are proposed.  [default: nsga2]",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=LARGEST_SEED,
            help="Of the proposals.  [default: 0]",
            show_default=False,
        ),
    ] = None,
    store: StoreOption = None,
    workers: WorkersOption = 0,
    scheduler: SchedulerOption = None,
    tls: TlsOption = None,
    output: OutputOption = None,
    no_cache: NoCacheOption = False,
    json: JsonOption = False,
) -> None:
    """Search a study for points that no other one beats in every objective.

    Without --store what is evaluated is kept beside the study file, as STUDY.db; a search that was
    ended goes on where it was.

    Example: hwsim explore study.yaml --objective energy,cycles,area --budget 200
    """
    from hwsim.cli.output import command_line, print_json, print_report
    from hwsim.studies.exploration import explore as explore_study
    from hwsim.studies.store.opening import store_beside

    place = store or store_beside(file)
    found = explore_study(
        file,
        objective,
        budget,
        sampler=sampler,
        seed=seed,
        store=place,
        workers=crew_of(workers, scheduler, tls),
        progress=True,
        command=command_line(),
    )
    if output:
        from hwsim.studies.folder import whole_folder

        with whole_folder(output) as folder:
            found.write(folder)
    if json:
        print_json(found.to_dict())
        return
    from hwsim.reports.study_report import exploration_report

    print_report(exploration_report(found))
    print(f"kept      {place}")
    if output:
        print(f"saved     {output}")
