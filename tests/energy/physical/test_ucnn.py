"""UCNN, priced; and what the paper claims, as near as public data allow."""

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.arch.parts import Components
from hwsim.energy import load_energy_table, price
from hwsim.energy.breakdown import CLOCK, STATIC
from hwsim.engines import load_engine
from hwsim.number_format import NumberFormat
from hwsim.workload import Activations, Workload
from hwsim.workload.operands import Operands

PARTS = Components(32)


def priced(workload, arch, **settings):
    machine = load_arch(arch, settings)
    activity = load_engine("ucnn").simulate(workload, machine)
    return activity, price(activity, load_energy_table("physical"), machine, workload.operands)


def layer(levels, coding, bits, streams=16, share=1.0):
    filters, positions = levels.shape
    operands = Operands(
        coding=coding,
        weight_bits=bits,
        sign_bits=0,
        weights=levels.size,
        effectual_weights=int(np.count_nonzero(levels)),
        inputs=positions * streams // 9,
        outputs=filters * streams,
    )
    return Workload(
        "layer", levels[None], streams, coding=coding, activations=Activations(share),
        operands=operands,
    )  # fmt: skip


def per_count(breakdown):
    return {
        (row.unit, row.component, row.action, row.operand): row.energy / row.count
        for row in breakdown.rows
    }


def integer(bits):
    return NumberFormat.parse(f"int{bits}")


def test_every_count_at_its_price():
    levels = np.random.default_rng(0).choice(np.array([-3, 0, 2], np.int8), (8, 1152))
    prices = per_count(priced(layer(levels, "value", 8), "ucnn")[1])
    group = integer(8 + 10)  # of at most 576 activations
    buffer = PARTS.sram_read(256 * 1024, 64).value, PARTS.sram_write(256 * 1024, 64).value
    expected = {
        ("Buffer", "Memory", "READ", "activations"): buffer[0] / 8,
        ("Buffer", "Memory", "WRITE", "activations"): buffer[1] / 8,
        ("Buffer", "Memory", "READ", "weights"): buffer[0] / 64,
        ("Buffer", "Memory", "READ", "partial sums"): buffer[0] / 2,
        ("Buffer", "Memory", "WRITE", "partial sums"): buffer[1] / 2,
        ("Buffer", "Memory", "READ", "outputs"): buffer[0] / 8,
        ("PE", "InputBuffer", "READ", "activations"): PARTS.sram_read(1024, 16).value / 2,
        ("PE", "InputBuffer", "WRITE", "activations"): PARTS.sram_write(1024, 16).value / 2,
        ("PE", "WeightBuffer", "READ", "weights"): PARTS.sram_read(1024, 64).value / 64,
        ("PE", "WeightBuffer", "WRITE", "weights"): PARTS.sram_write(1024, 64).value / 64,
        ("PE", "GroupAdder", "ADD", "activations"): PARTS.adder(group).value,
        ("PE", "GroupSums", "WRITE", "activations"): PARTS.register(18).value,
        ("PE", "Multiplier", "MULTIPLY", ""): PARTS.multiplier(integer(8), group).value,
        ("PE", "Adder", "ADD", "partial sums"): PARTS.adder(integer(32)).value,
        ("PE", "Accumulators", "WRITE", "partial sums"): PARTS.register_file(4, 32).value,
        ("DRAM", "Memory", "READ", "weights"): PARTS.dram("LPDDR4").value,
        ("PE", "Accumulators", CLOCK, ""): PARTS.clock(1).value,
        ("PE", "GroupSums", CLOCK, ""): PARTS.clock(1).value,
    }
    assert {key: prices[key] for key in expected} == pytest.approx(expected)


@pytest.mark.parametrize(
    ("arch", "coding", "gates"),
    [
        ("ucnn", "sign", 18),
        ("ucnn", "ternary", 18),
        ("ucnn", "zero", 18),
        ("dcnn_sp", "sign", 8),
        ("dcnn_sp", "ternary", 16),
        ("dcnn_sp", "zero", 8),
    ],
)
def test_weights_that_are_no_numbers_take_gates(arch, coding, gates):
    levels = np.random.default_rng(0).integers(0, 2, (8, 1152)).astype(np.int8)
    prices = per_count(priced(layer(levels, coding, 1), arch)[1])
    assert prices["PE", "Multiplier", "MULTIPLY", ""] == pytest.approx(PARTS.gate(gates).value)


def test_clock_and_area_of_the_registers():
    activity, breakdown = priced(layer(np.ones((8, 1152), np.int8), "zero", 1), "ucnn")
    rows = {(row.component, row.action): row for row in breakdown.rows}
    assert rows["Accumulators", CLOCK].count == 32 * 2 * 4 * 32 * activity.cycles
    assert rows["GroupSums", CLOCK].count == 32 * 2 * 4 * 18 * activity.cycles
    assert {component for component, action in rows if action == STATIC} == {
        *("Memory", "InputBuffer", "WeightBuffer", "GroupAdder", "GroupSums"),
        *("Multiplier", "Adder", "Accumulators"),
    }


def sum_of(breakdown):
    return sum(row.energy for row in breakdown.rows)


#: Machines for so many levels, and as many words of 8 or 16 bits.
BUILT = {
    3: {"filters": 4, "columns": 2, "input_bytes": 768},
    17: {"filters": 2, "columns": 4, "input_bytes": 1152},
}


def claimed(levels_of, bits, density):
    """Draw a layer of ResNet-50's shape, as the paper draws its weights: uniform, 35 % inputs."""
    rng = np.random.default_rng(0)
    if levels_of == 3:
        levels = np.array([-5, 3], np.int8)
    else:
        levels = np.array([7 * n for n in range(-8, 9) if n], np.int8)
    drawn = rng.choice(levels, (256, 2304)) * (rng.random((256, 2304)) < density)
    return layer(drawn.astype(np.int8), "value", bits, streams=196, share=0.35)


#: The abstract: 1.2 to 4 times less energy. What ours gives, and why, is in docs/repetition.md.
@pytest.mark.parametrize(
    ("levels", "bits", "density", "ratio"),
    [
        (3, 16, 0.9, 2.474),
        (3, 16, 0.5, 1.937),
        (3, 8, 0.5, 1.571),
        (17, 16, 0.9, 1.390),
        (17, 16, 0.5, 1.255),
        (17, 8, 0.5, 1.034),
    ],
)
def test_less_energy_than_weight_by_weight(levels, bits, density, ratio):
    wide = {"weights": f"int{bits}", "activations": f"int{bits}"}
    scale = bits // 8
    built = dict(BUILT[levels], input_bytes=BUILT[levels]["input_bytes"] * scale)
    given = claimed(levels, bits, density)
    _, ours = priced(given, "ucnn", **built, **wide)
    memories = {"input_bytes": 144 * scale, "weight_bytes": 1152 * scale}
    _, theirs = priced(given, "dcnn_sp", **memories, **wide)
    assert sum_of(theirs) / sum_of(ours) == pytest.approx(ratio, abs=0.005)


def test_area_of_a_pe():
    """The paper adds 17 to 24 %; ours has a multiplier for each column and not for each filter."""
    given = claimed(17, 8, 0.5)
    areas = {
        name: priced(given, arch, **settings)[1].area_by_unit["PE"] / 32
        for name, arch, settings in (
            ("baseline", "dcnn_sp", {}),
            ("3 levels", "ucnn", BUILT[3]),
            ("17 levels", "ucnn", BUILT[17]),
            ("256 levels", "ucnn", {"filters": 1, "columns": 8, "input_bytes": 1920}),
        )
    }
    ratios = {name: area / areas["baseline"] for name, area in areas.items()}
    assert ratios == pytest.approx(
        {"baseline": 1, "3 levels": 0.639, "17 levels": 0.743, "256 levels": 1.065}, abs=0.001
    )
