"""``hwsim sweep``: cycles and energy against sparsity."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

import typer

from hwsim.cli.errors import REQUIREMENT_FAILED
from hwsim.cli.options import (
    ArchOption,
    EnergyOption,
    InputSizeOption,
    JsonOption,
    LayersOption,
    ModelOption,
    OutputOption,
    QuantizeLayersOption,
    SetOption,
    TopologyOption,
    parse_input_size,
)


def sweep(
    model: ModelOption,
    arch: ArchOption = "sigma",
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
    layers: LayersOption = None,
    quantize_layers: QuantizeLayersOption = None,
    topology: TopologyOption = None,
    input_size: InputSizeOption = None,
    energy: EnergyOption = None,
    settings: SetOption = None,
    output: OutputOption = None,
    json: JsonOption = False,
) -> None:
    """Prune a network to several sparsities and compare each with the dense one.

    Example: hwsim sweep --model resnet18.npz --sparsity 0:0.9:0.1 -o results
    """
    from hwsim.arch import load_arch, parse_overrides
    from hwsim.cli.output import command_line, print_json, print_report
    from hwsim.studies import sweep as sweep_study
    from hwsim.studies.folder import whole_folder

    machine = load_arch(arch, parse_overrides(settings or []))
    size = parse_input_size(input_size)
    with whole_folder(output) if output else nullcontext() as folder:
        result = sweep_study(
            model,
            machine,
            sparsity,
            method=method,
            seed=seed,
            require=require or (),
            layers=layers,
            quantize_layers=quantize_layers,
            topology=topology,
            input_size=size,
            energy=energy,
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
            typer.echo(f"saved     {output}")
    for failure in result.failures:
        typer.echo(f"requirement failed: {failure}", err=True)
    if result.failures:
        raise typer.Exit(REQUIREMENT_FAILED)
