from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hwsim.arch import list_archs, load_arch
from hwsim.cli import output
from hwsim.cli.arch import app
from hwsim.energy import own_energy_table
from hwsim.engines import engine_of
from hwsim.errors import InputError
from hwsim.shipped import shipped_folder


@pytest.fixture(autouse=True)
def wide_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "_PIPE_WIDTH", 200)


def output_of(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def test_list_names_every_arch_with_its_parameters() -> None:
    shown = output_of("list")
    assert "sigma-64 SIGMA as STONNE simulates it num_ms 64, dn_bw 64, rn_bw 64" in shown
    assert "sigma-256-bw128" in shown


def test_show_prints_values_units_bounds_and_sources() -> None:
    shown = output_of("show", "sigma", "--set", "num_ms=64", "--set", "dn_bw=8")
    assert shown.startswith("sigma (num_ms=64, dn_bw=8): SIGMA as STONNE simulates it")
    assert "engine: sigma; energy table: stonne" in shown
    assert "simulation_files/sigma_256mses_256_bw.cfg of STONNE" in shown
    assert (
        "dn_bw 8 (set) elements/cycle 1 to 65536, a power of two, at most num_ms "
        "read ports of the global buffer (STONNE SDMemory.dn_bw)"
    ) in shown
    assert "rn_bw 64 elements/cycle" in shown
    assert (
        "grows at equal area by: num_ms (multipliers, with the ports that follow them: each takes "
        "a value a cycle)"
    ) in shown
    assert "grows" not in output_of("show", "eyeriss_v2_pe")
    assert "distribution ports ports or multicast how values reach the multipliers" in shown
    assert "(STONNE's trees of switches; the Benes networks" in shown
    assert "MSNetwork MULTIPLIER multiplies or forwards a partial sum" in shown


def test_show_marks_a_choice_that_was_set() -> None:
    shown = output_of("show", "sigma", "--set", "distribution=ports")
    assert shown.startswith("sigma (distribution=ports): SIGMA")
    assert "distribution ports (set) ports or multicast" in shown


def test_bad_settings_reach_the_command_line_as_input_errors() -> None:
    result = CliRunner().invoke(app, ["show", "sigma", "--set", "num_ms=48"])
    assert isinstance(result.exception, InputError)
    assert str(result.exception) == "arch 'sigma': num_ms must be a power of two. Got 48"


@pytest.mark.parametrize("width", [60, 80])
def test_nothing_is_cut_off_in_a_narrow_window(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "_PIPE_WIDTH", width)
    assert "…" not in output_of("show", "sigma")


def test_show_prints_the_technology_with_its_sources() -> None:
    shown = output_of("show", "sigma", "--set", "node=45nm")
    assert "node 45nm (set) set by the user" in shown
    assert "clock 500 MHz assumed; with it 16384 multipliers peak at 16.4 TFLOPS" in shown
    assert "buffer 108 KB assumed, Eyeriss'" in shown


@pytest.mark.parametrize(
    ("right", "slip"),
    [("meshX", "meshx"), ("read_bandwidth", "read_bandwith"), ("width", "widht")],
)
def test_a_design_with_a_slip_is_not_shown(tmp_path, cli, right, slip):
    from hwsim.shipped import shipped_folder

    text = (shipped_folder("arch_specs") / "simple.yaml").read_text(encoding="utf-8")
    assert f"{right}: " in text
    file = tmp_path / "simple.yaml"
    file.write_text(text.replace(f"{right}: ", f"{slip}: ", 1), encoding="utf-8")
    result = cli("arch", "show", file)
    assert result.code == 2
    assert f"unknown key {slip!r}; did you mean {right!r}?" in result.err


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("engine: sigma", "engine: sigmaa", "line 9: unknown engine 'sigmaa'; did you mean"),
        (
            "energy_table: stonne",
            "energy_table: stonn",
            "line 10: unknown energy table 'stonn'; did you mean 'stonne'?",
        ),
        (
            "  distribution:",
            "  distributoin:",
            "engine 'sigma' has no option 'distributoin'; did you mean 'distribution'?",
        ),
        (
            "choices: [ports, multicast]",
            "choices: [ports, multicast, benes]",
            "distribution of engine 'sigma' cannot be 'benes'; known: multicast, ports",
        ),
        ("dram: LPDDR4", "dram: lpddr9", "technology.dram: should be a kind of DRAM"),
    ],
)
def test_names_that_are_only_looked_up_later_are_refused_when_read(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    text = (shipped_folder("arch_specs") / "sigma.yaml").read_text()
    assert before in text
    (tmp_path / "mine.yaml").write_text(text.replace(before, after))
    result = CliRunner().invoke(app, ["show", str(tmp_path / "mine.yaml")])
    assert isinstance(result.exception, InputError)
    assert str(result.exception).startswith(f"{tmp_path / 'mine.yaml'}, line ")
    assert message in str(result.exception)


@pytest.mark.parametrize("name", list_archs())
def test_every_shipped_machine_can_be_shown_with_each_parameter_set(name: str) -> None:
    arch = load_arch(name)
    own_energy_table(arch)
    for parameter, value in arch.parameters.items():
        engine_of(load_arch(name, {parameter: value}))
