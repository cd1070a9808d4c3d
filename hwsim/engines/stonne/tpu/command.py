"""A dense GEMM on the mesh as STONNE's command line asks for it."""

from __future__ import annotations

from typing import Final, NamedTuple

from hwsim.engines.stonne.fabric.sizes import FabricSizes
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.engines.stonne.tpu.tile import Gemm, Tile, check_tile
from hwsim.engines.stonne.tpu.tile_search import best_tile
from hwsim.errors import InputError

#: The controller of the mesh, and MAERI's reduce network, which it can have behind it.
_CONTROLLER: Final = "TPU_OS_DENSE"
_TREE: Final = "ASNETWORK"


class MeshRun(NamedTuple):
    """A GEMM, its tile and the mesh, all of which fit one another.

    Parameters
    ----------
    gemm, tile, sizes
        What is run, in which pieces, and where.
    depth : int
        ``T_K``, which the result file repeats.
    folding : bool
        Whether STONNE takes it that partial sums come back from the buffer, which the result file
        repeats.
    accumulates : bool
        Whether the accumulation buffer is said to be on; without a tree there always is one.
    tree : bool
        Whether products go through MAERI's tree of adders, and not into an accumulator each.
    """

    gemm: Gemm
    tile: Tile
    sizes: MeshSizes
    depth: int
    folding: bool
    accumulates: bool
    tree: bool


def mesh_run(settings: StonneSettings) -> MeshRun:
    """Check what is asked of the mesh.

    Raises
    ------
    InputError
        In a line that names the rule of the machine that it breaks.
    """
    where = f"-{settings.operation}"
    if (controller := settings.text("mem_ctrl")) != _CONTROLLER:
        raise InputError(
            f"{where}: hwsim models the multiplier network OS_MESH with mem_ctrl={_CONTROLLER} "
            f"only. Got {controller}"
        )
    if (network := settings.text("rn_type")) == "FENETWORK":
        raise InputError(
            f"{where}: rn_type={network} cannot be configured anew for each tile, which the mesh "
            "asks for: set rn_type=TEMPORALRN, or ASNETWORK"
        )
    sizes = MeshSizes(*settings.numbers(*MeshSizes._fields))
    sizes.check(where)
    gemm, tile = Gemm(*settings.numbers("M", "N", "K")), Tile(*settings.numbers("T_M", "T_N"))
    depth, accumulates = settings.numbers("T_K", "accumulation_buffer")
    check_tile(tile, depth, gemm, sizes, accumulates=bool(accumulates))
    if tree := network == _TREE:
        _check_tree(where, gemm, sizes, accumulates=bool(accumulates))
    folding = depth < gemm.K and not accumulates
    return MeshRun(gemm, tile, sizes, depth, folding, bool(accumulates), tree)


def _check_tree(where: str, gemm: Gemm, sizes: MeshSizes, *, accumulates: bool) -> None:
    """Refuse what does not fit MAERI's tree of adders, which has ``num_ms`` leaves."""
    if sizes.multipliers == 1:
        raise InputError(
            f"{where}: rn_type={_TREE} has two leaves at least, and the mesh is one multiplier: "
            "set rn_type=TEMPORALRN"
        )
    if sizes.num_ms != sizes.multipliers:
        raise InputError(
            f"{where}: rn_type={_TREE} has num_ms = {sizes.num_ms} leaves, one for each of the "
            f"ms_rows x ms_cols = {sizes.multipliers} multipliers: set num_ms={sizes.multipliers}"
        )
    FabricSizes(sizes.num_ms, 1, sizes.rn_bw).check(f"{where}: rn_type={_TREE}")
    if gemm.K > 1 and not accumulates:
        raise InputError(
            f"{where}: rn_type={_TREE} without the accumulation buffer writes each of the K = "
            f"{gemm.K} products of an output to the memory, the last one over the others: set "
            "accumulation_buffer=1"
        )


def with_best_tile(settings: StonneSettings, objective: str) -> StonneSettings:
    """Let the mesh work in the tile with the least cycles, energy or product of them.

    Raises
    ------
    InputError
        As :func:`mesh_run`.
    """
    run = mesh_run(settings.with_values({"T_M": 1, "T_N": 1, "T_K": 1}))
    if run.tree:
        raise InputError(
            f"-{settings.operation}: behind a mesh tiles are searched for with "
            "rn_type=TEMPORALRN only: give T_M and T_N"
        )
    tile = best_tile(run.gemm, run.sizes, objective)
    return settings.with_values({"T_M": tile.rows, "T_N": tile.columns, "T_K": 1})
