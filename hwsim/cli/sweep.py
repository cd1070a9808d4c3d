"""``hwsim sweep``: cycles and energy against sparsity."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from hwsim.cli.errors import REQUIREMENT_FAILED
from hwsim.cli.options import JsonOption, OutputOption
from hwsim.cli.request import INPUTS, NETWORK_ON_MACHINE, takes_request

if TYPE_CHECKING:
    from hwsim.studies import Request


@takes_request(*(name for name in NETWORK_ON_MACHINE if name != "scheme"), "energy", *INPUTS)
def sweep(
    *,
    request: Request,
    sparsity: Annotated[
        str, typer.Option(metavar="LEVELS", help="START:STOP:STEP (stop included), or 0,0.5,0.65.")
    ] = "0:0.9:0.1",
    method: Annotated[
        str, typer.Option(metavar="random|magnitude", help="Which weights become zero.")
    ] = "random",
    seed: Annotated[int, typer.Option(help="Of the random zeros.")] = 0,
    require: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METRIC>=VALUE@LEVEL",
            help="Exit 1 unless it holds, e.g. 'energy_ratio>=1.9@0.65'; repeatable.",
        ),
    ] = None,
    output: OutputOption = None,
    json: JsonOption = False,
) -> None:
    """Prune a network to several sparsities and compare each with the dense one.

    Example: hwsim sweep --model resnet18.npz --sparsity 0:0.9:0.1 -o results
    """
    from hwsim.cli.output import command_line, print_json, print_report
    from hwsim.studies import sweep as sweep_study
    from hwsim.studies.folder import whole_folder

    with whole_folder(output) if output else nullcontext() as folder:
        result = sweep_study(
            request,
            sparsity=sparsity,
            method=method,
            seed=seed,
            require=require or (),
            progress=not json,
        )
        result.manifest["command"] = command_line()
        if folder is not None:
            from hwsim.reports.sweep_plot import sweep_figure

            result.write(folder)
            sweep_figure(result).savefig(folder / "sweep.png")
    if json:
        print_json(result.to_dict())
    else:
        from hwsim.reports.sweep_report import sweep_report

        print_report(sweep_report(result))
        if output:
            print(f"saved     {output}")
    for failure in result.failures:
        print(f"requirement failed: {failure}", file=sys.stderr)
    if result.failures:
        raise typer.Exit(REQUIREMENT_FAILED)
