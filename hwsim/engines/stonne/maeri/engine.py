"""MAERI as STONNE simulates it, each layer in the tile that is best for it.

Convolutions are run as they are, other layers as dense products. See ``docs/stonne.md`` for the
machine.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from hwsim.activity import Activity
from hwsim.engines.protocol import Engine, operand_limits
from hwsim.engines.stonne.fabric.prices import OBJECTIVES, prices_read
from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.machine import ACCUMULATION, MaeriMachine
from hwsim.engines.stonne.maeri.operation import Convolution
from hwsim.engines.stonne.maeri.simulation import MAERI, simulate_loops
from hwsim.engines.stonne.maeri.tiles.search import best_tile
from hwsim.workload.workload import ConvolutionWindow, Workload

if TYPE_CHECKING:
    from hwsim.arch import Arch


class MaeriEngine(Engine):
    """Cycles and action counts of a layer on MAERI, equal to STONNE's.

    Images run one after the other. The groups of a convolution are a dimension of the machine's
    loops; a linear layer with groups runs them one after the other.
    """

    name = MAERI
    version = "2"  # threads spoilt one another's states where partial sums return
    compares_schemes = False
    options = MappingProxyType({"accumulation": ACCUMULATION, "tile_objective": OBJECTIVES})

    def check(self, arch: Arch) -> None:
        """Refuse sizes that the machine cannot have, and choices that there are not."""
        MaeriMachine.of(arch)
        arch.option("tile_objective", OBJECTIVES)

    def simulate(self, workload: Workload, arch: Arch) -> Activity:
        """Evaluate a lowered layer.

        Parameters
        ----------
        workload : Workload
            The layer. Zeros are multiplied like other values.
        arch : Arch
            With ``num_ms``, ``dn_bw``, ``rn_bw`` and the options ``accumulation`` and
            ``tile_objective``.

        Returns
        -------
        Activity
            ``statistics`` say the tile: ``T_R`` to ``T_Y_`` where STONNE would run ``-CONV``,
            ``T_M``, ``T_N`` and ``T_K`` where it would run ``-DenseGEMM``.
        """
        machine = MaeriMachine.of(arch)
        layer = convolution_of(workload)
        product = layer is None
        if layer is None:
            layer = Convolution.gemm(workload.streams, workload.filters, workload.K)
        tile = best_tile(layer, machine, arch.option("tile_objective", OBJECTIVES))
        run = simulate_loops(Loops(layer, tile, machine))
        groups = workload.groups if product else 1
        whole = run.repeated(groups)
        totals = {
            name: value * groups if isinstance(value, int) else value
            for name, value in run.statistics.items()
        }
        said = tile.as_gemm() if product else tile.as_convolution()
        return replace(whole, effectual_macs=workload.effectual_macs, statistics={**totals, **said})

    def key(self, workload: Workload) -> Hashable:
        """Identify the shape, and how many weights are not zero: nothing else is told of them."""
        shape = workload.groups, workload.filters, workload.K, workload.streams
        known = workload.effectual_weights, workload.activations.samples
        return *shape, workload.kind, workload.window, workload.images, *known

    def reads(self, arch: Arch) -> Hashable:
        """Identify sizes, options, and the prices of tiles: no clock, memory or node is read."""
        settings = tuple(sorted(arch.parameters.items())), tuple(sorted(arch.options.items()))
        return settings, operand_limits(arch), prices_read(arch)


def convolution_of(workload: Workload) -> Convolution | None:
    """Take a layer as a convolution of the machine; None if it is none.

    The machine knows one stride and no dilation: other windows are run as a dense product, their
    values written out for every position.
    """
    window = workload.window
    if window is None:
        return None
    stride = _stride(window)
    if stride is None:
        return None
    (R, S), (rows, columns) = window.kernel, window.output
    return Convolution(
        R=R,
        S=S,
        C=window.channels * workload.groups,
        K=workload.filters * workload.groups,
        G=workload.groups,
        X=(rows - 1) * stride + R,
        Y=(columns - 1) * stride + S,
        strides=stride,
    )


def _stride(window: ConvolutionWindow) -> int | None:
    """Give the stride of both axes; one that has a single output fits any."""
    along = list(zip(window.kernel, window.output, window.stride, window.dilation, strict=True))
    if any(taps > 1 and dilation > 1 for taps, _, _, dilation in along):
        return None
    strides = {stride for _, outputs, stride, _ in along if outputs > 1}
    return strides.pop() if len(strides) == 1 else (None if strides else 1)
