"""The layers of a published work as workloads: shapes with zeros drawn at random, or measured."""

from __future__ import annotations

import json
import zlib
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.arch.design import StructuredWeightsSpec
from hwsim.errors import InputError, did_you_mean
from hwsim.networks.network import Layer
from hwsim.schemes.quantized import QuantizedLayer
from hwsim.shipped import shipped_folder
from hwsim.validation._file import ConvSpec, GemmSpec, LayerSpec, LinearSpec, WorkSpec
from hwsim.validation._met_weights import draw_met
from hwsim.workload import Activations, Workload, lower

#: Zero masks of eight layers, published with the Sparseloop paper.
MEASURED: Final = "tests/golden/eyeriss_v2"
#: Values drawn at a time, so that large layers take a byte a weight.
_CHUNK: Final = 1 << 20


def workload_of(name: str, work: WorkSpec, *, dense: bool = False) -> tuple[Workload, int]:
    """Make a layer's workload, and tell how often it stands in the work.

    Parameters
    ----------
    name : str
        What to call it; the draw of its zeros depends on the name and the shape alone.
    work : WorkSpec
        The layer.
    dense : bool
        Without any zero, in place of what is stated.

    Raises
    ------
    InputError
        If a measured layer is not known, or a shape cannot be lowered.
    """
    if work.measured is not None:
        return _measured(work.measured.layer, dense), 1
    spec = work.conv or work.linear or work.gemm
    assert spec is not None  # one of them, by the schema
    if isinstance(spec, LinearSpec) and spec.met is not None and not dense:
        levels, nonzeros = draw_met(_generator(name, (spec.filters, spec.channels)), spec)
        return _lowered(_of(name, spec, levels), Activations(nonzeros=nonzeros), spec), spec.times
    layer = _layer(name, spec, dense)
    activations = Activations(1.0 if dense else spec.activations)
    return _lowered(layer, activations, spec), spec.times


def _lowered(layer: Layer, activations: Activations, spec: LayerSpec) -> Workload:
    bits = 1 if spec.coding == "sign" else spec.bits
    quantized = QuantizedLayer(layer, "published", layer.weight, bits, coding=spec.coding)
    return lower(quantized, activations)


def _layer(name: str, spec: ConvSpec | LinearSpec | GemmSpec, dense: bool) -> Layer:
    shape: tuple[int, ...]
    match spec:
        case ConvSpec():
            shape = (spec.filters, spec.channels // spec.groups, spec.kernel, spec.kernel)
        case LinearSpec():
            shape = (spec.filters, spec.channels)
        case GemmSpec():  # a 1x1 convolution keeps the left matrix and streams N positions
            shape = (spec.M, spec.K, 1, 1)
    return _of(name, spec, np.ones(shape, np.int8) if dense else _levels(name, shape, spec))


def _of(name: str, spec: ConvSpec | LinearSpec | GemmSpec, levels: NDArray[np.int8]) -> Layer:
    """Give the weights their geometry."""
    match spec:
        case ConvSpec():
            return Layer(
                name,
                "conv",
                levels,  # type: ignore[arg-type]  # integers stand for any value that is not zero
                stride=(spec.stride, spec.stride),
                padding=(spec.padding, spec.padding),
                groups=spec.groups,
                input_size=(spec.input, spec.input),
            )
        case LinearSpec():
            return Layer(name, "linear", levels, vectors=spec.vectors)  # type: ignore[arg-type]
        case GemmSpec():
            return Layer(name, "conv", levels, input_size=(spec.N, 1))  # type: ignore[arg-type]


def _levels(
    name: str, shape: tuple[int, ...], spec: ConvSpec | LinearSpec | GemmSpec
) -> NDArray[np.int8]:
    """Draw which weights are not zero."""
    generator = _generator(name, shape)
    if spec.structure is not None:
        return _structured(generator, shape, spec.structure)
    levels = np.ones(shape, np.int8)
    if spec.weights < 1:
        flat = levels.reshape(-1)
        for start in range(0, flat.size, _CHUNK):
            part = flat[start : start + _CHUNK]
            part[:] = generator.random(part.size, np.float32) < spec.weights
    return levels


def _generator(name: str, shape: tuple[int, ...]) -> np.random.Generator:
    stream = np.random.SeedSequence(0, spawn_key=(zlib.crc32(name.encode()), *shape))
    return np.random.default_rng(stream)


def _structured(
    generator: np.random.Generator, shape: tuple[int, ...], structure: StructuredWeightsSpec
) -> NDArray[np.int8]:
    """Keep just so many of each group of neighbouring channels, whichever draw the least."""
    filters, channels, *window = shape
    groups = -(-channels // structure.of)
    drawn = generator.random((filters, *window, groups, structure.of), np.float32)
    kept = drawn.argsort(axis=-1).argsort(axis=-1) < structure.nonzeros
    levels = kept.reshape(filters, *window, groups * structure.of)[..., :channels]
    return np.ascontiguousarray(np.moveaxis(levels, -1, 1)).view(np.int8)


@cache
def _masks() -> dict[str, tuple[NDArray[np.int8], NDArray[np.bool_]]]:
    """Read weights (filters, channels) and inputs (1, positions, channels) of measured layers."""
    folder = shipped_folder(MEASURED)
    found = {}
    with np.load(folder / "masks.npz", allow_pickle=False) as masks:
        for each in json.loads((folder / "layers.json").read_text(encoding="utf-8")):
            name, M, C, N = each["layer"], each["M"], each["C"], each["P"] * each["Q"]
            weights = np.unpackbits(masks[f"{name}_weights"])[: M * C].reshape(M, C)
            inputs = np.unpackbits(masks[f"{name}_inputs"])[: N * C].reshape(1, N, C)
            found[name] = (weights.view(np.int8), inputs.view(np.bool_))
    return found


def _measured(name: str, dense: bool) -> Workload:
    """Lower a 1x1 layer as a matrix product, so that engines see the very zeros of its inputs."""
    known = _masks()
    if name not in known:
        raise InputError(f"no measured layer {name!r}{did_you_mean(name, known)}")
    weights, inputs = known[name]
    if dense:
        weights, inputs = np.ones_like(weights), np.ones_like(inputs)
    layer = Layer(name, "linear", weights, vectors=inputs.shape[1])  # type: ignore[arg-type]
    return _lowered(layer, Activations(nonzeros=inputs), LayerSpec())
