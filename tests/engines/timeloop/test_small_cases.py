"""Small inputs that failed when people tried them, each the smallest of its kind."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import hwsim
from hwsim.cli.timeloop import app

FOLDER = Path(__file__).parents[2] / "cases" / "timeloop"


def evaluate(*names, **asked):
    return hwsim.evaluate_timeloop([FOLDER / f"{name}.yaml" for name in names], **asked)


@pytest.mark.parametrize(
    ("problem", "mapping", "cycles"), [("g_prob", "g_map", 6), ("g_prob2", "g6", 32)]
)
def test_two_successive_fan_outs(problem, mapping, cycles):
    found = evaluate("g_arch", problem, mapping)
    assert (found.cycles, found.utilization) == (cycles, 100)


def test_a_compressed_tensor_without_zeros():
    found, fixed = evaluate("hyp_hyp_1.0"), evaluate("hyp_fix_1.0")
    assert found.energy_pj == fixed.energy_pj == 2816
    for result in (found, fixed):
        labels = result.levels["Buf"]["B"]
        assert labels["Actual scalar reads (per-instance)"] == 512
        assert labels["Actual scalar fills (per-instance)"] == 64
    assert len(found.notes) == 1
    assert fixed.notes == ()
    assert evaluate("hyp_hyp_1.0", as_timeloop=True).energy_pj == 2240  # the program's


def test_one_anchor_in_two_files():
    found = evaluate("a_arch", "a_prob", "a_map", "a_ert")
    assert (found.cycles, found.energy_pj) == (16, 128)


def test_the_option_of_the_command_line(tmp_path):
    file = str(FOLDER / "hyp_hyp_1.0.yaml")
    for options, energy in (([], "2,816 pJ"), (["--as-timeloop"], "2,240 pJ")):
        result = CliRunner().invoke(app, ["model", file, "-o", str(tmp_path), *options])
        assert result.exit_code == 0
        assert energy in result.output
        assert "note: Timeloop takes tiles that are never empty for empty ones" in result.output
