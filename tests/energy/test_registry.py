from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint

import pytest

from hwsim.energy import (
    EnergyTable,
    list_energy_tables,
    load_energy_table,
    load_energy_tables,
    registry,
)
from hwsim.errors import InputError


class PluggedModel(EnergyTable):
    """Another package's model, built without arguments."""

    def __init__(self) -> None:
        super().__init__(
            name="plugged",
            title="Plugged model",
            version="1",
            unit="pJ",
            unit_text="pJ",
            area_unit="um2",
            area_unit_text="um2",
            provenance="the tests",
            components={},
        )


def broken() -> object:
    raise RuntimeError("no\nlicence")


def refusing() -> object:
    raise InputError("plugged: needs a node")


def no_model() -> object:
    return "a text"


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    def declare(name: str, value: str) -> None:
        points = [EntryPoint(name, f"{__name__}:{value}", "hwsim.energy")]
        monkeypatch.setattr(registry, "registered", lambda group: {p.name: p for p in points})

    return declare


def test_stonnes_table_is_listed() -> None:
    assert "stonne" in list_energy_tables()


def test_another_packages_model_is_listed_and_loaded(plug: Callable[[str, str], None]) -> None:
    plug("plugged", "PluggedModel")
    assert list_energy_tables()[-1] == "plugged"
    assert load_energy_table("plugged").label == "Plugged model, pJ"


def test_a_shipped_table_cannot_be_replaced(plug: Callable[[str, str], None]) -> None:
    plug("stonne", "PluggedModel")
    assert list_energy_tables().count("stonne") == 1
    assert load_energy_table("stonne").title == "STONNE's table (the paper's)"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("broken", "cannot be loaded: RuntimeError: no licence"),
        (
            "no_model",
            "returned a str; expected an object with name, title, label, unit, provenance and "
            "price(activity, arch, operands)",
        ),
    ],
)
def test_a_faulty_model_is_told_with_its_package(
    plug: Callable[[str, str], None], value: str, problem: str
) -> None:
    plug("odd", value)
    with pytest.raises(InputError) as refusal:
        load_energy_table("odd")
    place = f"energy model 'odd' of entry point {__name__}:{value}"
    assert str(refusal.value) == f"{place} {problem}"


def test_a_models_own_refusal_is_passed_on(plug: Callable[[str, str], None]) -> None:
    plug("odd", "refusing")
    with pytest.raises(InputError, match=r"^plugged: needs a node$"):
        load_energy_table("odd")


def test_unknown_names_are_refused() -> None:
    with pytest.raises(
        InputError, match=r"^unknown energy table 'stone'; did you mean 'stonne'\?$"
    ):
        load_energy_table("stone")
    with pytest.raises(InputError, match=r"^nowhere/table\.yaml: no such file$"):
        load_energy_table("nowhere/table.yaml")


@pytest.mark.parametrize("name", ["physical", "physical-aladdin", "stonne"])
def test_a_model_may_be_given_alone(name: str) -> None:
    model = load_energy_table(name)
    assert load_energy_tables(model) == load_energy_tables([model]) == [model]
