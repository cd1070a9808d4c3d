"""Every figure that the real timeloop-model gave: cycles and counts equal, energies to 0.1 %."""

import gzip
import json

import pytest

import hwsim
from tests.measured import golden_folder

#: Labels of whole numbers; the statistics file rounds all others to two decimals.
COUNTS = (
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


def _is_count(label):
    return any(part in label for part in COUNTS) and "Energy" not in label


def _differences(found, measured, place):
    for label, value in measured.items():
        if isinstance(value, dict):
            yield from _differences(found[label], value, (*place, label))
        elif _is_count(label):
            if round(found[label]) != value:
                yield (*place, label, found[label], value)
        elif found[label] != pytest.approx(value, rel=1e-3, abs=0.0051):
            yield (*place, label, found[label], value)


def _measured_energy(levels):
    total = 0.0
    for labels in levels.values():
        parts = [part for part in labels.values() if isinstance(part, dict)]
        total += sum(part["Energy (total)"] for part in parts or [labels])
    return total


def test_all_measured_cases_are_equal():
    path = golden_folder("timeloop") / "cases.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    assert len(cases) >= 260
    for case in cases:
        stats = case["stats"]
        result = hwsim.evaluate_timeloop(case["inputs"]).to_dict()
        place = case["kind"], case["id"]
        assert result["cycles"] == stats["Cycles"], place
        assert list(_differences(result["levels"], stats["levels"], place)) == []
        measured = _measured_energy(stats["levels"])
        assert result["timeloop_access_energy_pj"] == pytest.approx(measured, rel=1e-3)
        assert result["energy_pj"] == pytest.approx(stats["Energy"] * 1e6, rel=1e-3, abs=5.1e3)
        assert result["utilization"] == pytest.approx(stats["Utilization"], abs=0.0051), place
        computes = stats["Actual Computes" if "Actual Computes" in stats else "Computes"]
        assert result["computes"] == computes, place
