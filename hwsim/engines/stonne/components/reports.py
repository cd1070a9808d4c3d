"""Runs of the flexible fabric for STONNE's result files."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.stonne.components.dense_controller import DenseController, TiledLayer
from hwsim.engines.stonne.components.linear_fabric import LinearFabric
from hwsim.engines.stonne.components.sparse_controller import SparseController
from hwsim.engines.stonne.fabric.fibers import fill_short_fibers
from hwsim.engines.stonne.files.report import StonneReport
from hwsim.engines.stonne.files.run_stats import gemm_layer, run_stats, tile_stats
from hwsim.engines.stonne.files.settings import StonneSettings

_SIZES: Final = ("num_ms", "dn_bw", "rn_bw")
#: Dimensions in the order of printing, and what the program calls a tile's.
_TILE: Final = {
    **{name: f"T_{name}" for name in ("R", "S", "C", "K", "G", "N")},
    "X": "T_X_",
    "Y": "T_Y_",
}


def sparse_report(
    settings: StonneSettings, stationary: NDArray[np.bool_], streaming: NDArray[np.bool_]
) -> StonneReport:
    """Run a sparse GEMM.

    Parameters
    ----------
    settings : StonneSettings
        Of ``SparseGEMM``.
    stationary, streaming : ndarray of bool, shapes (fibers, K) and (vectors, K)
        Where the operands are not zero.
    """
    fabric = LinearFabric(*settings.numbers(*_SIZES))
    controller = SparseController(
        fabric,
        fill_short_fibers(stationary),
        fill_short_fibers(streaming),
        settings.text("dataflow"),
    )
    fabric.run(controller)
    M, N, K = settings.numbers("M", "N", "K")
    return fabric.report(run_stats(settings, gemm_layer(N, M, K), None), controller)


def dense_report(settings: StonneSettings) -> StonneReport:
    """Run a convolution, or a dense GEMM as one, which the machine takes."""
    convolution = settings.operation == "CONV"
    layer = _convolution(settings) if convolution else _gemm(settings)
    accumulates = settings.number("accumulation_buffer") > 0
    tree = settings.text("rn_type") != "TEMPORALRN"
    fabric = LinearFabric(*settings.numbers(*_SIZES), accumulates=accumulates, tree=tree)
    fabric.configure([layer.neuron_size] * layer.neurons, folding=False)
    for accumulator in fabric.accumulators:
        accumulator.configure(layer.folds)
    controller = DenseController(fabric, layer)
    fabric.run(controller)
    tile = {name: layer.tile[dimension] for dimension, name in _TILE.items()}
    shape = _layer_stats(settings, layer) if convolution else gemm_layer(*_product(settings))
    beginning = run_stats(settings, shape, tile_stats(tile, folding=layer.returns))
    return fabric.report(beginning, controller)


def _convolution(settings: StonneSettings) -> TiledLayer:
    R, S, C, K, G, N = settings.numbers("R", "S", "C", "K", "G", "N")
    X, Y, strides = settings.numbers("X", "Y", "strides")
    extent = {
        "R": R,
        "S": S,
        "C": C // G,
        "K": K // G,
        "G": G,
        "N": N,
        "X": (X - R) // strides + 1,
        "Y": (Y - S) // strides + 1,
    }
    tile = {dimension: settings.number(name) for dimension, name in _TILE.items()}
    return _tiled(settings, extent, tile, strides)


def _gemm(settings: StonneSettings) -> TiledLayer:
    """Take a dense GEMM as STONNE does: M rows that N filters of one row of K pass over."""
    M, N, K = _product(settings)
    one = {"R": 1, "C": 1, "G": 1, "N": 1, "Y": 1}
    rows, columns, depth = settings.numbers("T_M", "T_N", "T_K")
    tile = {**one, "S": depth, "K": columns, "X": rows}
    return _tiled(settings, {**one, "S": K, "K": N, "X": M}, tile, 1)


def _tiled(
    settings: StonneSettings, extent: dict[str, int], tile: dict[str, int], strides: int
) -> TiledLayer:
    """Let partial sums return where nothing accumulates them and there are several folds."""
    layer = TiledLayer(extent, tile, strides, returns=False)
    if layer.folds == 1 or settings.number("accumulation_buffer"):
        return layer
    return TiledLayer(extent, tile, strides, returns=True)


def _layer_stats(settings: StonneSettings, layer: TiledLayer) -> dict[str, int]:
    of_group = {name: layer.extent[name] for name in ("R", "S", "C", "K", "G", "N")}
    X, Y = settings.numbers("X", "Y")
    return {**of_group, "X": X, "Y": Y, "X_": layer.extent["X"], "Y_": layer.extent["Y"]}


def _product(settings: StonneSettings) -> tuple[int, int, int]:
    M, N, K = settings.numbers("M", "N", "K")
    return M, N, K
