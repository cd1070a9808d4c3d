"""Runs of the flexible fabric for STONNE's result files."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.activity import Activity
from hwsim.engines.stonne.components.dense_controller import DenseController, TiledLayer
from hwsim.engines.stonne.components.linear_fabric import LinearFabric
from hwsim.engines.stonne.components.sparse_controller import SparseController
from hwsim.engines.stonne.fabric.fibers import fill_short_fibers
from hwsim.engines.stonne.fabric.windows import (
    least_tile_with_whole_windows,
    whole_windows_read,
)
from hwsim.engines.stonne.files.report import StonneReport
from hwsim.engines.stonne.files.run_stats import gemm_layer, run_stats, tile_stats
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.errors import InputError

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
    reduction = settings.text("rn_type")
    accumulates = settings.number("accumulation_buffer") > 0 and reduction != "FENETWORK"
    if reduction == "TEMPORALRN":
        refuse_without_tree(layer, settings.number("num_ms"))
    fabric = LinearFabric(*settings.numbers(*_SIZES), accumulates=accumulates, reduction=reduction)
    fabric.configure([layer.neuron_size] * layer.neurons, folding=False, folds=layer.folds)
    fabric.reduction.accumulate(layer.folds)
    controller = DenseController(fabric, layer)
    fabric.run(controller)
    tile = {name: layer.tile[dimension] for dimension, name in _TILE.items()}
    shape = _layer_stats(settings, layer) if convolution else gemm_layer(*_product(settings))
    beginning = run_stats(settings, shape, tile_stats(tile, folding=layer.returns))
    return fabric.report(beginning, controller)


def dense_activity(settings: StonneSettings) -> Activity:
    """Count a run on multipliers with an accumulator each and no tree; no engine has them.

    Raises
    ------
    InputError
        If the machine does not take it.
    """
    layer = _convolution(settings) if settings.operation == "CONV" else _gemm(settings)
    macs = math.prod(layer.extent.values())
    return dense_report(settings).activity("maeri", macs, settings.number("num_ms"))


def refuse_without_tree(layer: TiledLayer, num_ms: int) -> None:
    """Refuse what multipliers with an accumulator each, and no adders, cannot run.

    Raises
    ------
    InputError
        With the rule that is broken.
    """
    extent, tile = layer.extent, layer.tile
    where = "reduce network TEMPORALRN"
    if layer.neuron_size != 1:
        raise InputError(
            f"{where}: every multiplier sums outputs of its own: T_R, T_S (T_K of a GEMM) and T_C "
            "must be 1, and accumulation_buffer 1 where there are several products"
        )
    if layer.neurons > num_ms:
        raise InputError(f"{where}: the tile needs {layer.neurons} multipliers of {num_ms}")
    for axis in "XY":
        if not whole_windows_read(tile[axis], extent[axis], layer.strides):
            least = least_tile_with_whole_windows(extent[axis], layer.strides)
            raise InputError(
                f"{where}: with a stride of {layer.strides}, T_{axis}_ must be 1, or {least} and "
                "more: the controller bounds what it reads as if outputs were neighbours"
            )
    if tile["N"] > 1 and tile["G"] > 1:
        raise InputError(f"{where}: T_N or T_G must be 1")


def _convolution(settings: StonneSettings) -> TiledLayer:
    R, S, C, K, G, N = settings.numbers("R", "S", "C", "K", "G", "N")
    X, Y, strides = settings.numbers("X", "Y", "strides")
    if min(R, S, C, K, G, N, strides) < 1 or C % G or K % G or X < R or Y < S:
        raise InputError(
            "CONV: extents and strides must be at least 1, C and K multiples of G, and the filter "
            "not larger than the input"
        )
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
    for sizes in (extent, tile):
        for name, size in sizes.items():
            if size < 1:
                raise InputError(f"{name} of the layer and of its tile must be at least 1")
    layer = TiledLayer(extent, tile, strides, returns=False)
    stays = settings.number("accumulation_buffer") or settings.text("rn_type") == "FENETWORK"
    if layer.folds == 1 or stays:
        return layer
    return TiledLayer(extent, tile, strides, returns=True)


def _layer_stats(settings: StonneSettings, layer: TiledLayer) -> dict[str, int]:
    of_group = {name: layer.extent[name] for name in ("R", "S", "C", "K", "G", "N")}
    X, Y = settings.numbers("X", "Y")
    return {**of_group, "X": X, "Y": Y, "X_": layer.extent["X"], "Y_": layer.extent["Y"]}


def _product(settings: StonneSettings) -> tuple[int, int, int]:
    M, N, K = settings.numbers("M", "N", "K")
    return M, N, K
