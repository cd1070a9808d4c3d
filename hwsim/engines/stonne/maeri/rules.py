"""What MAERI cannot run: the rules that STONNE's program asserts, and where its results are wrong.

The program checks its own sums after a run, so a tile for which its controller sends wrong values
ends in a failed assertion, too (stonne-simulator/stonne at 22634b8b, ``main.cpp``).
"""

from __future__ import annotations

from dataclasses import fields

from hwsim.engines.stonne.fabric.windows import (
    least_tile_with_whole_windows,
    whole_windows_read,
)
from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.operation import TILE_NAMES
from hwsim.engines.stonne.maeri.reduction import Reduction
from hwsim.errors import InputError


def refuse_unrunnable(loops: Loops) -> None:
    """Refuse a layer in tiles that the machine cannot run.

    Raises
    ------
    InputError
        With the rule that is broken.
    """
    _refuse_sizes(loops)
    layer, tile, machine = loops.layer, loops.tile, loops.machine
    for name, size, outputs in (
        ("T_X_", tile.X, layer.rows),
        ("T_Y_", tile.Y, layer.columns),
    ):
        if not whole_windows_read(size, outputs, layer.strides):
            least = least_tile_with_whole_windows(outputs, layer.strides)
            raise InputError(
                f"tile {tile}: with {outputs} outputs at a stride of {layer.strides}, {name} must "
                f"be 1, or {least} and more: the controller bounds what it reads as if outputs "
                "were neighbours"
            )
    if tile.N > 1 and tile.G > 1:
        raise InputError(
            f"tile {tile}: T_N or T_G must be 1: the controller sends the activations of several "
            "inputs as if the tile had one group"
        )
    needed = loops.neuron_size * tile.neurons
    if needed > machine.num_ms:
        extra = f" and {tile.neurons} for the partial sums that return" * loops.sums_return
        raise InputError(
            f"tile {tile}: needs {tile.products * tile.neurons} multipliers{extra}, the machine "
            f"has {machine.num_ms}"
        )
    if machine.sums_stay and loops.folds > 1 and tile.products == 1 and tile.neurons > 1:
        what = "a node of the tree" if machine.fold_nodes else "an accumulator"
        raise InputError(
            f"tile {tile}: neurons of one multiplier share adders, and {what} adds up the folds "
            "of one neuron only: take more of T_R, T_S or T_C, or one neuron"
        )


def refuse_sums_together(reduction: Reduction) -> None:
    """Refuse neurons of one multiplier whose sums come to a node for folds at once.

    Raises
    ------
    InputError
        If there are any.
    """
    loops = reduction.loops
    if loops.machine.fold_nodes and reduction.shared:
        raise InputError(
            f"tile {loops.tile}: neurons of one multiplier share adders, and a node of FENETWORK "
            "takes one sum a cycle: take more of T_R, T_S or T_C, or one neuron"
        )


def _refuse_sizes(loops: Loops) -> None:
    layer = loops.layer
    for what in (layer, loops.tile):
        for number, field in enumerate(fields(what)):
            size = getattr(what, field.name)
            if not isinstance(size, int) or isinstance(size, bool) or size < 1:
                of_tile = what is loops.tile
                name = TILE_NAMES[number] if of_tile else field.name
                raise InputError(f"{name} must be a whole number, 1 or more. Got {size!r}")
    for name, size in (("C", layer.C), ("K", layer.K)):
        if size % layer.G:
            raise InputError(f"{name}={size} must be a multiple of the groups, G={layer.G}")
    for name, size, filter_name, filter_size in (
        ("X", layer.X, "R", layer.R),
        ("Y", layer.Y, "S", layer.S),
    ):
        if size < filter_size:
            raise InputError(
                f"{name}={size} must be at least {filter_name}={filter_size}: the filter has to "
                "fit into the input"
            )
