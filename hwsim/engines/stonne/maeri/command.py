"""A convolution or a dense product on MAERI as STONNE's command line asks for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hwsim.activity import Activity
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.machine import MaeriMachine
from hwsim.engines.stonne.maeri.operation import TILE_NAMES, Convolution, Tile
from hwsim.engines.stonne.maeri.rules import refuse_unrunnable
from hwsim.engines.stonne.maeri.simulation import simulate_loops
from hwsim.engines.stonne.maeri.tiles.search import best_tile
from hwsim.errors import InputError

#: Controllers and reduce networks that make a MAERI.
_KNOWN: Final = {
    "mem_ctrl": ("MAERI_DENSE_WORKLOAD",),
    "rn_type": ("ASNETWORK", "FENETWORK"),
}
_MACHINE: Final = ("num_ms", "dn_bw", "rn_bw", "accumulation_buffer")


def linear_loops(settings: StonneSettings) -> Loops:
    """Take what is asked of the linear multipliers; the machine may still refuse it.

    Raises
    ------
    InputError
        If the networks and the controller do not make a MAERI.
    """
    where = f"-{settings.operation}"
    for option, known in _KNOWN.items():
        said = settings.values.get(option, known[0])
        if said not in known:
            raise InputError(
                f"{where}: the multiplier network LINEAR works with {option}={' or '.join(known)} "
                f"only. Got {said}"
            )
    num_ms, dn_bw, rn_bw, accumulates = settings.numbers(*_MACHINE)
    fold_nodes = settings.text("rn_type") == "FENETWORK"  # which has no accumulation buffer
    machine = MaeriMachine(
        num_ms,
        dn_bw,
        rn_bw,
        accumulates=bool(accumulates) and not fold_nodes,
        fold_nodes=fold_nodes,
    )
    machine.check(where)
    if settings.operation == "CONV":
        layer = Convolution(*settings.numbers("R", "S", "C", "K", "G", "N", "X", "Y", "strides"))
        return Loops(layer, Tile(*settings.numbers(*TILE_NAMES)), machine)
    layer = Convolution.gemm(*settings.numbers("M", "N", "K"))
    return Loops(layer, Tile.gemm(*settings.numbers("T_M", "T_N", "T_K")), machine)


def simulate_linear(settings: StonneSettings) -> Activity:
    """Run an operation on MAERI.

    Raises
    ------
    InputError
        If the machine cannot run it; the line names the rule that is broken.
    """
    return simulate_loops(linear_loops(settings))


def with_best_linear_tile(settings: StonneSettings, objective: str) -> StonneSettings:
    """Put the tile with the least cycles, energy or product of them in the place of what is said.

    Raises
    ------
    InputError
        If the networks and the controller do not make a MAERI, or the layer is none.
    """
    said = linear_loops(settings)
    refuse_unrunnable(replace(said, tile=Tile()))
    tile = best_tile(said.layer, said.machine, objective)
    return settings.with_values(
        tile.as_convolution() if settings.operation == "CONV" else tile.as_gemm()
    )
