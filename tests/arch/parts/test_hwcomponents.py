"""The adapter to hwcomponents: what it refuses, caches and says; on stand-ins for the packages."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from hwsim.arch.parts import hwcomponents
from hwsim.arch.parts.hwcomponents import HwComponents
from hwsim.errors import InputError
from hwsim.number_format import NumberFormat

INT8 = NumberFormat.parse("int8")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Stand-ins for the packages that note what they are asked."""
    asked: list[tuple[Any, ...]] = []

    def model(name: str, energy: float) -> Any:
        class Model:
            def __init__(self, **attributes: Any) -> None:
                node_nm = round(attributes.pop("tech_node") * 1e9)
                asked.append((name, node_nm, *sorted(attributes.items())))
                self.area = 1e-10
                self.leak_power = 2e-6

            def add(self) -> Any:
                return SimpleNamespace(energy=energy)

            def multiply(self) -> Any:
                return (energy, 1e-9)  # what older versions give

            write = read = add

        return Model

    aladdin = ModuleType("hwcomponents_library.library.aladdin")
    for name in ("AladdinAdder", "AladdinMultiplier", "AladdinRegister"):
        setattr(aladdin, name, model(name, 3e-13))
    cacti = ModuleType("hwcomponents_cacti")
    cacti.SRAM = model("SRAM", 5e-12)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "hwcomponents_library.library.aladdin", aladdin)
    monkeypatch.setitem(sys.modules, "hwcomponents_cacti", cacti)
    for cached in (hwcomponents._logic, hwcomponents._memory):
        cached.cache_clear()
    return asked


@pytest.fixture(autouse=True)
def forget() -> Any:
    yield
    for cached in (hwcomponents._logic, hwcomponents._memory):
        cached.cache_clear()


def test_each_distinct_component_is_asked_for_once(calls: list[tuple[Any, ...]]) -> None:
    for _ in range(3):
        parts = HwComponents(28)
        assert parts.adder(INT8).value == pytest.approx(0.3)
        assert parts.adder_area(INT8).value == pytest.approx(100)
        assert parts.multiplier(INT8, INT8).value == pytest.approx(0.3)
        assert parts.register(32).value == pytest.approx(0.3)
        assert parts.sram_read(65536, 64).value == pytest.approx(5)
        assert parts.sram_leakage(65536, 64).value == pytest.approx(2e-3)
    assert calls == [
        ("AladdinAdder", 28, ("width", 8)),
        ("AladdinMultiplier", 28, ("width_a", 8), ("width_b", 8)),
        ("AladdinRegister", 28, ("width", 32)),
        ("SRAM", 28, ("size", 65536 * 8), ("width", 64)),
    ]


def test_nodes_go_in_as_metres_and_90_nm_and_above_are_refused_before_any_call(
    calls: list[tuple[Any, ...]],
) -> None:
    for node in (90, 130, 45e-9):
        with pytest.raises(InputError, match=r"energies are known from 7 nm to 65 nm"):
            HwComponents(node).adder(INT8)
    assert calls == []


def test_bad_widths_are_refused_before_any_call(calls: list[tuple[Any, ...]]) -> None:
    parts = HwComponents(45)
    with pytest.raises(InputError) as refusal:
        parts.register(-16)
    assert str(refusal.value) == "AladdinRegister: width must be 1 to 4096 bits. Got -16"
    with pytest.raises(InputError, match=r"CACTI wants at least 64 rows"):
        parts.sram_read(1024, 1024)
    assert calls == []


def test_what_the_packages_raise_becomes_one_line(
    calls: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: Any) -> None:
        raise FileNotFoundError("CACTI executable\nnot found")

    monkeypatch.setattr(sys.modules["hwcomponents_cacti"], "SRAM", fails)
    with pytest.raises(InputError) as refusal:
        HwComponents(45).sram_read(65536, 64)
    assert str(refusal.value) == (
        "hwcomponents failed: FileNotFoundError: CACTI executable not found"
    )


def test_floating_point_is_hwsims_own(calls: list[tuple[Any, ...]]) -> None:
    fp32 = NumberFormat.parse("fp32")
    parts = HwComponents(45)
    assert parts.multiplier(fp32, INT8).value == 3.7
    assert parts.adder(fp32).value == 0.9
    assert "Horowitz" in parts.adder(fp32).source
    assert calls == []
