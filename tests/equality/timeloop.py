"""What the real timeloop-model computed, and the cycles of Eyeriss v2's own simulator."""

from __future__ import annotations

import gzip
import json
from typing import Any, Final

import hwsim
from tests.equality.comparison import Comparison, leaves
from tests.measured import golden_folder

#: Labels of whole numbers; the statistics file rounds all others to two decimals.
_COUNTS: Final = (
    "reads",
    "fills",
    "updates",
    "omputes",
    "generations",
    "capacity",
    "size",
    "shape",
    "clusters",
    "reductions",
    "(max)",
    "Cycles",
)
_REL: Final = 1e-3
#: Half of the last decimal, and a little [uJ, %]; a microjoule in pJ.
_ROUNDED: Final = 0.0051
_ROUNDED_PJ: Final = 5.1e3


def timeloop_model() -> Comparison:
    """Every label of every memory, as the statistics file has them."""
    found = Comparison()
    with gzip.open(golden_folder("timeloop") / "cases.jsonl.gz", "rt", encoding="utf-8") as lines:
        for case in map(json.loads, lines):
            found.cases += 1
            _add(found, (case["kind"], case["id"]), case["inputs"], case["stats"])
    return found


def _add(found: Comparison, place: Any, inputs: Any, stats: dict[str, Any]) -> None:
    ours = hwsim.evaluate_timeloop(inputs).to_dict()
    found.equal(place, ours["cycles"], stats["Cycles"], "cycles")
    computes = stats["Actual Computes" if "Actual Computes" in stats else "Computes"]
    found.equal(place, ours["computes"], computes, "computes")
    for way, theirs in leaves(stats["levels"]):
        value = ours["levels"]
        for label in way:
            value = value[label]
        label = ".".join(way)
        if any(part in way[-1] for part in _COUNTS) and "Energy" not in way[-1]:
            found.equal(place, round(value), theirs, label)
        else:
            found.near(place, value, theirs, label, _REL, _ROUNDED)
    accesses = _access_energy(stats["levels"])
    found.near(place, ours["timeloop_access_energy_pj"], accesses, "accesses", _REL)
    found.near(place, ours["energy_pj"], stats["Energy"] * 1e6, "energy", _REL, _ROUNDED_PJ)
    found.near(place, ours["utilization"], stats["Utilization"], "utilisation", 0.0, _ROUNDED)


def _access_energy(levels: dict[str, Any]) -> float:
    total = 0.0
    for labels in levels.values():
        parts = [part for part in labels.values() if isinstance(part, dict)]
        total += sum(part["Energy (total)"] for part in parts or [labels])
    return total
