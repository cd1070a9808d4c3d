"""The global buffer: its access and its banks by hand, at odd sizes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hwsim.arch import load_arch
from hwsim.arch.parts import Components
from hwsim.arch.parts.memory import on_chip_memory
from hwsim.energy.physical._buffer import Buffer
from hwsim.energy.physical._geometry import Floorplan

PART = Components(28)


def buffer(ports: int, switched: bool = False, **structure: object) -> Buffer:
    technology = load_arch("sigma").technology
    assert technology is not None
    return Buffer(replace(technology, **structure), PART, ports, switched)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ports", "capacity", "bits"),
    [
        (16, 8192, 128),  # 8 bits a port
        (200, 8192, 1024),  # 64 rows
        (200, 8191, 1023),  # whole bits
    ],
)
def test_a_row_feeds_every_port_but_leaves_64_rows(ports: int, capacity: int, bits: int) -> None:
    assert buffer(ports, buffer_bytes=capacity).word_bits == bits
    assert buffer(ports, buffer_bytes=capacity, controller="reads-needed").word_bits == 8


def test_a_bank_has_whole_bits() -> None:
    """Two banks for each of 5 ports share 884736 bits."""
    memory = buffer(5, buffer_bytes=108 * 1024, controller="reads-needed").memory
    bank = on_chip_memory(PART, 88474, 8, sram=True)
    assert memory.read.value == bank.read.value
    assert memory.area == bank.area * 10
    assert memory.leakage.value == bank.leakage.value * 10


def test_a_network_only_where_banks_feed_ports_that_nothing_else_switches() -> None:
    assert not buffer(8).has_network
    assert buffer(8, controller="reads-needed").has_network
    assert not buffer(8, switched=True, controller="reads-needed").has_network


def test_a_value_crosses_the_network_once() -> None:
    """8 ports: 7 levels; the square has a side of 2 mm."""
    made = buffer(8, controller="reads-needed")
    way = made.switching(8, 8, Floorplan(4e6, 16))
    assert way.value == pytest.approx(PART.wire(8, 2.0).value + 7 * PART.gate(8).value)
    assert made.switch_area(8) == pytest.approx(7 * 8 * 2 * PART.gate_area(8).value)
