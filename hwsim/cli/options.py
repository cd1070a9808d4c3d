"""Options that several commands share."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwsim.cli.completion import (
    complete_arch,
    complete_engine,
    complete_network,
    complete_scheme,
    complete_setting,
    complete_tables,
    complete_topology,
)
from hwsim.errors import InputError
from hwsim.plausible import PROGRAM_S
from hwsim.result_cache import OFF_VARIABLE

if TYPE_CHECKING:
    from hwsim.templates import Value

ArchOption = Annotated[
    str,
    typer.Option(
        "--arch",
        metavar="NAME|FILE",
        help="Architecture (see: hwsim arch list).",
        autocompletion=complete_arch,
    ),
]
ModelOption = Annotated[
    Path,
    typer.Option(
        "--model",
        "-m",
        metavar="FILE",
        help="Network: .onnx, .npz, .safetensors, .pt, .pth, or a folder of shards.",
        autocompletion=complete_network,
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Set an arch parameter, num_ms=64 or node=45nm; repeatable.",
        autocompletion=complete_setting,
    ),
]
DefineOption = Annotated[
    list[str] | None,
    typer.Option(
        "--define",
        "-D",
        metavar="NAME=VALUE",
        help="What a name in inputs that are templates (jinja2) stands for; repeatable.",
    ),
]
SchemeOption = Annotated[
    str,
    typer.Option(
        metavar="NAME[:KEY=VALUE,...]",
        help="Weight scheme; dense leaves the weights as they are. Also quantisers of training "
        "libraries: bitnet, brevitas-binary, larq, reactnet, xnor-net, ...",
        autocompletion=complete_scheme,
    ),
]
LayersOption = Annotated[
    list[str] | None,
    typer.Option(
        "--layers",
        metavar="GLOB",
        help="Layers to evaluate, 'layer1.*', or not to, '!*.attn.*'; repeatable.",
    ),
]
QuantizeLayersOption = Annotated[
    list[str] | None,
    typer.Option(
        "--quantize-layers",
        metavar="GLOB",
        help="Layers that schemes change, 'all' for every one; repeatable.  [default: as in the "
        "paper]",
        show_default=False,
    ),
]
TopologyOption = Annotated[
    str | None,
    typer.Option(
        "--topology",
        metavar="NAME|FILE",
        help="Geometry for weights that carry none.  [default: found by names and shapes]",
        autocompletion=complete_topology,
        show_default=False,
    ),
]
InputSizeOption = Annotated[
    str | None,
    typer.Option("--input-size", metavar="ROWS[xCOLUMNS]", help="Size of the input image."),
]
SkipOption = Annotated[
    list[str] | None,
    typer.Option(
        "--skip", metavar="GLOB", help="Arrays of the file that are no layers; repeatable."
    ),
]
TakeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--take",
        metavar="GLOB",
        help="Arrays that are weights of layers, whatever their names; repeatable.",
    ),
]
TransposeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--transpose", metavar="GLOB", help="Arrays stored as inputs x filters; repeatable."
    ),
]
UnpackOption = Annotated[
    list[str] | None,
    typer.Option(
        "--unpack",
        metavar="GLOB=FORMAT",
        help="What integers stand for: values, zero-point:128, ternary, signs, bits, int4, "
        "uint4:8, q4_0, q8_0, bfloat16, e4m3, e5m2; repeatable.",
    ),
]
GraphInputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="NAME=SIZES",
        help="Shape of an input that an ONNX model leaves open, x=1x3x320x320; repeatable.",
    ),
]
GraphValueOption = Annotated[
    list[str] | None,
    typer.Option(
        "--value",
        metavar="NAME=NUMBER",
        help="Value of an input that decides what an ONNX model runs, sr=16000; repeatable.",
    ),
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key", metavar="NAME", help="Where the network is in a file of several, e.g. ema."
    ),
]
LayoutOption = Annotated[
    str,
    typer.Option(
        "--layout",
        metavar="torch|keras",
        help="Where the filters of weights stand: first, or last (Keras, TensorFlow, Flax).",
    ),
]
TokensOption = Annotated[
    list[str] | None,
    typer.Option(
        "--tokens",
        metavar="N|GLOB=N",
        help="Tokens or time steps of linear and recurrent layers, 128 or 'lstm.*=160'; "
        "repeatable.",
    ),
]
EnergyOption = Annotated[
    str | None,
    typer.Option(
        "--energy",
        metavar="NAME|FILE[,...]",
        help="Energy table, e.g. stonne,physical (see: hwsim energy list).  "
        "[default: physical, and in a run the arch's beside it]",
        autocompletion=complete_tables,
        show_default=False,
    ),
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Evaluate with another engine; stonne and timeloop are the real programs.  "
        "[default: the arch's]",
        autocompletion=complete_engine,
        show_default=False,
    ),
]
DensityOption = Annotated[
    str,
    typer.Option(
        metavar="actual|statistical",
        help="Use the very zeros of the weights, or their share alone (engine sparseloop).",
    ),
]
ActivationDensityOption = Annotated[
    float,
    typer.Option(metavar="SHARE", help="Expected share of activations that are not 0."),
]
ActivationsOption = Annotated[
    str | None,
    typer.Option(
        metavar="measured|dense|SHARE|FILE",
        help="What is not 0 of the inputs: as measured with the network (what run and sweep take "
        "where it has that), all, a share, a .csv (layer,share), or an .npz of the inputs "
        "themselves.",
    ),
]
EqualAreaOption = Annotated[
    bool,
    typer.Option(
        "--equal-area",
        help="Give each scheme a machine of its own: as many units of its kind as fit the area.",
    ),
]
ProgramOption = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="The real program; with --docker its name in the image.  "
        "[default: HWSIM_STONNE or HWSIM_TIMELOOP_MODEL, then the PATH]",
        show_default=False,
    ),
]
DockerOption = Annotated[
    str | None,
    typer.Option(
        metavar="IMAGE", help="Run it from an image; 'default' is the one its authors publish."
    ),
]
TimeoutOption = Annotated[
    float,
    typer.Option(
        min=PROGRAM_S.least,
        max=PROGRAM_S.most,
        metavar="SECONDS",
        help="For each run of the real program.",
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="DIR", help="Folder for tables, plot and manifest."),
]
StoreOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.db", help="Where results are kept and looked up.", show_default=False
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document instead of tables.")
]


def _turn_cache_off(wanted: bool) -> None:
    """Let this process, and those that it starts, keep nothing for the next run."""
    if wanted:
        os.environ[OFF_VARIABLE] = "1"


NoCacheOption = Annotated[
    bool,
    typer.Option(
        "--no-cache",
        callback=_turn_cache_off,
        expose_value=False,
        help="Search mappings anew, and keep none (see: hwsim cache show).",
    ),
]


def parse_input_size(text: str | None) -> int | tuple[int, int] | None:
    """Read ``224`` or ``224x160`` (rows x columns).

    Raises
    ------
    InputError
        For anything else.
    """
    if text is None:
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,5})(?:x([1-9][0-9]{0,5}))?", text.strip())
    if match is None:
        raise InputError(
            f"--input-size {text!r}: expected ROWS or ROWSxCOLUMNS, e.g. 224 or 224x160"
        )
    rows, columns = match.groups()
    return int(rows) if columns is None else (int(rows), int(columns))


def defined_values(given: list[str] | None) -> dict[str, Value]:
    """Read ``NAME=VALUE`` of templates: numbers and truth values as such, the rest as text.

    Raises
    ------
    InputError
        If it is of another form, or a name is there twice.
    """
    values: dict[str, Value] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise InputError(f"--define {text!r}: expected NAME=VALUE, e.g. architecture=eyeriss")
        if name in values:
            raise InputError(f"--define {text!r}: {name!r} is given twice; keep one of them")
        values[name] = _value(value)
    return values


def _value(text: str) -> Value:
    if text in {"true", "false"}:
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
