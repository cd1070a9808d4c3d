from __future__ import annotations

import json

import pytest

from hwsim.activity import Activity
from hwsim.energy import load_energy_table, price
from tests.measured import golden_folder


def activity_of(case: dict) -> Activity:
    return Activity(
        engine="sigma",
        cycles=case["cycles"],
        counts={
            (unit, component, action): count
            for unit, components in case["counters"].items()
            for component, actions in components.items()
            for action, count in actions.items()
        },
        instances={
            (unit, component): count
            for unit, components in case["instances"].items()
            for component, count in components.items()
        },
        macs=case["M"] * case["K"] * case["N"],
        effectual_macs=0,
        utilization=0.0,
    )


def test_every_golden_case_gets_the_energy_that_stonnes_script_gives() -> None:
    table = load_energy_table("stonne")
    lines = (golden_folder("stonne_sigma") / "cases.jsonl").read_text().splitlines()
    cases = [json.loads(line) for line in lines]
    assert len(cases) == 339
    for case in cases:
        ours = price(activity_of(case), table).to_dict()
        golden = case["energy"]
        assert list(ours) == ["components", "static", "dynamic", "area", "total"]
        assert list(ours["components"]) == list(golden["components"]), case["id"]
        for unit, figures in golden["components"].items():
            assert ours["components"][unit] == pytest.approx(figures, rel=1e-9), (case["id"], unit)
        for key in ("static", "dynamic", "area", "total"):
            assert ours[key] == pytest.approx(golden[key], rel=1e-9), (case["id"], key)
