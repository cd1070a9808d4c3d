"""Layers that leave most of a machine idle are named, with the reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import hwsim
from hwsim.activity import Activity
from hwsim.errors import InputError
from hwsim.studies.idle_machine import idle_warnings
from hwsim.studies.layer_task import LayerTask, Outcome
from tests.engines.timeloop.layers.small_layers import ONLY_ROWS, write
from tests.studies.networks import tiny_network


def outcome(
    layer: str, utilization: float, reason: str | None, scheme: str = "dense", groups: int = 1
) -> Outcome:
    task = LayerTask(scheme, layer, scheme, "as given", "conv", groups, 5, 6, 7, 1.0, 1, 1, 8)
    statistics = {} if reason is None else {"idle": reason}
    activity = Activity("quick", 1, {}, {}, 1, 1, utilization, statistics)
    return Outcome(task, None, activity)


def test_layers_of_one_reason_stand_together() -> None:
    found = idle_warnings(
        [
            outcome("a", 0.19, "one row"),
            outcome("a", 0.1, "one row", "binary"),
            outcome("b", 0.15, "one row"),
            outcome("c", 0.2, "busy enough"),
            outcome("d", 0.0, None),
            outcome("e", 0.0, None, groups=2),
        ]
    )
    assert found == [
        {
            "layers": ["a", "b"],
            "schemes": ["dense", "binary"],
            "utilization": 0.1,
            "reason": "one row",
        },
        {
            "layers": ["d"],
            "schemes": ["dense"],
            "utilization": 0.0,
            "reason": "the engine quick does not say why; each of the 5 x 6 weights (M x K) is "
            "used 7 times (N)",
        },
        {
            "layers": ["e"],
            "schemes": ["dense"],
            "utilization": 0.0,
            "reason": "the engine quick does not say why; each of the 5 x 6 weights (M x K, "
            "2 groups) is used 7 times (N)",
        },
    ]
    assert idle_warnings([]) == []


def test_a_run_warns_in_its_json_and_when_it_is_read_again(tmp_path: Path) -> None:
    wide = ONLY_ROWS.replace("value: 4, unit: PEs", "value: 64, unit: PEs")
    result = hwsim.run(tiny_network(), write(tmp_path, wide), ["dense"], layers="fc")
    (warning,) = result.to_dict()["manifest"]["warnings"]
    assert warning["layers"] == ["fc"]
    assert warning["reason"] == (
        "1 of 64 Registers a Buffer: it shares out nothing and may not share out G, M, C, R, S, Q"
    )
    assert warning["utilization"] == result.layers["utilization"].iloc[0] < 0.2
    saved = result.save(tmp_path / "saved")
    again = hwsim.studies.load_run(saved)
    assert again.manifest["warnings"] == [warning]
    manifest = json.loads((saved / "manifest.json").read_text())
    manifest["warnings"][0]["utilization"] = "low"
    (saved / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=r"warnings\.0\.utilization"):
        hwsim.studies.load_run(saved)
