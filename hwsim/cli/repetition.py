"""``hwsim repetition``: what repeated weights save."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hwsim.cli.options import JsonOption, OutputOption
from hwsim.cli.request import NETWORK, request_of, takes_options

if TYPE_CHECKING:
    from hwsim.studies import Request

_SchemesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--scheme",
        metavar="NAME[:KEY=VALUE,...]",
        help="Weight scheme; repeatable.  [default: dense, binary, ternary, and signed-binary with "
        "0, 25, 50 and 100 % of the filters positive]",
        show_default=False,
    ),
]


@takes_options(*NETWORK, scheme=(_SchemesOption, None))
def repetition(
    *,
    given: dict[str, Any],
    tile: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILTERSxPOSITIONS",
            help="Tile, 8x512, or 8xK for the whole reduction; repeatable.  [default: a grid]",
            show_default=False,
        ),
    ] = None,
    output: OutputOption = None,
    json: JsonOption = False,
) -> None:
    """Count operations of dot products, UCNN and SumMerge for the very weights of a network.

    Compares dense, binary, ternary and signed-binary by its filter assignments if no scheme is
    given, at the best tile of a grid if no tile is. hwsim repetition bench measures kernels of
    such weights on this processor.

    Example: hwsim repetition --model resnet18.npz --scheme binary --scheme signed-binary

    Example: hwsim repetition --model resnet18.npz --layers 'layer3.*' --tile 8x512 -o results
    """
    from hwsim.cli.output import command_line, print_json, print_report
    from hwsim.studies.folder import whole_folder
    from hwsim.studies.repetition import GRID, SCHEMES, count_repetition, parse_tile

    tiles = tuple(parse_tile(text) for text in tile) if tile else GRID
    request: Request = request_of(**{**given, "scheme": given["scheme"] or list(SCHEMES)})
    with whole_folder(output) if output else nullcontext() as folder:
        result = count_repetition(request, tiles, progress=not json)
        result.manifest["command"] = command_line()
        if folder is not None:
            from hwsim.reports.figures.repetition_maps import draw_repetition
            from hwsim.reports.figures.sheet import write_figure

            result.write(folder)
            write_figure(draw_repetition(result), folder / "repetition.png")
    if json:
        print_json(result.to_dict())
        return
    from hwsim.reports.repetition_report import repetition_report

    print_report(repetition_report(result))
    if output:
        print(f"saved     {output}")
