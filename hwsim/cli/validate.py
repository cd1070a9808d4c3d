"""``hwsim validate``: our engine against the real program, on the same layers."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hwsim.cli.errors import PROGRAM_FAILED, REQUIREMENT_FAILED
from hwsim.cli.options import (
    ArchOption,
    DockerOption,
    InputSizeOption,
    JsonOption,
    LayersOption,
    ModelOption,
    ProgramOption,
    QuantizeLayersOption,
    SetOption,
    TimeoutOption,
    TopologyOption,
)

MemoryOption = Annotated[int, typer.Option(min=16, metavar="MIB", help="For each run.")]
DiskOption = Annotated[
    int, typer.Option(min=1, metavar="MIB", help="Files that each run may leave.")
]


def validate(
    model: ModelOption,
    arch: ArchOption = "sigma",
    scheme: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:KEY=VALUE,...]",
            help="Weight scheme; repeatable.  [default: dense, signed-binary]",
            show_default=False,
        ),
    ] = None,
    layers: LayersOption = None,
    quantize_layers: QuantizeLayersOption = None,
    topology: TopologyOption = None,
    input_size: InputSizeOption = None,
    settings: SetOption = None,
    columns: Annotated[
        int, typer.Option(min=1, metavar="N", help="Stream at most N vectors a layer.")
    ] = 8,
    operands: Annotated[
        str,
        typer.Option(
            metavar="auto|layer|random",
            help="Whose zeros: the layer's own (needs a C compiler), or those that the program "
            "draws; auto takes the layer's where it can.",
        ),
    ] = "auto",
    program: ProgramOption = None,
    docker: DockerOption = None,
    timeout: TimeoutOption = 3600,
    memory: MemoryOption = 8192,
    disk: DiskOption = 2048,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Programs at a time.")] = 1,
    json: JsonOption = False,
) -> None:
    """Run our engine and the real STONNE on the same layers, and compare every figure.

    Exit code 1 when a figure differs, 3 when the program fails for a layer.

    Example: hwsim validate --arch sigma --model resnet18.npz --layers 'layer1.*' --columns 8
    """
    from dataclasses import asdict

    from hwsim.arch import load_arch, parse_overrides
    from hwsim.cli.export import quantized_layers
    from hwsim.cli.output import print_json, print_report
    from hwsim.energy import load_energy_table
    from hwsim.engines.external import Limits, find_runner
    from hwsim.engines.external.stonne import STONNE, StonneEngine, choose_operands
    from hwsim.formats.stonne.config import sizes
    from hwsim.reports.validation_report import validation_report
    from hwsim.studies.progress import progress_bar
    from hwsim.studies.validation import validate as compare

    machine = load_arch(arch, parse_overrides(settings or []))
    sizes(machine)
    whose = choose_operands(operands)
    runner = find_runner(STONNE, program, docker, Limits(timeout, memory, disk))
    schemes = list(dict.fromkeys(scheme or ("dense", "signed-binary")))
    networks = [
        quantized_layers(model, each, layers, quantize_layers, topology, input_size)
        for each in schemes
    ]
    total = sum(len(network.layers) for network in networks)
    with progress_bar("Comparing", total, wanted=not json) as step:
        found = compare(
            networks,
            machine,
            StonneEngine(runner, whose),
            load_energy_table(machine.energy_table),
            columns=columns,
            workers=workers,
            on_done=step,
        )
    if json:
        print_json(asdict(found))
    else:
        print_report(validation_report(found))
    for layer in found.failed:
        print(f"error: {layer.scheme}: layer {layer.layer!r}: {layer.failure}", file=sys.stderr)
    if found.different:
        raise typer.Exit(REQUIREMENT_FAILED)
    if found.failed:
        raise typer.Exit(PROGRAM_FAILED)
