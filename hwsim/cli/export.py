"""``hwsim export``: a quantised network as the files of other tools."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwsim.cli.options import ActivationsOption, ArchOption, NoCacheOption
from hwsim.cli.request import NETWORK, NETWORK_ON_MACHINE, takes_request
from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.activity import ActionKey
    from hwsim.schemes.quantized import QuantizedNetwork
    from hwsim.studies import Request

app = typer.Typer(
    help="Files for other tools: STONNE, Timeloop, Accelergy, numpy.", no_args_is_help=True
)

DensityModelOption = Annotated[
    str,
    typer.Option(
        metavar="hypergeometric|fixed-structured",
        help="How non-zeros lie to Timeloop: at random, or at regular distances.",
    ),
]
_ExportFolder = Annotated[
    Path, typer.Option("--output", "-o", metavar="DIR", help="A new or empty folder.")
]


@app.command("stonne")
@takes_request(*NETWORK_ON_MACHINE)
def stonne(
    *,
    request: Request,
    output: _ExportFolder,
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
    from hwsim.engines.stonne.files import write_export
    from hwsim.studies.folder import whole_folder
    from hwsim.studies.idle_settings import refuse_idle_settings
    from hwsim.studies.plan import Plan

    machine = request.load_arch()
    refuse_idle_settings(machine, request.load_engine(machine), request.load_prices(machine))
    _refuse_full_folder(output)
    quantized = Plan.of(request).under(*request.schemes)
    with whole_folder(output) as aside:
        count = write_export(
            quantized.layers, machine, aside, columns=columns, with_operands=with_operands
        )
    _report(quantized, count, " for STONNE")
    print(f"saved     {output} (README.md says how to use it)")


@app.command("timeloop")
@takes_request(
    *(*NETWORK_ON_MACHINE, "activations"),
    arch=(ArchOption, "simple"),
    activations=(ActivationsOption, "dense"),
)
def timeloop(
    *,
    request: Request,
    output: _ExportFolder,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="v0.3|v0.4",
            help="v0.3 for Timeloop's programs, v0.4 for its Python front end.",
        ),
    ] = "v0.3",
    density: DensityModelOption = "hypergeometric",
    constraints: Annotated[
        bool,
        typer.Option(
            "--constraints", help="Constraints for timeloop-mapper, in place of hwsim's mapping."
        ),
    ] = False,
    no_cache: NoCacheOption = False,
) -> None:
    """Write each layer as Timeloop's input files, with hwsim's mapping.

    Example: hwsim export timeloop --arch simple --model resnet18.npz -o layers
    """
    from hwsim.engines.timeloop.program.export import write_export
    from hwsim.engines.timeloop.program.program_inputs import density_model
    from hwsim.engines.timeloop.spec.layout import layout_of
    from hwsim.studies.folder import whole_folder
    from hwsim.studies.plan import Plan
    from hwsim.studies.progress import progress_bar

    machine = request.load_arch()
    chosen_layout, chosen_density = layout_of(form), density_model(density)
    _refuse_full_folder(output)
    plan = Plan.of(request)
    quantized = plan.under(*request.schemes)
    shares = {layer.name: plan.activations(layer).density for layer in plan.chosen.layers}
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
            input_shares=shares,
            on_done=step,
        )
    _report(quantized, count, f" for Timeloop {form}")
    print(f"saved     {output} (README.md says how to use it)")


@app.command("npz")
@takes_request(*NETWORK)
def npz(
    *,
    request: Request,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE.npz")],
) -> None:
    """Write the quantised weights, one float32 array a layer.

    Example: hwsim export npz --model resnet18.npz --scheme signed-binary -o quantised.npz
    """
    from hwsim.schemes.quantized_npz import write_quantized_npz
    from hwsim.studies.plan import Plan

    quantized = Plan.of(request).under(*request.schemes)
    write_quantized_npz(quantized, output)
    _report(quantized, len(quantized.layers))
    print(f"saved     {output}")


@app.command("accelergy")
@takes_request(*NETWORK_ON_MACHINE, "activations", activations=(ActivationsOption, "dense"))
def accelergy(
    *,
    request: Request,
    output: _ExportFolder,
    no_cache: NoCacheOption = False,
) -> None:
    """Write the architecture and the action counts of all layers for the accelergy command.

    Example: hwsim export accelergy --model resnet18.npz --scheme signed-binary -o accelergy
    """
    from collections import Counter

    from hwsim.energy.accelergy import write_accelergy
    from hwsim.studies.executor import engine_executor
    from hwsim.studies.folder import whole_folder
    from hwsim.studies.plan import Plan

    machine = request.load_arch()
    engine = request.load_engine(machine)
    _refuse_full_folder(output)
    plan = Plan.of(request)
    [scheme] = request.schemes
    with engine_executor(engine, machine) as executor:
        pending = [
            executor.submit(plan.lower(scheme, layer.name)[1]) for layer in plan.chosen.layers
        ]
        activities = [each.result() for each in pending]
    counts: Counter[ActionKey] = Counter()
    for activity in activities:
        counts.update(activity.counts)
    cycles = sum(activity.cycles for activity in activities)
    with whole_folder(output) as aside:
        write_accelergy(aside, machine, activities[0].instances, counts, cycles)
    _report(plan.under(scheme), len(activities))
    print(f"saved     {output}; run: accelergy architecture.yaml action_counts.yaml -o out")


def _report(quantized: QuantizedNetwork, count: int, whose: str = "") -> None:
    """Say what was exported, and what a user should know of it."""
    from hwsim.networks.uncounted import in_one_line

    for note in quantized.network.notes:
        print(f"note: {note}", file=sys.stderr)
    if uncounted := quantized.network.uncounted:
        print(f"not counted: {in_one_line(uncounted)}", file=sys.stderr)
    print(f"{count} {'layer' if count == 1 else 'layers'} under {quantized.scheme}{whose}")


def _refuse_full_folder(folder: Path) -> None:
    """Refuse to mix an export with what is in a folder already."""
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError(f"{folder}: is not empty; exports go into a new or empty folder")
