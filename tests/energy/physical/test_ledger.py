"""Everything counted is charged, once, or named."""

from __future__ import annotations

import pytest

from hwsim.activity import ActionKey, Activity
from hwsim.arch.parts.figure import Figure
from hwsim.energy.physical.ledger import Ledger
from hwsim.errors import InputError

READ = ActionKey("Buffer", "SRAM", "READ", "weights")
ADD = ActionKey("Tree", "ADDER", "ADD")
TWO = Figure(2.0, "a paper", unit="pJ", entry="sram")


def ledger(counts: dict[ActionKey, float]) -> Ledger:
    return Ledger(Activity("x", 1000, counts, {}, 1, 1, 1.0), clock_hz=1e9)


def refusal_of(book: Ledger) -> str:
    with pytest.raises(InputError) as refusal:
        book.close("physical")
    return str(refusal.value)


def test_what_nobody_charged_is_named() -> None:
    book = ledger({READ: 5, ADD: 1e12})
    book.charge(READ, TWO)
    assert refusal_of(book) == (
        "energy model 'physical': no price for action 'ADD' of component 'ADDER' in Tree "
        "(1e+12 of 1e+12 counted)"
    )


def test_a_part_that_nobody_charged_is_named() -> None:
    book = ledger({READ: 5})
    book.charge(READ, TWO, count=3)
    assert refusal_of(book) == (
        "energy model 'physical': no price for action 'READ' of weights of component 'SRAM' in "
        "Buffer (2 of 5 counted)"
    )


@pytest.mark.parametrize("count", [6, 1])
def test_what_is_charged_more_often_than_it_happened_is_named(count: float) -> None:
    book = ledger({READ: 5})
    book.charge(READ, TWO)
    book.charge(READ, TWO, count=count)
    assert "no price for action 'READ'" in refusal_of(book)


def test_rounding_of_expected_counts_is_no_count() -> None:
    book = ledger({READ: 0.3})
    book.charge(READ, TWO, count=0.1)
    book.charge(READ, TWO, count=0.2)
    book.close("physical")


def test_rows_say_count_price_and_whose() -> None:
    book = ledger({READ: 5, ADD: 0})
    book.charge(READ, TWO, count=2, label="READ of a row", operand="outputs")
    book.charge(READ, TWO)
    book.charge(ADD, TWO)  # never happened: no row
    book.add("DRAM", "LPDDR4", "READ", 4, TWO, "activations")
    book.close("physical")
    assert [
        (row.unit, row.component, row.action, row.count, row.energy, row.operand, row.entry)
        for row in book.rows
    ] == [
        ("Buffer", "SRAM", "READ of a row", 2, 4.0, "outputs", "sram"),
        ("Buffer", "SRAM", "READ", 3, 6.0, "weights", "sram"),
        ("DRAM", "LPDDR4", "READ", 4, 8.0, "activations", "sram"),
    ]
    assert all(row.figure is TWO for row in book.rows)


def test_what_is_part_of_another_action_says_so() -> None:
    book = ledger({READ: 5, ADD: 0})
    book.charge(READ, TWO, count=2)
    book.include(READ, "part of the push")
    book.include(ADD, "never happened")
    book.close("physical")
    assert book.included == {READ: "part of the push"}
    assert len(book.rows) == 1


def test_leakage_and_area_by_hand() -> None:
    """3 mW over 1000 cycles of 1 ns are 3000 pJ."""
    book = ledger({})
    book.build("Tree", "ADDER", 4, 80.0, Figure(3.0, "a paper", unit="mW", formula="leaks"))
    book.build("Tree", "FIFO", 1, 20.0, Figure(0.0, "a paper", unit="mW"))
    assert book.area_by_unit == {"Tree": 100.0}
    row = book.rows[0]
    assert (row.action, row.count, row.energy) == ("static", 4000, pytest.approx(3000))
    assert row.figure is not None
    assert row.figure.value == pytest.approx(0.75)
    assert row.figure.formula == "3 mW (leaks) x 1e-06 s"


def test_a_machine_that_never_ran_leaks_nothing() -> None:
    book = Ledger(Activity("sigma", 0, {}, {}, 0, 0, 0.0), 1e9)
    book.build("Tree", "ADDER", 4, 80.0, Figure(3.0, "a paper", unit="mW"))
    row = book.rows[0]
    assert (row.count, row.energy) == (0, 0.0)
    assert row.figure is not None
    assert row.figure.value == 0.0
