from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hwsim.activity import ActionKey, Activity
from hwsim.energy import EnergyTable, Figure, load_energy_table
from hwsim.energy._schema import FigureSpec
from hwsim.errors import InputError

MINIMAL = """\
schema: 1
name: toy
title: Toy table
version: "1"
unit: pJ
area_unit: um2
node: 45 nm
voltage: 0.9 V
clock: 500 MHz
sources:
  paper: a paper
components:
  ADDER:
    source: paper
    area: {value: 1e2}
    static: {value: 0}
    actions:
      ADD: {value: 0.03, bits: 8}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "toy.yaml"
    path.write_text(text)
    return path


def test_a_table_of_ones_own_loads_by_path(tmp_path: Path) -> None:
    table = load_energy_table(write(tmp_path, MINIMAL))
    assert isinstance(table, EnergyTable)
    assert table.label == "Toy table, pJ"
    assert (table.node, table.voltage, table.clock) == ("45 nm", "0.9 V", "500 MHz")
    assert table.components["ADDER"].area == Figure(100.0, "a paper")
    assert table.components["ADDER"].actions == {"ADD": Figure(0.03, "a paper", 8)}


def test_a_figure_may_have_a_source_of_its_own(tmp_path: Path) -> None:
    text = MINIMAL.replace("a paper", "a paper\n  fit: a fit").replace(
        "bits: 8", "bits: 8, source: fit"
    )
    table = load_energy_table(write(tmp_path, text))
    assert isinstance(table, EnergyTable)
    assert table.components["ADDER"].actions["ADD"].source == "a fit"
    assert table.provenance == "a paper; a fit"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "    source: paper\n",
            "",
            ", line 14: components.ADDER.area: has no source; name one of the table's sources",
        ),
        (  # an action may have dots in its name
            "ADD: {value: 0.03, bits: 8}",
            "\n        ADD.2.1: {value: 0.03, source: fit}",
            ", line 19: components.ADDER.actions.ADD.2.1: its source 'fit' is not among the "
            "table's sources; known: paper",
        ),
        (
            "    source: paper\n",
            "    source: papper\n",
            ", line 15: components.ADDER.area: its source 'papper' is not among the table's "
            "sources; did you mean 'paper'?",
        ),
        (
            "{value: 0.03, bits: 8}",
            "{value: -0.03, bits: 8}",
            ", line 18: components.ADDER.actions.ADD.value: should be greater than or equal to 0. "
            "Got -0.03",
        ),
        (
            "value: 0.03",
            "value: 1.0e+308",
            ", line 18: components.ADDER.actions.ADD.value: should be at most 1e+30. Got 1e+308",
        ),
        (
            "value: 0.03",
            "value: .inf",
            ", line 18: components.ADDER.actions.ADD.value: should be a finite number. Got inf",
        ),
        (
            "value: 0.03",
            "value: .nan",
            ", line 18: components.ADDER.actions.ADD.value: should be a finite number. Got nan",
        ),
        (
            "value: 0.03",
            "value: '0.03'",
            ", line 18: components.ADDER.actions.ADD.value: should be a valid number. Got '0.03'",
        ),
        (
            "{value: 0.03, bits: 8}",
            "0.03",
            ", line 18: components.ADDER.actions.ADD: should be keys and values. Got 0.03",
        ),
        (
            "value: 0.03",
            "energy: 0.03",
            ", line 18: components.ADDER.actions.ADD: unknown key 'energy'; known: bits, source, "
            "value",
        ),
        ("unit: pJ", "unit: null", ": unit is null: say why in unit_note"),
        ("area_unit: um2", "area_unit: null", ": area_unit is null: say why in area_unit_note"),
        ("unit: pJ\n", "", ", line 1: unit: missing; this key is required"),
        ("unit: pJ", "unit: nJ", ", line 5: unit: should be 'pJ'. Got 'nJ'"),
        ("schema: 1", "schema: 7", ", line 1: schema: should be 1. Got 7"),
        ("node: 45 nm", "node: 45", ", line 7: node: should be a valid string. Got 45"),
        (
            "node: 45 nm",
            "node: 45 um",
            ", line 7: node: should be a positive number and its unit (nm). Got '45 um'",
        ),
        (
            "clock: 500 MHz",
            "clock: fast",
            ", line 9: clock: should be a positive number and its unit (kHz or MHz or GHz). Got "
            "'fast'",
        ),
    ],
)
def test_a_fault_is_told_with_file_line_and_key(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    path = write(tmp_path, MINIMAL.replace(before, after, 1))
    with pytest.raises(InputError) as refusal:
        load_energy_table(path)
    assert str(refusal.value) == f"{path}{message}"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(content=st.binary(max_size=200))
def test_random_bytes_are_refused_and_nothing_else(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "random.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError):
        load_energy_table(path)


def test_a_component_without_prices_is_told_with_the_line_where_the_list_begins(tmp_path) -> None:
    fifo = "  FIFO:\n    source: paper\n    actions: {PUSH: {value: 1}}\n"
    table = load_energy_table(write(tmp_path, MINIMAL + fifo))
    counts = {ActionKey("Tree", "ADDR", "ADD"): 1.0}
    with pytest.raises(InputError) as refusal:
        table.price(Activity("toy", 1, counts, {}, 1, 1, 1.0))
    assert str(refusal.value) == (
        f"{tmp_path / 'toy.yaml'}, line 13: components: no prices for component 'ADDR' in Tree; "
        "did you mean 'ADDER'?"
    )


def test_the_largest_price_is_one():
    assert FigureSpec(value=1e30).value == 1e30
    with pytest.raises(ValueError, match="should be at most 1e"):
        FigureSpec(value=1.0000001e30)
