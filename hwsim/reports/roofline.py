"""Work against traffic of DRAM: how near each layer is to what its machine could do."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hwsim.arch.parts.dram import dram
from hwsim.errors import InputError
from hwsim.quantity import FREQUENCY, parse_quantity
from hwsim.studies.columns import Columns, over

if TYPE_CHECKING:
    from hwsim.studies import RunResult

_BYTE: Final = 8
#: The parameter by which machines state the bandwidth of DRAM.
_BANDWIDTH: Final = "dram_words"


@dataclass(frozen=True)
class Roofline:
    """The points of a roofline and its roofs (Williams et al., CACM 52(4), 2009).

    Parameters
    ----------
    points : Columns
        ``scheme``, ``layer``; ``dram_read_bytes``; ``intensity``, multiply-accumulates with a
        weight that is not zero over those bytes; ``macs_per_cycle``, the same over cycles.
    left_out : list of (str, str)
        Scheme and layer of what reads nothing from DRAM, and so is at no finite intensity.
    peak : float or None
        Multiply-accumulates a cycle with all units busy; None where no layer ran dense weights.
    bandwidth : float or None
        Bytes a cycle that can be read from DRAM; None where the machine states none, and its
        cycles know none.
    clock_hz : float or None
        None where the machine states no technology.
    """

    points: Columns
    left_out: list[tuple[str, str]]
    peak: float | None
    bandwidth: float | None
    clock_hz: float | None


def roofline(result: RunResult) -> Roofline:
    """Find the roofline of a run by one energy table.

    Parameters
    ----------
    result : RunResult
        Of one energy table, which has DRAM in it.

    Raises
    ------
    InputError
        If the energy table counts no DRAM.
    """
    read = _bytes_read(result)
    layers = result.sums.layers
    rows, left_out = [], []
    for scheme, layer, macs, cycles in layers.rows("scheme", "layer", "effectual_macs", "cycles"):
        bytes_read = read.get((scheme, layer), 0.0)
        if not (bytes_read > 0 and macs > 0 and cycles > 0):
            left_out.append((scheme, layer))
            continue
        rows.append(
            {
                "scheme": scheme,
                "layer": layer,
                "dram_read_bytes": bytes_read,
                "intensity": macs / bytes_read,
                "macs_per_cycle": macs / cycles,
            }
        )
    names = ("scheme", "layer", "dram_read_bytes", "intensity", "macs_per_cycle")
    technology = result.manifest["arch"].get("technology")
    return Roofline(
        Columns.of_rows(rows, names),
        left_out,
        _peak(layers),
        _bandwidth(result.manifest["arch"]),
        parse_quantity(technology["clock"], FREQUENCY) if technology else None,
    )


def _bytes_read(result: RunResult) -> dict[tuple[str, str], float]:
    """Bytes read from DRAM by scheme and layer; prices tell how many bits a count moves."""
    actions = result.sums.actions
    read: dict[tuple[str, str], float] = {}
    if "DRAM" not in actions["unit"] or "entry" not in actions:
        table = result.manifest["energy"]["table"]
        raise InputError(f"energy table {table!r} counts no DRAM here, so there is no roofline")
    for scheme, layer, unit, action, entry, energy in actions.rows(
        "scheme", "layer", "unit", "action", "entry", "energy"
    ):
        if unit == "DRAM" and "read" in action.lower():
            key = scheme, layer
            read[key] = read.get(key, 0.0) + energy / dram(entry).value / _BYTE
    return read


def _peak(layers: Columns) -> float | None:
    """Multiplications over utilisation x cycles; with dense weights units are used alike."""
    found = [
        over(macs, cycles * used)
        for applied, macs, cycles, used in layers.rows(
            "scheme_applied", "effectual_macs", "cycles", "utilization"
        )
        if applied == "dense" and used > 0 and cycles > 0
    ]
    known = [each for each in found if math.isfinite(each)]
    return statistics.median(known) if known else None


def _bandwidth(arch: Mapping[str, Any]) -> float | None:
    """Bytes a cycle of the machine's DRAM; a word without a width is an activation's."""
    stated = arch["parameters"].get(_BANDWIDTH)
    if stated is None:
        return None
    technology = arch.get("technology") or {}
    bits = re.search(r"(\d+) bits", stated["unit"]) or re.search(
        r"(\d+)", str(technology.get("activations", ""))
    )
    return None if bits is None else float(stated["value"] * int(bits.group(1)) / _BYTE)
