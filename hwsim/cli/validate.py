"""``hwsim validate``: our engine against the real program; machines against published figures."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from hwsim.cli import options
from hwsim.cli.errors import PROGRAM_FAILED, REQUIREMENT_FAILED
from hwsim.cli.export import DensityModelOption
from hwsim.cli.options import JsonOption, NoCacheOption
from hwsim.cli.request import NETWORK_ON_MACHINE, PROGRAM, takes_request
from hwsim.errors import InputError
from hwsim.shown_text import bounded

if TYPE_CHECKING:
    from hwsim.studies import Request

_MemoryOption = Annotated[int, typer.Option(min=16, metavar="MIB", help="For each run.")]
_DiskOption = Annotated[
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


@takes_request(
    *(*NETWORK_ON_MACHINE, "activations", *PROGRAM),
    scheme=(_SchemesOption, ["dense", "signed-binary"]),
    activations=(options.ActivationsOption, "dense"),
)
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
    memory: _MemoryOption = 8192,
    disk: _DiskOption = 2048,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Programs at a time.")] = 1,
    no_cache: NoCacheOption = False,
    json: JsonOption = False,
) -> None:
    """Run our engine and the real program on the same layers, and compare every figure.

    The program is STONNE for SIGMA, timeloop-model for machines of the engine sparseloop. Exit
    code 1 when a figure differs, 3 when the program fails for a layer. Machines against figures of
    papers: hwsim validate published.

    Example: hwsim validate --arch sigma --model resnet18.npz --layers 'layer1.*' --columns 8
    """
    from hwsim.cli.output import print_json, print_report
    from hwsim.studies import validate as compare

    found = compare(
        request,
        columns=columns,
        operands=operands,
        density=density,
        memory_mib=memory,
        disk_mib=disk,
        progress=not json,
        workers=workers,
    )
    if json:
        print_json(found.to_dict())
    else:
        from hwsim.reports.validation_report import validation_report

        print_report(validation_report(found))
    for layer in found.failed:
        reason = layer.both.failure
        line = f"error: {layer.scheme}: layer {layer.layer!r}: {reason}"
        print(bounded(line), file=sys.stderr)
    if found.different:
        raise typer.Exit(REQUIREMENT_FAILED)
    if found.failed:
        raise typer.Exit(PROGRAM_FAILED)


def published(
    *,
    machine: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only this machine.  [default: all]", show_default=False),
    ] = None,
    no_cache: NoCacheOption = False,
    json: JsonOption = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the page of the documentation.")
    ] = False,
) -> None:
    """Compare machines with what is published of the chips that they stand for.

    Each machine states how far it may be off, and why. Exit code 1 when one is further off, or is
    further off than is wanted and is not called -like.

    Example: hwsim validate published --machine eyeriss-like
    """
    from hwsim.cli.output import print_json, print_report
    from hwsim.validation import validate_published

    if json and markdown:
        raise InputError("--json and --markdown are two forms of the same; give one")
    found = validate_published(machine)
    if json:
        print_json(found.to_dict())
    elif markdown:
        from hwsim.reports.published_report import published_page

        print(published_page(found), end="")
    else:
        from hwsim.reports.published_report import published_report

        print_report(published_report(found))
    for table, row in found.beyond:
        print(
            f"error: {table.machine}: {row.work}: {row.quantity}: {row.error}, beyond the stated "
            f"{row.within}",
            file=sys.stderr,
        )
    for name in found.misnamed:
        print(
            f"error: {name}: a figure is not as near as is wanted; its name should end in -like",
            file=sys.stderr,
        )
    if found.beyond or found.misnamed:
        raise typer.Exit(REQUIREMENT_FAILED)
