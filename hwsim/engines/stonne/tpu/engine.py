"""STONNE's systolic mesh in closed form: its dense GEMM on the configuration of a TPU.

Operands come in at the edges and are handed on from multiplier to multiplier; each place of the
mesh sums one output. See ``docs/stonne.md`` for the machine.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from hwsim.activity import Activity
from hwsim.engines.protocol import Engine, operand_limits
from hwsim.engines.stonne.fabric.prices import OBJECTIVES, prices_read
from hwsim.engines.stonne.tpu.counts import action_counts, instances, memory_totals
from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.engines.stonne.tpu.tile import Gemm, Tile, check_tile
from hwsim.engines.stonne.tpu.tile_search import best_tile
from hwsim.engines.stonne.tpu.timing import gemm_cycles
from hwsim.errors import InputError
from hwsim.pace import Pace

if TYPE_CHECKING:
    from hwsim.arch import Arch
    from hwsim.workload import Workload


class TpuEngine(Engine):
    """Cycles and action counts of a GEMM on the mesh, equal to STONNE's.

    STONNE's front end brings the filters of a convolution in from the left and its windows from
    the top; of a linear layer the vectors from the left and the filters from the top. Images run
    one after the other, and so do groups.
    """

    name = "tpu"
    compares_schemes = False
    options = MappingProxyType({"tile_objective": OBJECTIVES})

    def check(self, arch: Arch) -> None:
        """Refuse sizes that the machine cannot have, and choices that there are not."""
        MeshSizes.of(arch)
        arch.option("tile_objective", OBJECTIVES)

    def simulate(self, workload: Workload, arch: Arch) -> Activity:
        """Evaluate a lowered layer.

        Parameters
        ----------
        workload : Workload
            The layer. Zeros are multiplied like other values.
        arch : Arch
            With the parameters of :class:`~hwsim.engines.stonne.tpu.sizes.MeshSizes`; ``tile_m``
            and ``tile_n`` are 0 where the best tile of each layer is to be found, by the option
            ``tile_objective``.

        Returns
        -------
        Activity
            Totals over all groups. ``statistics`` say the tile as ``T_M`` and ``T_N``.

        Raises
        ------
        InputError
            If the machine does not take the tile that is set.
        """
        sizes = MeshSizes.of(arch)
        gemm = Gemm(workload.M, workload.N, workload.K)
        tile = _chosen(gemm, sizes, arch)
        run = run_gemm(gemm, tile, sizes, weights_left=workload.kind == "conv")
        groups = workload.groups
        totals = {
            name: value * groups if isinstance(value, int) else value
            for name, value in run.statistics.items()
        }
        return replace(
            run.repeated(groups),
            effectual_macs=workload.effectual_macs,
            statistics={**totals, "T_M": tile.rows, "T_N": tile.columns},
        )

    def key(self, workload: Workload) -> Hashable:
        """Identify the GEMM, and how many weights are not zero: nothing else is told of them."""
        shape = workload.levels.shape, workload.streams, workload.kind, workload.images
        return shape, workload.effectual_weights, workload.activations.samples

    def reads(self, arch: Arch) -> Hashable:
        """Identify sizes, options, and the prices of tiles: no clock, memory or node is read."""
        settings = tuple(sorted(arch.parameters.items())), tuple(sorted(arch.options.items()))
        return settings, operand_limits(arch), prices_read(arch)


def run_gemm(gemm: Gemm, tile: Tile, sizes: MeshSizes, *, weights_left: bool = False) -> Activity:
    """Run one GEMM with one tile, both of which the machine takes.

    Parameters
    ----------
    gemm : Gemm
        ``MK`` times ``KN``.
    tile : Tile
        What the mesh works on at a time.
    sizes : MeshSizes
        The machine.
    weights_left : bool
        Whether ``MK`` is the weights; in STONNE's own words ``KN`` is.
    """
    cycles = gemm_cycles(gemm, tile, sizes)
    macs = gemm.M * gemm.N * gemm.K
    offered = sizes.multipliers * cycles
    return Activity(
        engine=TpuEngine.name,
        cycles=cycles,
        counts=action_counts(gemm, tile, sizes, weights_left=weights_left),
        instances=instances(sizes),
        macs=macs,
        effectual_macs=macs,
        utilization=macs / offered,
        statistics=memory_totals(gemm, tile, cycles),
        pace=Pace(
            operations=1.0,
            memories=1.0,
            slack=offered / macs,
            zeros="the mesh multiplies zeros like other values",
            waiting="tiles that do not fill the mesh, and the way into it and out of it",
        ),
    )


def _chosen(gemm: Gemm, sizes: MeshSizes, arch: Arch) -> Tile:
    rows, columns = arch["tile_m"], arch["tile_n"]
    if not rows and not columns:
        return best_tile(gemm, sizes, arch.option("tile_objective", OBJECTIVES))
    if not rows or not columns:
        raise InputError(
            f"arch {arch.label!r}: set both tile_m and tile_n, or neither: the best tile is "
            f"found where both are 0. Got {rows} and {columns}"
        )
    tile = Tile(rows, columns)
    check_tile(tile, 1, gemm, sizes, accumulates=True)
    return tile
