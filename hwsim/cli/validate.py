"""``hwsim validate``: our engine against the real program, on the same layers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from hwsim.cli.errors import PROGRAM_FAILED, REQUIREMENT_FAILED
from hwsim.cli.export import DensityModelOption
from hwsim.cli.options import JsonOption
from hwsim.cli.request import NETWORK_ON_MACHINE, PROGRAM, takes_request

if TYPE_CHECKING:
    from pathlib import Path

    from hwsim.arch import Arch
    from hwsim.engines.programs import Limits
    from hwsim.schemes.quantized import QuantizedNetwork
    from hwsim.studies import Request

MemoryOption = Annotated[int, typer.Option(min=16, metavar="MIB", help="For each run.")]
DiskOption = Annotated[
    int, typer.Option(min=1, metavar="MIB", help="Files that each run may leave.")
]


_SchemesOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME[:KEY=VALUE,...]",
        help="Weight scheme; repeatable.  [default: dense, signed-binary]",
        show_default=False,
    ),
]


@takes_request(*NETWORK_ON_MACHINE, *PROGRAM, scheme=(_SchemesOption, ["dense", "signed-binary"]))
def validate(
    *,
    request: Request,
    columns: Annotated[
        int, typer.Option(min=1, metavar="N", help="STONNE streams at most N vectors a layer.")
    ] = 8,
    operands: Annotated[
        str,
        typer.Option(
            metavar="auto|layer|random",
            help="STONNE; whose zeros: the layer's own (needs a C compiler), or those that the "
            "program draws; auto takes the layer's where it can.",
        ),
    ] = "auto",
    density: DensityModelOption = "hypergeometric",
    memory: MemoryOption = 8192,
    disk: DiskOption = 2048,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Programs at a time.")] = 1,
    json: JsonOption = False,
) -> None:
    """Run our engine and the real program on the same layers, and compare every figure.

    The program is STONNE for SIGMA, timeloop-model for machines of the engine sparseloop. Exit
    code 1 when a figure differs, 3 when the program fails for a layer.

    Example: hwsim validate --arch sigma --model resnet18.npz --layers 'layer1.*' --columns 8
    """
    from dataclasses import asdict

    from hwsim.cli.output import print_json, print_report
    from hwsim.energy import load_energy_table
    from hwsim.engines.programs import Limits, find_runner
    from hwsim.engines.stonne.files.config import sizes
    from hwsim.engines.stonne.program.engine import STONNE, StonneEngine, choose_operands
    from hwsim.reports.validation_report import validation_report
    from hwsim.studies.plan import Plan
    from hwsim.studies.progress import progress_bar
    from hwsim.studies.validation import validate as compare

    machine = request.load_arch()
    limits = Limits(request.timeout_s, memory, disk)
    program, docker = request.program, request.docker

    def networks_of() -> list[QuantizedNetwork]:
        return [network for _, network in Plan.of(request).quantized()]

    if machine.engine == "sparseloop":
        _against_timeloop(
            networks_of, machine, density, (program, docker, limits), workers=workers, json=json
        )
        return
    sizes(machine)
    whose = choose_operands(operands)
    runner = find_runner(STONNE, program, docker, limits)
    networks = networks_of()
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


def _against_timeloop(
    networks_of: Callable[[], list[QuantizedNetwork]],
    machine: Arch,
    density: str,
    where: tuple[str | Path | None, str | None, Limits],
    *,
    workers: int,
    json: bool,
) -> None:
    """Compare with the real timeloop-model; ``where`` finds it."""
    from dataclasses import asdict

    from hwsim.cli.output import print_json, print_report
    from hwsim.engines.timeloop.program.engine import TimeloopEngine, find_timeloop
    from hwsim.engines.timeloop.spec.write_inputs import density_model
    from hwsim.reports.timeloop_validation_report import timeloop_validation_report
    from hwsim.studies.progress import progress_bar
    from hwsim.studies.timeloop_validation import validate_timeloop

    chosen = density_model(density)
    runner, layout = find_timeloop(*where)
    networks = networks_of()
    total = sum(len(network.layers) for network in networks)
    with progress_bar("Comparing", total, wanted=not json) as step:
        found = validate_timeloop(
            networks,
            machine,
            TimeloopEngine(runner, chosen, layout),
            workers=workers,
            on_done=step,
        )
    if json:
        print_json(asdict(found))
    else:
        print_report(timeloop_validation_report(found))
    for layer in found.failed:
        print(f"error: {layer.scheme}: layer {layer.layer!r}: {layer.failure}", file=sys.stderr)
    if found.different:
        raise typer.Exit(REQUIREMENT_FAILED)
    if found.failed:
        raise typer.Exit(PROGRAM_FAILED)
