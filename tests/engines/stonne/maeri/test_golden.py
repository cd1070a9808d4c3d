"""Every figure that the real STONNE gave for MAERI, exactly."""

import gzip
import json

import pytest

import hwsim
from hwsim.errors import InputError
from tests.measured import golden_folder

KEYS = ("cycles", "counters", "instances", "sdmemory")


def test_all_measured_cases_are_equal():
    lines = (golden_folder("stonne_maeri") / "cases.jsonl").open(encoding="utf-8")
    cases = [json.loads(line) for line in lines]
    assert len(cases) >= 150
    for case in cases:
        result = hwsim.simulate_stonne("CONV", case["params"]).to_dict()
        for key in KEYS:
            assert result[key] == case[key], (case["id"], key)
        assert result["energy"]["components"].keys() == case["energy"]["components"].keys()
        for key in ("total", "static", "dynamic", "area"):
            assert result["energy"][key] == pytest.approx(case["energy"][key], rel=1e-9)


def test_further_cases_are_equal_and_what_the_program_does_not_run_is_refused():
    with gzip.open(golden_folder("stonne_maeri") / "further.jsonl.gz", "rt") as lines:
        cases = [json.loads(line) for line in lines]
    assert len(cases) == 202
    for case in cases:
        if "refused" in case:
            with pytest.raises(InputError):
                hwsim.simulate_stonne(case["op"], case["params"])
            continue
        result = hwsim.simulate_stonne(case["op"], case["params"]).to_dict()
        for key in KEYS:
            assert result[key] == case[key], (case["id"], key)
