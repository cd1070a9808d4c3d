"""A network's layers on this processor: merged sums under each scheme, beside dense products."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import EngineError, InputError
from hwsim.kernels.dense import by_filter, onednn, product, sgemm, unfolded
from hwsim.kernels.digits import digits_of
from hwsim.kernels.group_sums import Tile
from hwsim.kernels.host import host
from hwsim.kernels.one_thread import one_thread
from hwsim.kernels.paired import take_times
from hwsim.kernels.peak import measure_peak
from hwsim.kernels.result import BenchResult, Kernel, LayerTimes
from hwsim.kernels.tuning import fastest
from hwsim.networks.network import Layer
from hwsim.schemes.dense import Dense
from hwsim.schemes.quantized import QuantizedLayer, QuantizedNetwork

Floats = NDArray[Any]
_Tiles = dict[tuple[object, ...], Tile]

SGEMM: Final = "sgemm"
UNFOLDED: Final = "im2col+sgemm"
ONEDNN: Final = "oneDNN"
#: A sum of n float32 is off by n times this at most, of the sum of its magnitudes: Higham,
#: Accuracy and Stability of Numerical Algorithms, 2nd edition, equation 4.4.
_ROUNDING: Final = 2.0**-24
#: Times are taken for hours by then.
_MOST_ROUNDS: Final = 1_000_000


def bench(
    networks: Mapping[str, QuantizedNetwork],
    rounds: int = 31,
    seed: int = 0,
    progress: Callable[[str], object] = lambda name: None,
) -> BenchResult:
    """Measure the layers that all schemes change, one thread on one processor.

    For each layer the tile of each scheme is chosen by trying, once for a shape; the result is
    compared with the product in float64; then all ways are timed in turns, from maps of
    activations (channels, rows, columns) to such maps again, or from vectors to vectors of a linear
    layer. ``sgemm`` alone is timed without im2col. Results go to the same memory each time, but
    oneDNN's, which measures convolutions. Compiling and making tables is not timed.

    Parameters
    ----------
    networks : mapping of str to QuantizedNetwork
        The same network under each scheme, with the layers to measure.
    rounds : int
        Times that are taken of every layer and way.
    seed : int
        Of the activations, which are normally distributed.
    progress : callable
        Is told the name of each layer before it is measured.

    Raises
    ------
    InputError
        If llvmlite or threadpoolctl is not installed, rounds or seed are out of range, a layer
        has more than three levels in a filter, or none is left to measure.
    EngineError
        If a kernel's result is further from the dense product than float32 rounds.
    """
    _check(rounds, seed)
    host()  # says in the first second what is not installed
    measured, left = [], []
    tiles: _Tiles = {}
    draw = np.random.default_rng(seed)
    with one_thread() as thread:
        peak = measure_peak()
        for layers in zip(*(each.layers for each in networks.values()), strict=True):
            under = dict(zip(networks, layers, strict=True))
            layer = layers[0].layer
            if _left(layers):
                left.append(layer.name)
                continue
            progress(layer.name)
            given = draw.standard_normal(layer.input_shape, dtype=np.float32)
            measured.append(_measure(layer, under, given, rounds, tiles))
    if not measured:
        raise InputError(
            "repetition bench: no layer to measure that every scheme changes; choose others with "
            "--layers or --quantize-layers"
        )
    name = next(iter(networks.values())).network.name
    where = f"{platform.machine()} ({host().name}), {host().lanes} floats a vector, {thread}"
    return BenchResult(name, tuple(networks), tuple(measured), tuple(left), peak, where)


def _check(rounds: int, seed: int) -> None:
    if not 1 <= rounds <= _MOST_ROUNDS:
        raise InputError(f"--rounds {rounds}: expected a whole number from 1 to {_MOST_ROUNDS:,}")
    if seed < 0:
        raise InputError(f"--seed {seed}: expected a whole number, 0 or more")


def _left(layers: tuple[QuantizedLayer, ...]) -> bool:
    return layers[0].layer.of_activations or any(each.scheme == str(Dense()) for each in layers)


def _measure(
    layer: Layer, under: Mapping[str, QuantizedLayer], given: Floats, rounds: int, tiles: _Tiles
) -> LayerTimes:
    kernels, ways = {}, {}
    columns = unfolded(given, layer)
    weights = columns  # of the scheme seen last: dense products take as long with any
    for scheme, quantized in under.items():
        weights = np.asarray(quantized.values, dtype=np.float32)
        digits = digits_of(weights.reshape(layer.filters, -1), layer.name)
        alike = scheme, digits.base, weights.shape, layer.input_shape, layer.stride, layer.groups
        known = (tiles[alike],) if alike in tiles else None
        kernel = fastest(layer, digits, given, known)
        tiles[alike] = kernel.tile
        error = _error(kernel(given), columns, weights, layer)
        positions = kernel.positions * layer.images
        kernels[scheme] = Kernel(kernel.tile, kernel.additions(), positions, error)
        ways[scheme] = partial(kernel, given, np.empty_like(kernel(given)))
    rows = weights.reshape(layer.groups, -1, layer.reduction)
    found = np.empty((*rows.shape[:2], layer.columns), "f4")
    ways[SGEMM] = partial(np.matmul, rows, columns, found)
    ways[UNFOLDED] = partial(sgemm(layer, weights), given)
    library = onednn(layer, weights)
    if library is not None:
        ways[ONEDNN] = partial(library, given)
    return LayerTimes(layer, kernels, take_times(ways, rounds))


def _error(found: Floats, columns: Floats, weights: Floats, layer: Layer) -> float:
    """Compare with the product in float64; the largest difference over the sum of magnitudes."""
    exact = columns.astype(np.float64), weights.astype(np.float64)
    expected = product(*exact, layer)
    magnitude = product(np.abs(exact[0]), np.abs(exact[1]), layer)
    difference = np.abs(by_filter(found, layer) - expected)
    error = float(np.max(difference / np.where(magnitude > 0, magnitude, 1)))
    # Three sums stand behind a binary filter: of its ones, twice, and of all inputs.
    if not error <= 3 * layer.reduction * _ROUNDING:
        raise EngineError(
            f"layer {layer.name!r}: merged sums differ from the dense product by {error:.1e} of "
            "the magnitudes, more than float32 rounds"
        )
    return error
