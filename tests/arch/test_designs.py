"""Arch specs with a design, for the engine sparseloop."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import hwsim
from hwsim.arch import list_archs, load_arch
from hwsim.cli import app
from hwsim.errors import InputError
from hwsim.shipped import shipped_folder
from tests.arch.quick_search import quick_arch
from tests.engines.timeloop.layers.small_layers import TINY, write
from tests.studies.networks import tiny_network

DESIGNS = [name for name in list_archs() if load_arch(name).engine == "sparseloop"]
DIGITS = Path(__file__).resolve().parents[2] / "examples" / "digits" / "float.npz"


def test_the_machines_of_the_literature_are_there() -> None:
    assert set(DESIGNS) >= {
        *(
            "simple",
            "simple-gating",
            "simple-skipping",
            "eyeriss-like",
            "eyeriss_v2",
            "eyeriss_v2_pe",
        ),
        *("scnn", "stc", "extensor-like", "eie-like"),
    }


@pytest.mark.parametrize("name", DESIGNS)
def test_every_figure_of_a_shipped_design_has_a_source(name: str) -> None:
    spec = load_arch(name).spec
    assert spec.technology is not None
    assert spec.source
    if not name.startswith("simple"):  # made up, and says so
        assert all(parameter.source for parameter in spec.parameters.values())


@pytest.mark.parametrize("name", DESIGNS)
def test_every_shipped_design_runs_a_small_network(name: str, tmp_path: Path) -> None:
    quick = quick_arch(tmp_path, name)  # any mapping will do
    result = hwsim.run(tiny_network(), quick, schemes=("dense", "binary", "signed-binary"))
    totals = result.totals.query("scope == 'network'").set_index("scheme")
    assert set(result.layers["layer"]) == {layer.name for layer in tiny_network().layers}
    assert (result.layers["cycles"] > 0).all()
    assert result.layers["utilization"].between(0, 1).all()
    assert totals["energy_ratio"]["binary"] > 1  # a bit a weight, no multiplier
    assert totals["energy"]["signed-binary"] <= totals["energy"]["binary"] * 1.001
    assert totals["cycles"]["signed-binary"] <= totals["cycles"]["binary"]
    units = {part.unit for part in load_arch(name).spec.components}
    assert units <= set(result.table["unit"])


@pytest.mark.outside
def test_the_command_runs_the_digits_example() -> None:
    asked = ["run", "--arch", "simple", "--model", str(DIGITS), "--layers", "conv2"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert "signed-binary against dense" in done.output


def test_sizes_can_be_set(tmp_path: Path) -> None:
    quick = quick_arch(tmp_path, "simple", budget=200)
    few, many = (
        hwsim.run(tiny_network(), quick, ("dense",), overrides={"columns": size}).layers["cycles"]
        for size in (1, 16)
    )
    assert few.sum() > many.sum()


def test_the_name_of_a_parameter_stands_for_its_value(tmp_path: Path) -> None:
    from hwsim.engines.timeloop.layers.layer_machine import OperandBits, layer_machine

    arch = load_arch(write(tmp_path), {"buffer_rows": 512, "pes": 8})
    machine = layer_machine(arch, OperandBits(8, 8, 32))
    assert machine.levels[1].size == 512 * 8
    assert machine.fanout(1) == (8, 1)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("  architecture:", "  architectur:", "unknown key 'architectur'"),
        ("budget: 600", "budget: 0", "design.search.budget: should be greater than or equal to 1"),
        ("budget: 600", "objective: speed", "design.search.objective: should be"),
    ],
)
def test_a_design_that_breaks_the_schema_is_refused(tmp_path, before, after, message) -> None:
    path = write(tmp_path, TINY.replace(before, after))
    with pytest.raises(InputError) as refusal:
        load_arch(path)
    assert str(refusal.value).startswith(f"{path}, line ")
    assert message in str(refusal.value)


def test_the_buffer_of_a_design_is_not_set_as_technology() -> None:
    with pytest.raises(InputError) as refusal:
        load_arch("simple", {"buffer": "64 KB"})
    assert str(refusal.value) == (
        "arch 'simple': buffer: the spec lists its memories in its design, so there is nothing to "
        "set here; set its parameters"
    )


def test_an_engine_that_lacks_a_parameter_says_so() -> None:
    with pytest.raises(InputError) as refusal:
        hwsim.run(tiny_network(), "simple", engine="sigma")
    assert str(refusal.value) == (
        "arch 'simple': the spec has no parameter 'num_ms'; it is made for the engine 'sparseloop'"
    )


def test_sigma_has_no_statistical_density() -> None:
    with pytest.raises(InputError) as refusal:
        hwsim.run(tiny_network(), "sigma", density="statistical")
    assert str(refusal.value) == (
        "density 'statistical': engine 'sigma' evaluates the very zeros of the weights; choose an "
        "architecture of the engine sparseloop"
    )


@pytest.mark.parametrize("share", [0.0, -0.1, 1.5, float("nan")])
def test_a_share_of_activations_is_a_share(share: float) -> None:
    with pytest.raises(InputError, match="expected a share above 0, at most 1"):
        hwsim.run(tiny_network(), "simple", activation_density=share)


def test_the_simple_machine_is_short_enough_to_read() -> None:
    lines = (shipped_folder("arch_specs") / "simple.yaml").read_text().splitlines()
    assert len(lines) < 80
