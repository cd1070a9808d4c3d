"""``hwsim network``: make, show and list networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hwsim.cli.completion import complete_network, complete_topology
from hwsim.cli.options import (
    GraphInputOption,
    GraphValueOption,
    InputSizeOption,
    JsonOption,
    KeyOption,
    LayoutOption,
    SkipOption,
    TakeOption,
    TokensOption,
    TopologyOption,
    TransposeOption,
    UnpackOption,
    parse_input_size,
)

if TYPE_CHECKING:
    from rich.table import Table

    from hwsim.networks import Network
    from hwsim.networks.network import Layer

app = typer.Typer(help="Make, show and list networks.", no_args_is_help=True)

_WeightFileArgument = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="A weight file.", autocompletion=complete_network),
]


@app.command()
def make(
    topology: Annotated[
        str,
        typer.Argument(
            metavar="NAME|FILE",
            help="Topology (see: hwsim network list).",
            autocompletion=complete_topology,
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The .npz file to write.")
    ],
    distribution: Annotated[
        str, typer.Option(metavar="NAME", help="laplace, gaussian or uniform.")
    ] = "laplace",
    seed: Annotated[int, typer.Option(help="Seed of the random numbers, 0 or more.")] = 0,
    input_size: InputSizeOption = None,
) -> None:
    """Write seeded random weights of the real shapes."""
    from hwsim.networks import make_network, save_network

    network = make_network(
        topology,
        distribution,  # type: ignore[arg-type]  # checked there, with the names known
        seed,
        parse_input_size(input_size),
    )
    save_network(network, output)
    weights = sum(layer.weight.size for layer in network.layers)
    print(f"{output}: {network.name}, {len(network.layers)} layers, {weights:,} weights")
    for note in network.notes:
        print(f"note: {note}")


@app.command("import")
def import_network(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="An .onnx model, or another file of weights.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The .npz file to write.")
    ],
    inputs: GraphInputOption = None,
    values: GraphValueOption = None,
    input_size: InputSizeOption = None,
    skip: SkipOption = None,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Samples, .npy or .npz, whose zeros in each layer are measured.",
        ),
    ] = None,
    masks: Annotated[
        bool,
        typer.Option("--masks", help="Keep where those zeros are, a bit a value and sample."),
    ] = False,
) -> None:
    """Write a network with its geometry, order and weights to one .npz.

    Example: hwsim network import model.onnx -o net.npz --input x=1x3x320x320
    """
    from hwsim.errors import InputError
    from hwsim.networks import load_network, save_network
    from hwsim.networks.onnx.load import load_onnx
    from hwsim.networks.uncounted import in_one_line

    if data is not None:
        if file.suffix.lower() != ".onnx":
            raise InputError(f"{file}: --data is for ONNX models, which can be run")
        size = parse_input_size(input_size)
        network = load_onnx(file, inputs or (), values or (), skip or (), size, data, masks)
    elif masks:
        raise InputError(f"{file}: --masks keeps zeros that --data measures; give samples")
    else:
        network = load_network(
            file,
            input_size=parse_input_size(input_size),
            inputs=inputs or (),
            values=values or (),
            skip=skip or (),
        )
    origin = f"imported from {file.name} ({network.provenance or 'weights'})"
    save_network(replace(network, notes=(*network.notes, origin)), output)
    macs = sum(layer.macs for layer in network.layers)
    print(f"{output}: {network.name}, {len(network.layers)} layers, {macs:,} MACs")
    print(f"not counted: {in_one_line(network.uncounted)}")
    for note in network.notes:
        print(f"note: {note}")


@app.command("list")
def list_topologies(as_json: JsonOption = False) -> None:
    """List the topologies that ship with hwsim."""
    from hwsim.cli.output import print_json, print_report
    from hwsim.networks.catalogue import describe_topologies

    topologies = describe_topologies()
    if as_json:
        print_json({"topologies": topologies})
        return
    rows = [
        (
            entry["name"],
            _by(entry["input_size"]),
            f"{entry['layers']}",
            f"{entry['weights'] / 1e6:,.2f}",
            f"{entry['macs'] / 1e6:,.1f}",
        )
        for entry in topologies
    ]
    print_report(_table(("topology", "input", "layers", "Mweights", "MMACs"), rows))


@app.command()
def show(
    file: _WeightFileArgument,
    topology: TopologyOption = None,
    input_size: InputSizeOption = None,
    skip: SkipOption = None,
    take: TakeOption = None,
    transpose: TransposeOption = None,
    unpack: UnpackOption = None,
    tokens: TokensOption = None,
    inputs: GraphInputOption = None,
    values: GraphValueOption = None,
    key: KeyOption = None,
    layout: LayoutOption = "torch",
    as_json: JsonOption = False,
) -> None:
    """Show layers, shapes, MACs, sparsity and unique values of a weight file."""
    from hwsim.cli.output import print_json, print_report
    from hwsim.networks import load_network
    from hwsim.networks.catalogue import describe

    network = load_network(
        file,
        topology,
        parse_input_size(input_size),
        skip=skip or (),
        take=take or (),
        transpose=transpose or (),
        unpack=unpack or (),
        tokens=tokens or (),
        inputs=inputs or (),
        values=values or (),
        key=key,
        layout=layout,
    )
    description = describe(network)
    if as_json:
        print_json(description)
        return
    totals = description["totals"]
    rows = [_row(*pair) for pair in zip(network.layers, description["layers"], strict=True)]
    share = _percent(totals["zeros"], totals["weights"])
    rows.append(("total", f"{totals['weights']:,}", "", _millions(totals["macs"]), share, ""))
    headings = ["layer", "weights", "output", "MMACs", "zeros %", "unique"]
    if any(layer.input_density is not None for layer in network.layers):
        headings.append("input %")
        rows = [
            (*row, share)
            for row, share in zip(rows, [*map(_input_share, network.layers), ""], strict=True)
        ]
    print_report(_table(tuple(headings), rows, total=True))
    for line in _origin(network):
        print(line)


@app.command()
def topology(
    file: _WeightFileArgument,
    skip: SkipOption = None,
    take: TakeOption = None,
    transpose: TransposeOption = None,
    unpack: UnpackOption = None,
    key: KeyOption = None,
    layout: LayoutOption = "torch",
) -> None:
    """Write a topology of a file's layers, to fill in and give to --topology.

    Example: hwsim network topology weights.npz > t.yaml
    """
    from hwsim.networks.arrays.options import FileOptions
    from hwsim.networks.load import network_topology

    options = FileOptions(
        skip=skip or (),
        take=take or (),
        transpose=transpose or (),
        unpack=unpack or (),
        key=key,
        layout=layout,
    )
    print(network_topology(file, options), end="")


def _row(layer: Layer, entry: dict[str, Any]) -> tuple[str, ...]:
    unique, limit = entry["unique_values"], entry["unique_limit"]
    return (
        layer.name,
        "product" if layer.of_activations else "x".join(map(str, layer.weight.shape)),
        _output(layer),
        _millions(layer.macs),
        _percent(entry["zeros"], entry["weights"]),
        f">{limit}" if unique is None else f"{unique}" if entry["weights"] else "",
    )


def _output(layer: Layer) -> str:
    """Positions of a feature map and how many maps; vectors, and how many matrices."""
    if layer.kind != "conv":
        # Of a product: vectors, times filters of each group, which no weights tell.
        own = f"{layer.vectors}"
        if layer.of_activations:
            own = f"{_by((layer.vectors, layer.filters // layer.groups))}"
        return own if layer.groups == 1 else f"{own} x{layer.groups}"
    maps = _by(layer.output_size)
    return maps if layer.images == 1 else f"{maps} x{layer.images}"


def _input_share(layer: Layer) -> str:
    share = layer.input_density
    return "" if share is None else f"{100 * share:.1f}"


def _origin(network: Network) -> list[str]:
    from hwsim.networks.uncounted import in_one_line

    return [
        f"network: {network.name}, geometry: {network.topology or 'none needed'}",
        f"file: {network.path}",
        f"sha256: {network.sha256}",
        f"not counted: {in_one_line(network.uncounted)}",
        *(f"note: {note}" for note in network.notes),
    ]


def _table(headers: tuple[str, ...], rows: Sequence[tuple[str, ...]], total: bool = False) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(headers[0], overflow="fold")
    for header in headers[1:]:
        table.add_column(header, justify="right", no_wrap=True)
    for row in rows:
        if total and row is rows[-1]:
            table.add_section()
        table.add_row(*map(Text, row))  # as text: a name in square brackets is no markup
    return table


def _by(size: tuple[int, int] | list[int]) -> str:
    return f"{size[0]}x{size[1]}"


def _millions(count: int) -> str:
    return f"{count / 1e6:,.2f}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else ""
