"""Import an ONNX model as a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.geometry import as_input_size
from hwsim.networks.graphs.calls import Calls
from hwsim.networks.network import Network
from hwsim.networks.onnx import observed
from hwsim.networks.onnx.accounts import Accounts
from hwsim.networks.onnx.inputs import graph_inputs, parse_shapes, parse_values
from hwsim.networks.onnx.measuring import Bools, Measured, Seen, nonzeros_of, read_samples
from hwsim.networks.onnx.model_file import ModelFile
from hwsim.networks.onnx.values import Value
from hwsim.networks.onnx.walk import Walk
from hwsim.networks.readers.weight_file import check_and_hash, readable


def load_onnx(
    path: str | Path,
    inputs: Sequence[str] = (),
    values: Sequence[str] = (),
    skip: Sequence[str] = (),
    input_size: tuple[int, int] | int | None = None,
    data: str | Path | None = None,
    masks: bool = False,
) -> Network:
    """Read a network from an ONNX model: geometry, order and weights, as the graph computes them.

    Convolutions of any rank, transposed or of integers, products of matrices, recurrent layers a
    step at a time, attention, and weights however they are made of constants: transposed, cast,
    dequantised, by QONNX's quantisers. Conditions and loops are followed where they are known.

    Parameters
    ----------
    path : str or Path
        The ``.onnx`` file; external data lie beside it.
    inputs : sequence of str
        ``NAME=1x3x320x320``: shapes of inputs that the model leaves open. An open batch is 1.
    values : sequence of str
        ``NAME=16000``: values of inputs that a condition or a shape depends on.
    skip : sequence of str
        Name patterns of operators to leave out.
    input_size : (int, int) or int, optional
        Rows and columns, where the input is images and leaves them open.
    data : str or Path, optional
        Samples of the input, an ``.npy``, or an ``.npz`` with an array for each input, of which
        onnxruntime measures the zeros that each layer sees (``Layer.input_density``).
    masks : bool
        Whether it is kept where those zeros are, in each of the samples (``Layer.input_masks``).

    Returns
    -------
    Network
        Its layers in execution order; ``uncounted`` names every other array of the file, and
        every operator with multiply-accumulates that was not taken.

    Raises
    ------
    InputError
        If onnx is not installed, the file is no ONNX model, a shape is open, an operator with
        weights is not known, or masks are wanted without data.
    """
    if masks and data is None:
        raise InputError(f"{path}: masks of zeros are measured on samples; give data (--data)")
    path = Path(path)
    size = as_input_size(input_size)
    sha256 = check_and_hash(path)
    # What a damaged graph does to onnx, numpy and this code is not to be foreseen.
    with readable(path, "an ONNX model that can be followed"):
        file = ModelFile.open(path)
        known, notes = graph_inputs(
            path, file.model.graph, parse_shapes(inputs), parse_values(values), size
        )
        walk = _walk(file, known, tuple(skip))
        if data is not None:
            walk = _measured(file, known, walk, Path(data), masks)
        return _network(path, sha256, file, walk, known, notes, skip)


def _network(
    path: Path,
    sha256: str,
    file: ModelFile,
    walk: Walk,
    known: Mapping[str, Value],
    notes: Sequence[str],
    skip: Sequence[str],
) -> Network:
    layers = walk.calls.layers()
    if not layers:
        raise InputError(f"{path}: no operator of it multiplies with weights or activations")
    for pattern in skip:
        if pattern not in walk.used_patterns:
            raise InputError(f"{path}: no operator with weights or MACs matches --skip {pattern!r}")
    shapes = {name: "x".join(map(str, v.shape)) for name, v in known.items() if v.shape}
    of = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
    return Network(
        name=path.stem,
        layers=layers,
        path=str(path),
        sha256=sha256,
        topology="onnx",
        uncounted=(*walk.left_out, *walk.accounts.uncounted()),
        notes=(*([f"shapes are for input {of}"] if of else []), *notes, *_once(walk.notes)),
        provenance=_producer(file.model),
    )


def _walk(file: ModelFile, inputs: dict[str, Value], skip: tuple[str, ...]) -> Walk:
    """Follow the graph; where a shape is missing, run it and follow it again."""
    walk = Walk(file.opsets, file.model.ir_version, file.array, file.sparse, skip=skip)
    _follow(file, walk, inputs)
    if not walk.needed:
        return walk
    if not observed.available():
        raise InputError(
            f"{file.path}: the shape of {walk.needed[0]} is known only when the model runs: "
            "pip install onnxruntime, and hwsim runs it once"
        )
    seen = observed.observe(file.path, file.model, inputs, walk.unknown)
    again = Walk(file.opsets, file.model.ir_version, file.array, file.sparse, seen, skip)
    _follow(file, again, inputs)
    if again.needed:
        raise InputError(
            f"{file.path}: the shape of {again.needed[0]} is not known, not even when the model "
            "runs; leave the operator out with --skip, or simplify the model (onnxsim)"
        )
    again.notes.append("some shapes were taken from one run on random input; they may depend on it")
    return again


def _measured(
    file: ModelFile, inputs: dict[str, Value], walk: Walk, data: Path, masks: bool
) -> Walk:
    """Run the samples, and follow the graph again with what its layers saw."""
    if not observed.available():
        raise InputError(f"{data}: measuring zeros needs onnxruntime: pip install onnxruntime")
    samples = read_samples(data, inputs)
    made = {name for node in file.model.graph.node for name in node.output}
    seen = sorted(each for each in walk.seen if each[0] in made or each[0] in inputs)
    runner = observed.Runner(
        file.path, file.model, sorted({name for name, _ in seen if name in made})
    )
    stated = {name: value.array for name, value in inputs.items() if value.array is not None}
    totals: dict[Seen, NDArray[np.float64]] = {}
    kept: dict[Seen, list[Bools]] = {each: [] for each in seen}
    for sample in samples:
        arrays = {**stated, **sample}
        arrays.update(runner.run(arrays))
        for each in seen:
            there = nonzeros_of(arrays[each[0]], each[1])
            share = there.mean(axis=0, dtype=np.float64)
            totals[each] = totals[each] + share if each in totals else share
            if masks:
                kept[each].append(there)
    measured = {
        each: Measured(total / len(samples), tuple(kept[each])) for each, total in totals.items()
    }
    again = replace(
        walk, measured=measured, calls=Calls(), accounts=Accounts(), unknown=[], needed=[]
    )
    again.left_out, again.notes = [], []
    _follow(file, again, inputs)
    where = ", and kept where they are" if masks else ""
    again.notes.append(f"zeros of the layers' inputs are measured on {len(samples)} samples{where}")
    return again


def _follow(file: ModelFile, walk: Walk, inputs: dict[str, Value]) -> None:
    try:
        walk.graph(file.model.graph, inputs)
    except InputError as error:
        text = str(error)
        named = text.startswith(f"{file.path}: ")
        raise InputError(text if named else f"{file.path}: {text}") from error


def _once(notes: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(notes))


def _producer(model: Any) -> str:
    return " ".join(
        filter(None, ("ONNX by", model.producer_name or "an unnamed tool", model.producer_version))
    )
