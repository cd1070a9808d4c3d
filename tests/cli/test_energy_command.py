from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hwsim.cli import output
from hwsim.cli.energy import app
from hwsim.energy import registry


@pytest.fixture(autouse=True)
def wide_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "_PIPE_WIDTH", 200)


def output_of(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def test_list_says_unit_and_source() -> None:
    shown = output_of("list")
    label = "STONNE's table (the paper's), unit not stated by its authors"
    assert f"stonne {label} energy_model.txt of STONNE" in shown


def test_list_survives_a_faulty_model_of_another_package(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    points = [EntryPoint("odd", "no_such_package_at_all:model", "hwsim.energy")]
    monkeypatch.setattr(registry, "registered", lambda group: {p.name: p for p in points})
    shown = output_of("list")
    assert "odd cannot be loaded energy model 'odd' of entry point no_such_package_at_all" in shown
    assert "stonne STONNE's table (the paper's)" in shown


def test_show_prints_every_figure_with_unit_and_source() -> None:
    shown = output_of("show", "stonne")
    assert shown.startswith("stonne: STONNE's table (the paper's), unit not stated by its authors")
    assert "energy: unit not stated by its authors; area: unit not stated by its authors" in shown
    assert "technology: not stated by its authors" in shown
    assert "[1] energy_model.txt of STONNE" in shown
    assert "ADDER area of one 1059.156 not stated [1]" in shown
    assert "static, a cycle 0.001505 not stated [1] ADD_2_1 0.111 not stated [1]" in shown
    assert "WRITE 0.001839831 not stated [1]" in shown


def test_nothing_is_cut_off_in_a_narrow_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "_PIPE_WIDTH", 80)
    assert "…" not in output_of("show", "stonne")
    assert "…" not in output_of("list")


def test_show_describes_a_model_of_another_package(monkeypatch: pytest.MonkeyPatch) -> None:
    class Model:
        name = "computed"
        title = "Computed"
        label = "Computed, pJ"
        unit = "pJ"
        provenance = "a paper"

        def price(self, activity: object, arch: object = None) -> None: ...

    monkeypatch.setattr("hwsim.energy.load_energy_table", lambda name: Model())
    assert output_of("show", "computed") == (
        "computed: Computed, pJ source: a paper computes its prices from the architecture"
    )


def test_show_prints_units_technology_and_bits_where_they_are_known(tmp_path: Path) -> None:
    path = tmp_path / "adders.yaml"
    path.write_text(
        "schema: 1\nname: adders\ntitle: Adders\nversion: '1'\nunit: pJ\narea_unit: um2\n"
        "node: 45 nm\nclock: 1 GHz\nsources: {paper: a paper, fit: a fit}\ncomponents:\n"
        "  ADDER:\n    source: paper\n    area: {value: 7, source: fit}\n    static: {value: 0}\n"
        "    actions:\n      ADD: {value: 0.03, bits: 8}\n"
    )
    shown = output_of("show", str(path))
    assert "technology: 45 nm, 1 GHz" in shown
    assert "[1] a fit [2] a paper" in shown
    assert "ADDER area of one 7 um2 [1] static, a cycle 0 pJ [2] ADD 0.03 pJ 8 [2]" in shown


def test_show_physical_prints_every_published_figure() -> None:
    shown = output_of("show", "physical")
    assert shown.startswith("physical: physical model, pJ source: computed from bits and node")
    assert "int_add 8 0.03 pJ 45 nm x 1 to 2.4 Horowitz, Computing's energy problem" in shown
    assert "LPDDR4 1 8 pJ any x 0.49 to 5.1" in shown
    assert "sram 200 rows 65-22 nm" in shown
    assert "scaling 65-7 nm Stillmaker and Baas" in shown


def test_list_says_why_a_model_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    shown = output_of("list")
    assert "physical physical model, pJ computed from bits and node" in shown
    assert "accelergy cannot be loaded energy model 'accelergy': no executable accelergy" in shown


def test_diff_names_both_tables_and_their_units() -> None:
    shown = output_of("diff", "stonne", "physical", "--scheme", "binary")
    assert "unit component action 10^3 share nJ share" in shown.replace("stonne physical ", "")
    assert "ReduceNetwork ADDER ADD_2_1" in shown
    assert "DRAM LPDDR4 READ 0 0.0%" in shown
    assert (
        "stonne: STONNE's table (the paper's), unit not stated by its authors; energy_model.txt"
        in shown
    )
    assert "physical: physical model, pJ; computed from bits and node" in shown
