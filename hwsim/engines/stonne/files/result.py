"""Both result files of a STONNE run as an Activity."""

from __future__ import annotations

from pathlib import Path

from hwsim.activity import ActionKey, Activity
from hwsim.engines.stonne.files.counters import read_counters
from hwsim.engines.stonne.files.stats import Stats, read_stats
from hwsim.errors import InputError

ENGINE = "stonne"
_MULTIPLICATION = ActionKey("MSNetwork", "MULTIPLIER", "MULTIPLICATION")


def read_result(folder: str | Path) -> Activity:
    """Read the one result that STONNE left in a folder.

    Parameters
    ----------
    folder : str or Path
        It holds one ``output_stats_*.counters`` and one ``output_stats_*.txt``.

    Returns
    -------
    Activity
        Of the engine ``stonne``; see :func:`read_activity`.

    Raises
    ------
    InputError
        If there are none or several, or one of them is damaged.
    """
    counters, stats = (_only(Path(folder), ending) for ending in ("counters", "txt"))
    return read_activity(counters, stats)


def read_activity(counters: str | Path, stats: str | Path) -> Activity:
    """Read a ``.counters`` file and its ``output_stats_*.txt``.

    Parameters
    ----------
    counters, stats : str or Path
        The two files of one run.

    Returns
    -------
    Activity
        ``statistics`` are the totals of STONNE's memory controller. ``effectual_macs`` counts
        what the controller marked as present in the stationary matrix of a sparse GEMM; a dense
        controller knows no zeros.

    Raises
    ------
    InputError
        If a file is damaged, or they are not of the same run.
    """
    counted, said = read_counters(counters), read_stats(stats)
    if counted.cycles != said.cycles:
        raise InputError(
            f"{counters}: {counted.cycles} cycles, but {stats} says {said.cycles}: "
            "these are files of two runs"
        )
    slots = said.multipliers * counted.cycles
    return Activity(
        engine=ENGINE,
        cycles=counted.cycles,
        counts=dict(counted.counts),
        instances=dict(counted.instances),
        macs=said.macs,
        effectual_macs=_effectual(said),
        utilization=counted.counts.get(_MULTIPLICATION, 0) / slots if slots else 0.0,
        statistics=dict(said.memory),
    )


def _effectual(stats: Stats) -> int:
    present = stats.memory.get("N_SRAM_weight_reads")
    streams = {"MK_STA_KN_STR": stats.layer["X_"], "MK_STR_KN_STA": stats.layer["K"]}
    dataflow = str(stats.memory.get("Dataflow"))
    if dataflow not in streams or not isinstance(present, int):
        return stats.macs
    return present * streams[dataflow]


def _only(folder: Path, ending: str) -> Path:
    found = sorted(folder.glob(f"output_stats_*.{ending}"))
    if len(found) != 1:
        raise InputError(
            f"{folder}: expected one output_stats_*.{ending} of STONNE. Found {len(found)}"
        )
    return found[0]
