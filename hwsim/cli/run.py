"""``hwsim run``: a network under several schemes on an architecture."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from hwsim.cli.completion import complete_scheme
from hwsim.cli.errors import PROGRAM_FAILED
from hwsim.cli.options import JsonOption, NoCacheOption, OutputOption, StoreOption
from hwsim.cli.request import INPUTS, NETWORK_ON_MACHINE, PROGRAM, takes_request
from hwsim.shown_text import bounded, is_file_name

if TYPE_CHECKING:
    from hwsim.studies import Request

_SchemesOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME[:KEY=VALUE,...]",
        help="Weight scheme, e.g. signed-binary:p=0.5; repeatable.  "
        "[default: dense, binary, signed-binary]",
        autocompletion=complete_scheme,
        show_default=False,
    ),
]


@takes_request(
    *NETWORK_ON_MACHINE,
    *("energy", "density", *INPUTS, "equal_area", "engine", *PROGRAM),
    scheme=(_SchemesOption, None),
)
def run(
    *,
    request: Request,
    store: StoreOption = None,
    output: OutputOption = None,
    no_cache: NoCacheOption = False,
    json: JsonOption = False,
    per_layer: Annotated[
        bool, typer.Option("--per-layer", help="List every layer, also where there are many.")
    ] = False,
) -> None:
    """Compare schemes layer by layer: cycles, utilisation, energy.

    With --store what is finished is kept, and a run that was ended goes on where it was.

    Example: hwsim run --arch sigma --model resnet18.npz -o results
    """
    from hwsim.cli.output import command_line, print_json, print_report
    from hwsim.studies import run as run_study
    from hwsim.studies.folder import whole_folder
    from hwsim.studies.result import STALE

    with whole_folder(output, stale=STALE) if output else nullcontext() as folder:
        result = run_study(request, progress=not json, store=store, command=command_line())
        if folder is not None:
            from hwsim.reports.figures.energy_bars import draw_energy
            from hwsim.reports.figures.sheet import write_figure

            result.write(folder)
            for number, name in enumerate(result.energy_tables):
                # A name of a table is its author's, and not always one of a file.
                whose = name if is_file_name(name) else str(number + 1)
                file = folder / ("energy.png" if number == 0 else f"energy-{whose}.png")
                write_figure(draw_energy(result.by_energy_table(name)), file)
    if json:
        print_json(result.to_dict())
    else:
        from hwsim.reports.run_report import run_report

        print_report(run_report(result, per_layer or None))
        for word, place in (("kept", store), ("saved", output)):
            if place is not None:
                print(f"{word:10}{place}")
    if failures := result.manifest["failures"]:
        for line in failures:
            print(bounded(f"error: {line}"), file=sys.stderr)
        raise typer.Exit(PROGRAM_FAILED)
