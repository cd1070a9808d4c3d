"""``hwsim timeloop``: Timeloop's own inputs, evaluated as ``timeloop-model`` does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hwsim.cli.options import DefineOption, defined_values
from hwsim.cli.timeloop_mapper import mapper

app = typer.Typer(
    no_args_is_help=True, help="Evaluate Timeloop's inputs (v0.3 and v0.4), sparse ones included."
)
app.command("mapper")(mapper)


@app.command("model")
def model(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILES...",
            help="YAML files with architecture, problem, mapping, sparse_optimizations, ERT, ART.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Folder of the statistics file.")
    ] = Path(),
    define: DefineOption = None,
    as_timeloop: Annotated[
        bool,
        typer.Option(
            "--as-timeloop",
            help="Timeloop's figures also where it is wrong: of tensors without zeros that it "
            "takes for empty.",
        ),
    ] = False,
    json: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write all figures as JSON; - for standard output."),
    ] = None,
) -> None:
    """Evaluate a mapping; writes timeloop-model.stats.txt with Timeloop's labels.

    Example: hwsim timeloop model arch.yaml problem.yaml map.yaml ERT.yaml -o out --json out.json
    """
    from hwsim.cli.output import print_report, refuse_unwritable, wrote_json_alone
    from hwsim.engines.timeloop.figures.stats_file import write_stats
    from hwsim.engines.timeloop.inputs import evaluate_timeloop
    from hwsim.reports.timeloop_report import timeloop_report

    refuse_unwritable(json)
    result = evaluate_timeloop(files, defined_values(define), as_timeloop)
    path = write_stats(result.evaluation, output)
    for note in result.notes:
        print(f"note: {note}", file=sys.stderr)
    if not wrote_json_alone(json, result):
        print_report(timeloop_report(result, path))
