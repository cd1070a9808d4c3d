"""A convolution in tiles on MAERI: cycles and counts, equal to STONNE's."""

from __future__ import annotations

from hwsim.activity import Activity
from hwsim.engines.stonne.maeri.counts import Totals, count, spread
from hwsim.engines.stonne.maeri.loops import Loops
from hwsim.engines.stonne.maeri.placement import place
from hwsim.engines.stonne.maeri.reduction import reduce
from hwsim.engines.stonne.maeri.rules import refuse_sums_together, refuse_unrunnable
from hwsim.engines.stonne.maeri.timing import cycles
from hwsim.pace import Pace

#: The engine's name, which activities carry.
MAERI = "maeri"


def simulate_loops(loops: Loops) -> Activity:
    """Run a convolution in tiles.

    Parameters
    ----------
    loops : Loops
        The convolution, the tile and the machine.

    Returns
    -------
    Activity
        Its statistics are the totals of STONNE's memory controller.

    Raises
    ------
    InputError
        If the machine cannot run it; the line names the rule that is broken.
    """
    refuse_unrunnable(loops)
    placement = place(loops)
    reduction = reduce(loops, placement)
    refuse_sums_together(reduction)
    total_cycles = cycles(loops, placement, reduction)
    totals = Totals.of(loops)
    counts = count(loops, placement, reduction, totals)
    multiplications = totals.outputs * loops.folds * loops.tile.products
    return Activity(
        engine=MAERI,
        cycles=total_cycles,
        counts=counts,
        instances=loops.machine.instances(),
        macs=loops.layer.macs,
        effectual_macs=loops.layer.macs,
        utilization=multiplications / (loops.machine.num_ms * total_cycles),
        statistics={
            "Total_cycles": total_cycles,
            "N_SRAM_weight_reads": totals.weight_reads,
            "N_SRAM_input_reads": totals.input_reads,
            "N_SRAM_psum_reads": totals.sum_reads,
            "N_SRAM_psum_writes": totals.writes,
            "Dataflow": "CNN_DATAFLOW",
            "STA_sparsity": 0,
            "STR_sparsity": 0,
            "STA_vectors_at_once_avg": 0,
            "STA_vectors_at_once_max": 0,
            "N_reconfigurations": 0,
        },
        levels=spread(loops, placement, reduction, totals),
        pace=Pace(
            operations=1.0,
            memories=1.0,
            slack=loops.machine.num_ms * total_cycles / loops.layer.macs,
            zeros="MAERI multiplies zeros like other values",
            waiting="multipliers that a tile leaves over, and what is waited for",
        ),
    )
