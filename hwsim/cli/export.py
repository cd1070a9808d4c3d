"""``hwsim export``: a quantised network as the files of other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwsim.cli.options import (
    ArchOption,
    InputSizeOption,
    LayersOption,
    ModelOption,
    QuantizeLayersOption,
    SetOption,
    TopologyOption,
    parse_input_size,
)
from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.activity import ActionKey
    from hwsim.schemes.quantized import QuantizedNetwork

app = typer.Typer(
    help="Files for other tools: STONNE, Timeloop, Accelergy, numpy.", no_args_is_help=True
)

SchemeOption = Annotated[
    str,
    typer.Option(
        metavar="NAME[:KEY=VALUE,...]", help="Weight scheme; dense leaves the weights as they are."
    ),
]
DensityOption = Annotated[
    str,
    typer.Option(
        metavar="hypergeometric|fixed-structured",
        help="How non-zeros lie to Timeloop: at random, or at regular distances.",
    ),
]
ExportFolder = Annotated[
    Path, typer.Option("--output", "-o", metavar="DIR", help="A new or empty folder.")
]


@app.command("stonne")
def stonne(
    model: ModelOption,
    output: ExportFolder,
    arch: ArchOption = "sigma",
    scheme: SchemeOption = "dense",
    layers: LayersOption = None,
    quantize_layers: QuantizeLayersOption = None,
    topology: TopologyOption = None,
    input_size: InputSizeOption = None,
    settings: SetOption = None,
    columns: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Stream at most N vectors, so that STONNE ends sooner.  [default: all]",
            show_default=False,
        ),
    ] = None,
    with_operands: Annotated[
        bool,
        typer.Option("--operands/--no-operands", help="Write operands: 12 bytes an element."),
    ] = True,
) -> None:
    """Write configuration, command line and operands of each layer for STONNE.

    Example: hwsim export stonne --model resnet18.npz --scheme signed-binary -o layers
    """
    from hwsim.arch import load_arch, parse_overrides
    from hwsim.engines.stonne.files import write_export
    from hwsim.studies.folder import whole_folder

    machine = load_arch(arch, parse_overrides(settings or []))
    refuse_full_folder(output)
    quantized = quantized_layers(model, scheme, layers, quantize_layers, topology, input_size)
    with whole_folder(output) as aside:
        count = write_export(
            quantized.layers, machine, aside, columns=columns, with_operands=with_operands
        )
    typer.echo(f"{count} {'layer' if count == 1 else 'layers'} under {quantized.scheme} for STONNE")
    typer.echo(f"saved     {output} (README.md says how to use it)")


@app.command("timeloop")
def timeloop(
    model: ModelOption,
    output: ExportFolder,
    arch: ArchOption = "simple",
    scheme: SchemeOption = "dense",
    layers: LayersOption = None,
    quantize_layers: QuantizeLayersOption = None,
    topology: TopologyOption = None,
    input_size: InputSizeOption = None,
    settings: SetOption = None,
    layout: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="v0.3|v0.4",
            help="v0.3 for Timeloop's programs, v0.4 for its Python front end.",
        ),
    ] = "v0.3",
    density: DensityOption = "hypergeometric",
    constraints: Annotated[
        bool,
        typer.Option(
            "--constraints", help="Constraints for timeloop-mapper, in place of hwsim's mapping."
        ),
    ] = False,
) -> None:
    """Write each layer as Timeloop's input files, with hwsim's mapping.

    Example: hwsim export timeloop --arch simple --model resnet18.npz -o layers
    """
    from hwsim.arch import load_arch, parse_overrides
    from hwsim.engines.timeloop.program.export import write_export
    from hwsim.engines.timeloop.spec.write_inputs import density_model, layout_of
    from hwsim.studies.folder import whole_folder
    from hwsim.studies.progress import progress_bar

    machine = load_arch(arch, parse_overrides(settings or []))
    chosen_layout, chosen_density = layout_of(layout), density_model(density)
    refuse_full_folder(output)
    quantized = quantized_layers(model, scheme, layers, quantize_layers, topology, input_size)
    with (
        whole_folder(output) as aside,
        progress_bar("Writing", len(quantized.layers), wanted=True) as step,
    ):
        count = write_export(
            quantized.layers,
            machine,
            aside,
            layout=chosen_layout,
            density=chosen_density,
            constraints=constraints,
            on_done=step,
        )
    words = "layer" if count == 1 else "layers"
    typer.echo(f"{count} {words} under {quantized.scheme} for Timeloop {layout}")
    typer.echo(f"saved     {output} (README.md says how to use it)")


@app.command("npz")
def npz(
    model: ModelOption,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE.npz")],
    scheme: SchemeOption = "dense",
    layers: LayersOption = None,
    quantize_layers: QuantizeLayersOption = None,
    topology: TopologyOption = None,
    input_size: InputSizeOption = None,
) -> None:
    """Write the quantised weights, one float32 array a layer.

    Example: hwsim export npz --model resnet18.npz --scheme signed-binary -o quantised.npz
    """
    from hwsim.schemes.quantized_npz import write_quantized_npz

    quantized = quantized_layers(model, scheme, layers, quantize_layers, topology, input_size)
    write_quantized_npz(quantized, output)
    count = len(quantized.layers)
    typer.echo(f"{count} {'layer' if count == 1 else 'layers'} under {quantized.scheme}")
    typer.echo(f"saved     {output}")


@app.command("accelergy")
def accelergy(
    model: ModelOption,
    output: ExportFolder,
    arch: ArchOption = "sigma",
    scheme: SchemeOption = "dense",
    layers: LayersOption = None,
    quantize_layers: QuantizeLayersOption = None,
    topology: TopologyOption = None,
    input_size: InputSizeOption = None,
    settings: SetOption = None,
) -> None:
    """Write the architecture and the action counts of all layers for the accelergy command.

    Example: hwsim export accelergy --model resnet18.npz --scheme signed-binary -o accelergy
    """
    from collections import Counter

    from hwsim.arch import load_arch, parse_overrides
    from hwsim.energy.accelergy import write_accelergy
    from hwsim.engines import load_engine
    from hwsim.studies.folder import whole_folder
    from hwsim.workload import lower

    machine = load_arch(arch, parse_overrides(settings or []))
    refuse_full_folder(output)
    quantized = quantized_layers(model, scheme, layers, quantize_layers, topology, input_size)
    engine = load_engine(machine.engine)
    activities = [engine.simulate(lower(layer), machine) for layer in quantized.layers]
    counts: Counter[ActionKey] = Counter()
    for activity in activities:
        counts.update(activity.counts)
    cycles = sum(activity.cycles for activity in activities)
    with whole_folder(output) as aside:
        write_accelergy(aside, machine, activities[0].instances, counts, cycles)
    count = len(activities)
    typer.echo(f"{count} {'layer' if count == 1 else 'layers'} under {quantized.scheme}")
    typer.echo(f"saved     {output}; run: accelergy architecture.yaml action_counts.yaml -o out")


def quantized_layers(
    model: Path,
    scheme: str,
    layers: list[str] | None,
    quantize_layers: list[str] | None,
    topology: str | None,
    input_size: str | None,
) -> QuantizedNetwork:
    """Read a network, put it under a scheme and keep the layers that were asked for."""
    from dataclasses import replace

    from hwsim.networks import load_network
    from hwsim.schemes import parse_scheme, quantize
    from hwsim.studies.selection import select_layers

    size = parse_input_size(input_size)
    parse_scheme(scheme)  # a misspelt one must not be found out after a large file was read
    network = load_network(model, topology, size)
    chosen = select_layers(network, layers)
    names = {layer.name for layer in chosen.layers}
    # The whole network is quantised, because a default or a threshold may depend on all layers.
    quantized = quantize(network, scheme, quantize_layers)
    kept = tuple(layer for layer in quantized.layers if layer.layer.name in names)
    return replace(quantized, network=chosen, layers=kept)


def refuse_full_folder(folder: Path) -> None:
    """Refuse to mix an export with what is in a folder already.

    Raises
    ------
    InputError
        If the folder exists and is not empty.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"{folder}: is not empty; exports go into a new or empty folder")
