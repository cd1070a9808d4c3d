"""``hwsim run``: a network under several schemes on an architecture."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import Annotated

import typer

from hwsim.cli.engine import chosen_engine
from hwsim.cli.errors import PROGRAM_FAILED
from hwsim.cli.options import (
    ActivationDensityOption,
    ArchOption,
    DensityOption,
    DockerOption,
    EnergyOption,
    EngineOption,
    InputSizeOption,
    JsonOption,
    LayersOption,
    ModelOption,
    OutputOption,
    ProgramOption,
    QuantizeLayersOption,
    SetOption,
    TimeoutOption,
    TopologyOption,
    parse_input_size,
)


def run(
    model: ModelOption,
    arch: ArchOption = "sigma",
    scheme: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:KEY=VALUE,...]",
            help="Weight scheme, e.g. signed-binary:p=0.5; repeatable.  "
            "[default: dense, binary, signed-binary]",
            show_default=False,
        ),
    ] = None,
    layers: LayersOption = None,
    quantize_layers: QuantizeLayersOption = None,
    topology: TopologyOption = None,
    input_size: InputSizeOption = None,
    energy: EnergyOption = None,
    settings: SetOption = None,
    density: DensityOption = "actual",
    activation_density: ActivationDensityOption = 1.0,
    engine: EngineOption = None,
    program: ProgramOption = None,
    docker: DockerOption = None,
    timeout: TimeoutOption = 3600,
    output: OutputOption = None,
    json: JsonOption = False,
) -> None:
    """Compare schemes layer by layer: cycles, utilisation, energy.

    Example: hwsim run --arch sigma --model resnet18.npz -o results
    """
    from hwsim.arch import load_arch, parse_overrides
    from hwsim.cli.output import command_line, print_json, print_report
    from hwsim.studies import run as run_study
    from hwsim.studies.folder import whole_folder
    from hwsim.studies.network_run import DEFAULT_SCHEMES
    from hwsim.studies.result import LONG_TABLES

    machine = load_arch(arch, parse_overrides(settings or []))
    evaluator = chosen_engine(engine, program, docker, timeout)
    size = parse_input_size(input_size)
    with whole_folder(output, stale=LONG_TABLES) if output else nullcontext() as folder:
        result = run_study(
            model,
            machine,
            scheme or DEFAULT_SCHEMES,
            layers=layers,
            quantize_layers=quantize_layers,
            topology=topology,
            input_size=size,
            energy=energy,
            engine=evaluator,
            density=density,
            activation_density=activation_density,
            progress=not json,
        )
        result.manifest["command"] = command_line()
        if folder is not None:
            from hwsim.reports.energy_plot import energy_figure

            result.write(folder)
            for number, name in enumerate(result.energy_tables):
                figure = energy_figure(result.by_energy_table(name))
                figure.savefig(folder / ("energy.png" if number == 0 else f"energy-{name}.png"))
    if json:
        print_json(result.to_dict())
    else:
        from hwsim.reports.run_report import run_report

        print_report(run_report(result))
        if output:
            typer.echo(f"saved     {output}")
    if failures := result.manifest["failures"]:
        for line in failures:
            print(f"error: {line}", file=sys.stderr)
        raise typer.Exit(PROGRAM_FAILED)
