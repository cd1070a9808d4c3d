"""Each figure of the component tables against its source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.arch.parts import COMPONENT_KINDS, Components, component_energy
from hwsim.arch.parts.figure import Figure
from hwsim.arch.parts.sram import sram
from hwsim.errors import InputError
from hwsim.number_format import NumberFormat

INT = {bits: NumberFormat.of_bits(bits) for bits in (1, 2, 4, 8, 24)} | {
    16: NumberFormat.parse("int16"),
    32: NumberFormat.parse("int32"),
}
FP16, FP32, BF16 = (NumberFormat.parse(name) for name in ("fp16", "fp32", "bf16"))


@pytest.mark.parametrize(
    ("bits", "add"), [(8, 0.03), (16, 0.05), (32, 0.1)], ids=["8b", "16b", "32b"]
)
def test_integer_additions_of_horowitz_at_45_nm(bits: int, add: float) -> None:
    figure = Components(45).adder(INT[bits])
    assert figure.value == add
    assert "Horowitz" in figure.source
    assert figure.unit == "pJ"


def test_multiplications_and_floating_point_of_horowitz_at_45_nm() -> None:
    parts = Components(45)
    assert parts.multiplier(INT[8], INT[8]).value == 0.2
    assert parts.multiplier(INT[32], INT[32]).value == 3.1
    assert parts.adder(FP16).value == 0.4
    assert parts.adder(FP32).value == 0.9
    assert parts.multiplier(FP16, FP16).value == 1.1
    assert parts.multiplier(FP32, FP32).value == 3.7
    assert parts.multiplier(BF16, INT[8]).value == 1.1  # as wide a float
    assert parts.multiplier(INT[8], FP32).value == 3.7


def test_areas_of_the_same_operations() -> None:
    parts = Components(45)
    assert [parts.adder_area(INT[bits]).value for bits in (8, 16, 32)] == [36, 67, 137]
    assert parts.multiplier_area(INT[8], INT[8]).value == 282
    assert parts.multiplier_area(INT[32], INT[32]).value == 3495
    assert (parts.adder_area(FP16).value, parts.adder_area(FP32).value) == (1360, 4184)
    assert parts.multiplier_area(FP16, FP16).value == 1640
    assert parts.multiplier_area(FP32, FP32).value == 7700


def test_aladdin_at_40_nm() -> None:
    parts = Components(40, arithmetic="aladdin")
    assert parts.adder(INT[32]).value == 0.21
    assert parts.multiplier(INT[32], INT[32]).value == 12.68
    assert parts.register(1).value == 0.009
    assert parts.gate(32).value == 0.02947
    assert parts.register_area(1).value == 5.98
    # 0.08 mW on 6350 um2
    assert parts.leakage(6350).value == pytest.approx(0.08, rel=1e-3)


def test_logic_of_low_standby_power_leaks_like_the_cells_of_sram() -> None:
    parts = Components(65, 1.2)
    low = parts.made_of("low-standby")
    assert low.leakage(1e6).entry == "leakage_low_standby"
    assert low.leakage(1e6).value == pytest.approx(0.0248 * 1.2 / 0.9, rel=1e-12)
    assert parts.made_of("general").leakage(1e6).value == parts.leakage(1e6).value
    assert parts.leakage(1e6).entry == "leakage"  # made_of leaves the others as they were
    assert low.adder(INT[8]).value == parts.adder(INT[8]).value


#: hwcomponents 1.0.114, measured: node, add 1 b, add 16 b, multiply 8 b, MAC, register 32 b, area.
NODES = [
    (65, 0.0094, 0.150, 1.132, 1.281, 0.411, 1175),
    (45, 0.0076, 0.121, 0.912, 1.033, 0.331, 783),
    (40, 0.0066, 0.105, 0.793, 0.898, 0.288, 536),
    (28, 0.0039, 0.062, 0.468, 0.530, 0.170, 293),
    (22, 0.0022, 0.036, 0.268, 0.304, 0.098, 196),
]


@pytest.mark.parametrize("row", NODES, ids=lambda row: f"{row[0]}nm")
def test_aladdin_at_every_measured_node(row: tuple[float, ...]) -> None:
    node, add1, add16, multiply, mac, register, area = row
    parts = Components(node, arithmetic="aladdin")
    assert parts.adder(INT[1]).value == pytest.approx(add1, abs=5e-5)
    assert parts.adder(INT[16]).value == pytest.approx(add16, abs=5e-4)
    assert parts.multiplier(INT[8], INT[8]).value == pytest.approx(multiply, abs=1e-3)
    product, total = parts.multiplier(INT[8], INT[8]).value, parts.adder(INT[16]).value
    assert product + total == pytest.approx(mac, abs=1e-3)
    assert parts.register(32).value == pytest.approx(register, abs=1e-3)
    areas = parts.multiplier_area(INT[8], INT[8]).value + parts.adder_area(INT[16]).value
    assert areas == pytest.approx(area, abs=0.5)


#: CACTI 7, measured: size in KB, width, then read and write at 65, 45 and 28 nm.
SRAMS = [
    (64, 64, 47.0, 37.3, 25.9, 19.6, 9.99, 8.23),
    (64, 256, 94.1, 123.6, 51.8, 66.2, 23.2, 27.6),
    (64, 1024, 237, 460, 127, 247, 55.3, 105.8),
    (108, 64, 54.3, 46.0, 29.4, 24.2, 12.9, 10.0),
    (108, 256, 118, 169, 67.6, 79.7, 29.8, 33.8),
    (108, 1024, 261, 640, 141, 346, 62.5, 148),
    (2048, 64, 240, 211, 128, 110, 55.0, 46.2),
    (2048, 256, 659, 583, 354, 305, 156, 135),
    (2048, 1024, 2080, 2320, 1105, 1222, 483, 522),
]


@pytest.mark.parametrize("row", SRAMS, ids=lambda row: f"{row[0]}KB-{row[1]}b")
def test_sram_of_cacti(row: tuple[float, ...]) -> None:
    size, width, *energies = row
    for node, read, write in zip((65, 45, 28), energies[::2], energies[1::2], strict=True):
        parts = Components(node)
        assert parts.sram_read(size * 1024, int(width)).value == pytest.approx(read, rel=0.005)
        assert parts.sram_write(size * 1024, int(width)).value == pytest.approx(write, rel=0.005)


def test_the_clock_of_a_register_of_eie() -> None:
    """1.874 mW at 800 MHz over 9465 um2 of registers of 8.74 um2 a bit."""
    figure = Components(45).clock(1)
    assert figure.value == pytest.approx(1.874e-3 / 800e6 * 1e12 / (9465 / 8.74), rel=2e-3)
    assert (figure.entry, figure.low, figure.high) == ("clock_control", 0.52, 1.9)
    assert Components(45).clock(96).value == pytest.approx(96 * 0.00216)
    assert Components(28).clock(1).value == pytest.approx(0.00216 * 0.5132473)
    assert Components(45, 1.1).clock(1).value > 0.00216


def test_a_mean_weighs_figures_by_how_often_they_count() -> None:
    part = Components(45)
    parts = [(3.0, part.wire(8, 1.0)), (0.0, part.wire(99, 9.0)), (1.0, part.wire(8, 2.0))]
    mean = Figure.mean(parts, "lengths")
    assert mean.value == pytest.approx(0.121 * 8 * 5 / 4)
    assert mean.formula == "mean of 0.968 to 1.936 pJ over lengths"
    assert (mean.entry, mean.unit, mean.bits) == ("wire", "pJ", None)
    assert (mean.low, mean.high) == (parts[0][1].low, parts[0][1].high)
    nothing = Figure.mean([(0.0, part.wire(8, 1.0)), (0.0, part.wire(8, 3.0))], "lengths")
    assert nothing.value == pytest.approx(0.968)


def test_wires_of_keckler() -> None:
    # 310 pJ for 256 bits over 10 mm at 0.9 V; the node does not matter, the voltage squared does
    assert Components(40).wire(256, 10).value == pytest.approx(310, rel=0.002)
    assert Components(28).wire(256, 10).value == Components(40).wire(256, 10).value
    # their 10 nm figure at 0.75 V is 200 pJ
    assert Components(10, 0.75).wire(256, 10).value == pytest.approx(200, rel=0.08)


@pytest.mark.parametrize(
    ("kind", "bits", "energy"),
    [
        ("LPDDR4", 64, 512),
        ("LPDDR", 1, 40),
        ("DDR3", 8, 560),
        ("HBM2", 1, 3.9),
        ("LPDDR-Horowitz", 64, 1300),
    ],
)
def test_dram(kind: str, bits: int, energy: float) -> None:
    figure = Components(28).dram(kind, bits)
    assert figure.value == pytest.approx(energy)
    assert Components(45, 0.7).dram(kind, bits).value == figure.value


def test_voltage_follows_the_polynomial_of_the_node() -> None:
    low = 1.103 * 0.49 - 0.362 * 0.7 + 0.2767
    nominal = 1.103 * 0.81 - 0.362 * 0.9 + 0.2767
    figure = Components(45, 0.7).adder(INT[32])
    assert figure.value == pytest.approx(0.1 * low / nominal)
    assert figure.formula.endswith("(0.9 V to 0.7 V)")
    assert Components(45, 0.9).adder(INT[32]).value == 0.1


@given(st.integers(1, 64), st.integers(1, 64), st.sampled_from(["horowitz", "aladdin"]))
def test_wider_operands_never_cost_less(a: int, b: int, arithmetic: str) -> None:
    parts = Components(28, arithmetic=arithmetic)  # type: ignore[arg-type]
    narrow, wide = (NumberFormat(bits, False, f"int{bits}") for bits in sorted((a, b)))
    assert parts.adder(narrow).value <= parts.adder(wide).value
    assert parts.multiplier(narrow, narrow).value <= parts.multiplier(narrow, wide).value
    assert parts.multiplier(narrow, wide).value == parts.multiplier(wide, narrow).value
    assert parts.register(narrow.bits).value <= parts.register(wide.bits).value


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: Components(90),
            "node 90 nm: energies are known from 7 nm to 65 nm; set another one, "
            "e.g. --set node=45nm",
        ),
        (lambda: Components(5), "node 5 nm: energies are known from 7 nm to 65 nm"),
        (
            lambda: Components(28, 0.3),
            "voltage 0.3 V: energies scale from 0.5 V to 1.2 V",
        ),
        (
            lambda: sram(512, 8, 28),
            "SRAM of 512 B and 8 bits: known from 1024 B and 64 rows; a smaller memory is a "
            "register file",
        ),
        (lambda: sram(1024, 1024, 28), "SRAM of 1024 B and 1024 bits: known from 1024 B and 64"),
        (
            lambda: Components(28).dram("LPDDR5"),
            "no published energy of 'LPDDR5'; did you mean 'LPDDR'?",
        ),
        (
            lambda: Components(28).dram("int_add"),
            "no published energy of 'int_add'; known: DDR3, HBM2, LPDDR, LPDDR-Horowitz, LPDDR4",
        ),
        (
            lambda: component_energy("added", {}, 28),
            "unknown kind of component 'added'; did you mean 'adder'?",
        ),
        (
            lambda: component_energy("adder", {"bits": 8}, 28),
            "adder: expected the attributes format. Got {'bits': 8}",
        ),
        (
            lambda: component_energy("register", {"bits": -8}, 28),
            "register: bits must be above 0. Got -8",
        ),
        (
            lambda: component_energy("adder", {"format": "int"}, 28),
            "adder: should be a number format: int8 (1 to 64 bits), fp16, bf16, fp32. Got 'int'",
        ),
    ],
)
def test_what_has_no_figure_is_refused_in_one_line(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError) as refusal:
        call()
    assert str(refusal.value).startswith(message)
    assert "\n" not in str(refusal.value)


def test_one_figure_by_kind_and_attributes() -> None:
    of = {
        "adder": {"format": "int32"},
        "multiplier": {"a": "int8", "b": "int8"},
        "mac": {"a": "int8", "b": "int8", "sum": "int32"},
        "gate": {"bits": 8},
        "register": {"bits": 8},
        "register_file": {"words": 16, "bits": 8},
        "sram_read": {"bytes": 65536, "width": 64},
        "sram_write": {"bytes": 65536, "width": 64},
        "wire": {"bits": 8, "mm": 0.5},
        "dram": {"type": "LPDDR4", "bits": 64},
    }
    assert set(of) == set(COMPONENT_KINDS)
    figures = {kind: component_energy(kind, attributes, 45) for kind, attributes in of.items()}
    assert all(figure.source and figure.formula for figure in figures.values())
    assert figures["mac"].value == pytest.approx(0.3)
    register, file = figures["register"].value, figures["register_file"].value
    assert file == pytest.approx(register + 4 * figures["gate"].value)
