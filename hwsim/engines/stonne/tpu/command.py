"""A dense GEMM on the mesh as STONNE's command line asks for it."""

from __future__ import annotations

from typing import NamedTuple

from hwsim.activity import Activity
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.tpu.engine import run_gemm
from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.engines.stonne.tpu.tile import Gemm, Tile, check_tile
from hwsim.engines.stonne.tpu.tile_search import best_tile
from hwsim.errors import InputError


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
    """

    gemm: Gemm
    tile: Tile
    sizes: MeshSizes
    depth: int
    folding: bool


def mesh_run(settings: StonneSettings) -> MeshRun:
    """Check what is asked of the mesh.

    Raises
    ------
    InputError
        In a line that names the rule of the machine that it breaks.
    """
    where = f"-{settings.operation}"
    for option, needed in (("mem_ctrl", "TPU_OS_DENSE"), ("rn_type", "TEMPORALRN")):
        if settings.text(option) != needed:
            raise InputError(
                f"{where}: hwsim models the multiplier network OS_MESH with {option}={needed} "
                f"only. Got {settings.text(option)}"
            )
    sizes = MeshSizes(*settings.numbers(*MeshSizes._fields))
    sizes.check(where)
    gemm, tile = Gemm(*settings.numbers("M", "N", "K")), Tile(*settings.numbers("T_M", "T_N"))
    depth, accumulates = settings.numbers("T_K", "accumulation_buffer")
    check_tile(tile, depth, gemm, sizes, accumulates=bool(accumulates))
    return MeshRun(gemm, tile, sizes, depth, folding=depth < gemm.K and not accumulates)


def with_best_tile(settings: StonneSettings, objective: str) -> StonneSettings:
    """Let the mesh work in the tile with the least cycles, energy or product of them.

    Raises
    ------
    InputError
        As :func:`mesh_run`.
    """
    run = mesh_run(settings.with_values({"T_M": 1, "T_N": 1, "T_K": 1}))
    tile = best_tile(run.gemm, run.sizes, objective)
    return settings.with_values({"T_M": tile.rows, "T_N": tile.columns, "T_K": 1})


def simulate_mesh(settings: StonneSettings) -> Activity:
    """Run a GEMM on the mesh.

    Raises
    ------
    InputError
        As :func:`mesh_run`.
    """
    run = mesh_run(settings)
    return run_gemm(run.gemm, run.tile, run.sizes)
