from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hwsim
from hwsim.activity import Activity
from hwsim.arch import list_archs
from hwsim.energy import (
    ComponentPrices,
    EnergyModel,
    EnergyRow,
    EnergyTable,
    Figure,
    load_energy_table,
    price,
)
from hwsim.errors import InputError

TABLE = EnergyTable(
    name="toy",
    title="Toy table",
    version="1",
    unit="pJ",
    unit_text="pJ",
    area_unit="um2",
    area_unit_text="um2",
    provenance="the tests",
    components={
        "ADDER": ComponentPrices(
            area=Figure(100.0, "the tests"),
            static=Figure(0.5, "the tests"),
            actions={"ADD": Figure(2.0, "the tests", bits=8)},
        ),
    },
)
ACTIVITY = Activity(
    engine="toy",
    cycles=10,
    counts={("Tree", "ADDER", "ADD"): 7},
    instances={("Tree", "ADDER"): 3},
    macs=7,
    effectual_macs=7,
    utilization=1.0,
)


def test_by_hand() -> None:
    breakdown = price(ACTIVITY, TABLE)
    assert breakdown.rows == (
        EnergyRow("Tree", "ADDER", "static", 30, 15.0, entry="ADDER.static"),
        EnergyRow("Tree", "ADDER", "ADD", 7, 14.0, entry="ADDER.ADD"),
    )
    assert breakdown.to_dict() == {
        "components": {"Tree": {"static": 15.0, "dynamic": 14.0, "area": 300.0}},
        "static": 15.0,
        "dynamic": 14.0,
        "area": 300.0,
        "total": 29.0,
    }
    assert breakdown.by_component == {("Tree", "ADDER"): 29.0}
    assert (breakdown.unit, breakdown.area_unit) == ("pJ", "um2")
    assert breakdown.label == "Toy table, pJ"
    assert (breakdown.table, breakdown.provenance) == ("toy", "the tests")


def test_components_of_one_unit_add_up_and_units_keep_their_order() -> None:
    activity = replace(
        ACTIVITY,
        counts={("Tree", "ADDER", "ADD"): 1, ("Bus", "ADDER", "ADD"): 2},
        instances={("Tree", "ADDER"): 1, ("Bus", "ADDER"): 2},
    )
    by_unit = price(activity, TABLE).by_unit
    assert list(by_unit) == ["Tree", "Bus"]
    assert by_unit["Bus"] == {"static": 10.0, "dynamic": 4.0, "area": 200.0}


def test_actions_outside_the_machine_have_no_area_and_no_static_energy() -> None:
    breakdown = price(replace(ACTIVITY, instances={}), TABLE)
    assert breakdown.by_unit == {"Tree": {"static": 0.0, "dynamic": 14.0, "area": 0.0}}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"counts": {("Tree", "ADDER", "AD"): 0}},
            "energy table 'toy' has no price for action 'AD' of component 'ADDER' in Tree; "
            "did you mean 'ADD'?",
        ),
        (
            {"counts": {("Memory", "DRAM", "READ"): 5}},
            "energy table 'toy' has no prices for component 'DRAM' in Memory; known: ADDER",
        ),
        (
            {"instances": {("Memory", "SRAM"): 1}},
            "energy table 'toy' has no prices for component 'SRAM' in Memory; known: ADDER",
        ),
    ],
)
def test_what_has_no_price_is_refused_never_free(changed: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        price(replace(ACTIVITY, **changed), TABLE)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["ADDER", "Tree.ADDER"])
def test_an_action_without_a_price_is_told_with_the_line_of_its_component(key: str) -> None:
    table = replace(
        TABLE, components={key: TABLE.components["ADDER"]}, path="mine.yaml", lines={key: 9}
    )
    with pytest.raises(InputError) as refusal:
        price(replace(ACTIVITY, counts={("Tree", "ADDER", "AD"): 1}), table)
    assert str(refusal.value) == (
        f"mine.yaml, line 9: components.{key}: no price for action 'AD' of component 'ADDER' in "
        "Tree; did you mean 'ADD'?"
    )


@given(
    count=st.integers(0, 10**15),
    cycles=st.integers(0, 10**12),
    instances=st.integers(1, 10**6),
    factor=st.integers(2, 10),
)
def test_energy_is_linear_in_counts_and_in_instances_times_cycles(
    count: int, cycles: int, instances: int, factor: int
) -> None:
    def breakdown(times: int) -> dict[str, object]:
        activity = replace(
            ACTIVITY,
            cycles=cycles * times,
            counts={("Tree", "ADDER", "ADD"): count * times},
            instances={("Tree", "ADDER"): instances},
        )
        return price(activity, TABLE).to_dict()

    once, more = breakdown(1), breakdown(factor)
    for key in ("static", "dynamic", "total"):
        assert math.isclose(more[key], factor * once[key], rel_tol=1e-12)  # type: ignore[arg-type, operator]
    assert more["area"] == once["area"]


def test_the_rows_hold_the_whole_energy() -> None:
    breakdown = price(ACTIVITY, TABLE)
    assert sum(row.energy for row in breakdown.rows) == breakdown.total


def test_stonnes_table_says_that_it_has_no_unit() -> None:
    table = hwsim.load_energy_table("stonne")
    assert isinstance(table, EnergyTable)
    assert isinstance(table, EnergyModel)
    assert table.unit is None
    assert table.label == "STONNE's table (the paper's), unit not stated by its authors"
    assert "stonne-simulator/stonne, commit 22634b8b" in table.provenance


@pytest.mark.parametrize(
    ("component", "area", "static", "actions"),
    [
        ("RN_WIRE", 9.46, 0, {"WRITE": 0.001839831, "READ": 0}),
        ("MN_WIRE", 9.46, 0, {"WRITE": 0.001839831, "READ": 0}),
        ("CB_WIRE", 9.46, 0, {"WRITE": 0.001839831, "READ": 0}),
        ("DN_WIRE", 11.48, 0, {"WRITE": 0.00223226, "READ": 0}),
        ("FIFO", 0, 0, {"PUSH": 0, "POP": 0, "FRONT": 0}),
        ("ADDER", 1059.156, 0.001505, {"ADD_2_1": 0.111, "ADD_3_1": 0.111, "CONFIGURATION": 0}),
        ("SWITCH", 108.99, 0.000157, {"ROUTE_UNICAST": 0.036, "ROUTE_BROADCAST": 0.036}),
        (
            "MULTIPLIER",
            1001.0,
            0.001614,
            {"MULTIPLICATION": 0.00741, "FORWARD_PSUM": 0.00741, "CONFIGURATION": 0},
        ),
        ("GLOBALBUFFER", 115029, 0.0101, {"READ": 0.044, "WRITE": 0.044}),
        ("ACCUMULATOR", 1059.156, 0.001505, {"READ": 0, "WRITE": 0, "ADD": 0.111}),
    ],
)
def test_every_figure_of_stonnes_table(
    component: str, area: float, static: float, actions: dict[str, float]
) -> None:
    table = load_energy_table("stonne")
    assert isinstance(table, EnergyTable)
    prices = table.components[component]
    assert prices.area.value == area
    assert prices.static.value == static
    assert {name: figure.value for name, figure in prices.actions.items()} == actions


def test_every_component_of_every_shipped_arch_is_priced_by_its_default_table() -> None:
    specs = [hwsim.load_arch(name).spec for name in list_archs()]
    by_table = [spec for spec in specs if spec.engine == "sigma"]
    assert by_table
    for spec in by_table:
        table = load_energy_table(spec.energy_table)
        assert isinstance(table, EnergyTable)
        assert {part.component for part in spec.components} <= set(table.components)
