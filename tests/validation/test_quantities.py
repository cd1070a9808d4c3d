import pytest

from hwsim.quantity import parse_quantity
from hwsim.validation.quantities import QUANTITIES, Totals

#: 400 cycles at 200 MHz are 2 us; 3 uJ and 5 uJ.
FOUND = Totals(
    cycles=400,
    dense_cycles=1000,
    macs=600,
    chip_pj=3e6,
    dram_pj=5e6,
    area_um2=2.5e6,
    clock_hz=200e6,
    images=4,
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cycles", "400 cycles"),
        ("time", "2 us"),
        ("time", "0.002 ms"),
        ("time", "0.000002 s"),
        ("throughput", "2000000 inf/s"),
        ("speedup", "2.5 x"),
        ("energy", "8 uJ"),
        ("chip_energy", "3 uJ"),
        ("chip_energy", "0.003 mJ"),
        ("chip_energy", "3000 nJ"),
        ("chip_energy", "0.000003 J"),
        ("chip_power", "1.5 W"),
        ("chip_power", "1500 mW"),
        ("chip_efficiency", "1333333.333333333 inf/J"),
        ("operations", "0.6 GOPS"),
        ("chip_operations", "0.0004 TOPS/W"),
        ("area", "2.5 mm2"),
    ],
)
def test_totals_in_each_unit(name, text):
    quantity = QUANTITIES[name]
    assert quantity.of(FOUND) == pytest.approx(parse_quantity(text, quantity.units), rel=1e-12)


def test_every_quantity_has_a_title_of_its_own():
    assert len({quantity.title for quantity in QUANTITIES.values()}) == len(QUANTITIES)
    assert QUANTITIES["chip_energy"].title == "energy of the chip"


def test_what_is_wanted_where_nothing_else_is_said():
    assert {name: quantity.wanted for name, quantity in QUANTITIES.items()} == {
        "cycles": "20 %",
        "time": "20 %",
        "throughput": "20 %",
        "operations": "20 %",
        "speedup": "20 %",
        "energy": "1.5x",
        "chip_energy": "1.5x",
        "chip_power": "1.5x",
        "chip_efficiency": "1.5x",
        "chip_operations": "1.5x",
        "area": "20 %",
    }
