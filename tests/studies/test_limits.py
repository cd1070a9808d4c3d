"""Ratios of cycles and what they can be at most, in the tables of a run."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

import hwsim
from hwsim.activity import Activity
from hwsim.engines import Engine
from hwsim.pace import Pace
from hwsim.studies.columns import Columns
from hwsim.studies.limits import BEYOND_COLUMNS, beyond_limits
from tests.studies.networks import tiny_network


class Quick(Engine):
    """Dense layers take 100 cycles; sparse ones as few as ``sparse``, of operations at half."""

    name = "quick"

    def __init__(self, sparse: int, pace: Pace | None) -> None:
        self.sparse, self.pace = sparse, pace

    def simulate(self, workload, arch) -> Activity:
        cycles, pace = (100, Pace(1.0)) if workload.density == 1 else (self.sparse, self.pace)
        return Activity(
            engine="quick",
            cycles=cycles,
            counts={("MSNetwork", "MULTIPLIER", "MULTIPLICATION"): cycles},
            instances={("MSNetwork", "MULTIPLIER"): 1},
            macs=workload.macs,
            effectual_macs=workload.effectual_macs,
            utilization=1.0,
            pace=pace,
        )


def quick_run(sparse: int, pace: Pace | None, schemes=("dense", "binary", "pruned")):
    return hwsim.run(
        tiny_network(), schemes=schemes, layers="block.conv1", engine=Quick(sparse, pace)
    )


HALF = Pace(0.5, zeros="half is left")


def test_the_limit_and_its_reason_stand_beside_the_ratio() -> None:
    rows = quick_run(50, HALF).layers.set_index("scheme")
    assert rows["cycles_ratio"].tolist() == [1, 1, 2]
    assert rows["cycles_limit"].tolist()[1:] == [1, 2]
    assert pd.isna(rows["cycles_limit"]["dense"])
    assert rows["limit_from"].tolist() == ["", "", "half is left"]


def test_a_ratio_within_its_limit_is_not_flagged() -> None:
    result = quick_run(50, HALF)
    assert result.beyond_limits.empty
    assert list(result.beyond_limits) == list(BEYOND_COLUMNS)
    assert result.to_dict()["beyond_limits"] == []


def test_a_ratio_beyond_its_limit_is_flagged() -> None:
    result = quick_run(40, HALF)
    assert result.to_dict()["beyond_limits"] == [
        {
            "scheme": "pruned",
            "layer": "block.conv1",
            "cycles": 40,
            "cycles_ratio": 2.5,
            "cycles_limit": 2.0,
            "limit_from": "half is left",
        }
    ]
    json.dumps(result.to_dict(), allow_nan=False)


def test_it_is_flagged_once_however_many_tables_price_it() -> None:
    layers = quick_run(40, HALF).layers
    twice = pd.concat([layers, layers.assign(energy_table="other")])
    assert len(beyond_limits(Columns.of(twice), "dense")) == 1


@pytest.mark.parametrize(
    "result",
    [
        quick_run(40, None),
        quick_run(40, Pace(0.0)),
        quick_run(40, HALF, schemes=("binary", "pruned")),
    ],
    ids=["an engine that says nothing", "nothing takes time", "no baseline"],
)
def test_without_a_limit_nothing_is_flagged(result) -> None:
    rows = result.layers[result.layers["scheme"] == "pruned"]
    assert rows["cycles_limit"].isna().all()
    assert (rows["limit_from"] == "").all()
    assert result.beyond_limits.empty


def test_a_saved_run_is_flagged_as_well(tmp_path) -> None:
    result = quick_run(40, HALF)
    loaded = hwsim.studies.load_run(result.save(tmp_path / "run"))
    pd.testing.assert_frame_equal(loaded.beyond_limits, result.beyond_limits)


def test_a_run_that_was_saved_without_limits_has_none_beyond(tmp_path) -> None:
    result = quick_run(40, HALF)
    older = replace(result, layers=result.layers.drop(columns=["cycles_limit", "limit_from"]))
    assert hwsim.studies.load_run(older.save(tmp_path / "run")).beyond_limits.empty


def test_a_sweep_flags_its_layers(monkeypatch) -> None:
    from hwsim.studies import sparsity_sweep

    monkeypatch.setattr(
        sparsity_sweep,
        "run_request",
        lambda request, **_: hwsim.run(replace(request, engine=Quick(40, HALF))),
    )
    found = hwsim.sweep(tiny_network(), sparsity="0.5", layers="block.conv1")
    assert found.beyond_limits["cycles_ratio"].tolist() == [2.5]
    assert found.to_dict()["beyond_limits"][0]["cycles_limit"] == 2
