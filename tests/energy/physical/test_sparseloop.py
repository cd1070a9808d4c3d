"""Machines of the engine sparseloop, priced."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwsim.activity import Activity
from hwsim.arch import load_arch
from hwsim.arch.parts import Components
from hwsim.arch.parts.memory import off_chip_memory, on_chip_memory
from hwsim.energy import load_energy_table
from hwsim.engines.timeloop.layers import SparseloopEngine
from hwsim.engines.timeloop.terms.operands import count_key
from hwsim.errors import InputError
from hwsim.workload.operands import Operands
from tests.engines.timeloop.layers.small_layers import TINY, convolution, write


def table(name: str, **actions: float) -> str:
    """An entry of an energy table, pJ."""
    listed = ", ".join(
        f"{{name: {action}, arguments: {{}}, energy: {energy}}}"
        for action, energy in actions.items()
    )
    return f"      - {{name: system.{name}, actions: [{listed}]}}\n"


ERT = (
    "  ERT:\n    version: 0.4\n    tables:\n"
    + table("DRAM", read=100, write=120)
    + table("Buffer", read=10, write=12)
    + table("Registers", read=1, write=1.5)
    + table("MAC", compute=2)
)


def activity_of(**counts: float) -> Activity:
    """Counts as LEVEL_SPACE_action."""
    keys = {count_key(*key.split("_", 2)): count for key, count in counts.items()}
    keys.setdefault(count_key("MAC", "MAC", "computes"), 0)
    return Activity("sparseloop", 1000, keys, {}, 1, 1, 1.0)


def operands(coding: str = "value", bits: int = 8, outputs: int = 0) -> Operands:
    return Operands(coding, bits, 0, 1, 1, 1, outputs)  # type: ignore[arg-type]


@pytest.fixture
def arch(tmp_path):
    return load_arch(write(tmp_path))


def energies(arch, activity: Activity, of: Operands) -> dict[tuple[str, str, str], float]:
    breakdown = load_energy_table("physical").price(activity, arch, of)
    return {(row.unit, row.component, row.action): row.energy for row in breakdown.rows}


def test_dram_is_priced_by_the_bit(arch) -> None:
    found = energies(arch, activity_of(DRAM_Weights_vector_reads=3), operands())
    assert found["DRAM", "Weights", "reads"] == pytest.approx(3 * 64 * 8)  # LPDDR4: 8 pJ a bit


def test_memories_are_priced_by_capacity_and_width(arch) -> None:
    found = energies(
        arch,
        activity_of(Buffer_Inputs_vector_reads=2, Buffer_Outputs_vector_updates=1,
                    Registers_Weights_vector_fills=5),
        operands(),
    )  # fmt: skip
    part = Components(45)
    assert found["Buffer", "Inputs", "reads"] == 2 * part.sram_read(2048, 64).value
    assert found["Buffer", "Outputs", "updates"] == part.sram_write(2048, 64).value
    assert found["Registers", "Weights", "fills"] == pytest.approx(
        5 * part.register_file(32, 8).value
    )


@pytest.mark.parametrize(
    ("coding", "bits", "multiply"),
    [
        ("value", 8, Components(45).multiplier),
        ("sign", 1, None),
        ("zero", 1, None),
    ],
)
def test_operations_are_priced_by_the_coding_of_weights(arch, coding, bits, multiply) -> None:
    found = energies(arch, activity_of(MAC_MAC_computes=10), operands(coding, bits, outputs=4))
    part, technology = Components(45), arch.technology
    product = (
        part.gate(8) if multiply is None else multiply(technology.weights, technology.activations)
    )
    assert found["MAC", "MAC", "multiply"] == pytest.approx(10 * product.value)
    assert found["MAC", "MAC", "add"] == pytest.approx(10 * 0.1)  # Horowitz: 32 bits, 45 nm
    negations = 4 * 0.1 if coding == "zero" else None
    assert found.get(("MAC", "SIGN", "negate")) == (
        None if negations is None else pytest.approx(negations)
    )


def test_wires_are_priced_by_bits_and_length(tmp_path) -> None:
    spatial = "      - {name: PE,"
    before = "width: 64, datawidth: 8}}\n" + spatial
    text = TINY.replace(before, "width: 64, datawidth: 8, tile_width: 500}}\n" + spatial)
    arch = load_arch(write(tmp_path, text))
    name = "Buffer <==> Registers"
    computes = count_key("MAC", "MAC", "computes")
    counts = {count_key(name, "Weights", "word_hops"): 7.0, computes: 0.0}
    activity = Activity("sparseloop", 10, counts, {}, 1, 1, 1.0)
    found = energies(arch, activity, operands("sign", 1))
    assert found[name, "Weights", "word_hops"] == pytest.approx(7 * 1 * 0.121 * 0.5)


@pytest.mark.parametrize(
    ("listed", "energy"), [("", 0.0), (table("Wire", transfer_random=0.25), 4)]
)
def test_wires_of_an_ert_are_priced_by_bits_and_length(tmp_path, listed, energy) -> None:
    spatial = "      - {name: PE,"
    before = "width: 64, datawidth: 8}}\n" + spatial
    text = TINY.replace(before, "width: 64, datawidth: 8, tile_width: 500}}\n" + spatial)
    arch = load_arch(write(tmp_path, text + ERT + listed))
    name, computes = "Buffer <==> Registers", count_key("MAC", "MAC", "computes")
    counts = {count_key(name, "Inputs", "word_hops"): 4.0, computes: 0.0}
    found = energies(arch, Activity("sparseloop", 10, counts, {}, 1, 1, 1.0), operands("sign", 1))
    assert found.get((name, "Inputs", "word_hops"), 0.0) == energy  # 4 words of 8 bits, half a mm


def test_what_is_gated_or_skipped_is_free(arch) -> None:
    activity = activity_of(Registers_Inputs_vector_gated_reads=9, MAC_MAC_skipped_computes=9)
    breakdown = load_energy_table("physical").price(activity, arch, operands())
    assert breakdown.dynamic == 0
    assert breakdown.static > 0


def test_every_price_says_where_it_is_from(arch) -> None:
    workload = convolution(np.ones((1, 8, 8, 3, 3)))
    activity = SparseloopEngine().simulate(workload, arch)
    breakdown = load_energy_table("physical").price(activity, arch, workload.operands)
    assert all(row.figure is not None and row.figure.source for row in breakdown.rows)
    assert {row.operand for row in breakdown.rows} >= {"weights", "activations", "partial sums"}
    assert breakdown.area is not None
    assert breakdown.area > 0


def test_the_mapper_and_the_model_price_alike(arch) -> None:
    """Dense: what the search minimised is the dynamic energy, words that are held apart."""
    workload = convolution(np.ones((1, 8, 8, 3, 3)))
    engine = SparseloopEngine()
    evaluation, _ = engine.evaluation(workload, arch)
    breakdown = load_energy_table("physical").price(
        engine.simulate(workload, arch), arch, workload.operands
    )
    held = sum(row.energy for row in breakdown.rows if ": " in row.action)
    assert 0 < held < 0.15 * breakdown.dynamic
    assert breakdown.dynamic - held == pytest.approx(evaluation.energy, rel=1e-6)


def test_words_that_wait_are_held_in_a_register_and_selected(tmp_path) -> None:
    """Rows of 8 words for 4 multipliers: held. With 8 of them every word is taken at once."""
    counts = {
        "Buffer_Weights_vector_reads": 3,
        "Buffer_Weights_reads": 20,
        "Buffer_Inputs_vector_fills": 5,
        "Buffer_Inputs_fills": 40,
    }
    part, rows = Components(45), activity_of(**counts)
    found = energies(load_arch(write(tmp_path)), rows, operands())
    assert found["Buffer", "Weights", "reads"] == pytest.approx(3 * part.sram_read(2048, 64).value)
    assert found["Buffer", "Weights", "reads: hold"] == pytest.approx(3 * part.register(64).value)
    assert found["Buffer", "Weights", "reads: select"] == pytest.approx(20 * 3 * part.gate(8).value)
    assert found["Buffer", "Inputs", "fills: gather"] == pytest.approx(40 * part.register(8).value)
    wide = energies(load_arch(write(tmp_path), {"pes": 8}), rows, operands())
    assert not [key for key in wide if ": " in key[2]]
    # 64 words of one bit, for 8
    narrow = energies(load_arch(write(tmp_path), {"pes": 8}), rows, operands("sign", 1))
    assert narrow["Buffer", "Weights", "reads: select"] == pytest.approx(
        20 * 6 * part.gate(1).value
    )
    assert ("Buffer", "Inputs", "fills: gather") not in narrow
    # 21 words of three bits need five levels
    odd = energies(load_arch(write(tmp_path), {"pes": 8}), rows, operands("value", 3))
    assert odd["Buffer", "Weights", "reads: select"] == pytest.approx(20 * 5 * part.gate(3).value)


def test_dram_and_an_ert_hold_nothing(tmp_path) -> None:
    activity = activity_of(DRAM_Weights_vector_reads=3, DRAM_Weights_reads=24)
    assert not [
        key for key in energies(load_arch(write(tmp_path)), activity, operands()) if ":" in key[2]
    ]
    arch = load_arch(write(tmp_path, TINY + ERT))
    activity = activity_of(Buffer_Weights_vector_reads=3, Buffer_Weights_reads=20)
    found = energies(arch, activity, operands())
    assert found["Buffer", "Weights", "reads"] == 30
    assert not [key for key in found if ":" in key[2] or key[2] == "clock"]


def test_the_clock_of_every_register_ticks(arch) -> None:
    """Files of registers, the port of an SRAM and its bits a row, three registers a multiplier."""
    found = energies(arch, activity_of(), operands())
    bit = Components(45).clock(1).value
    assert bit == pytest.approx(0.00216)
    assert found["Registers", "Memory", "clock"] == pytest.approx(1000 * 4 * 32 * 8 * bit)
    assert found["Buffer", "Memory", "clock"] == pytest.approx(1000 * 64 * bit)
    assert found["MAC", "MAC", "clock"] == pytest.approx(1000 * 4 * (8 + 8 + 32) * bit)
    assert ("DRAM", "Memory", "clock") not in found


def test_an_ert_takes_the_place_of_computed_prices(tmp_path) -> None:
    arch = load_arch(write(tmp_path, TINY + ERT))
    activity = activity_of(
        DRAM_Weights_vector_reads=3,
        Buffer_Inputs_vector_fills=2,
        Registers_Outputs_vector_updates=4,
        MAC_MAC_computes=5,
    )
    breakdown = load_energy_table("physical").price(activity, arch, operands())
    assert breakdown.total == 3 * 100 + 2 * 12 + 4 * 1.5 + 5 * 2
    assert all(row.figure.source == "ERT of the arch spec" for row in breakdown.rows)


def test_a_small_sram_costs_as_the_smallest_that_is_modelled() -> None:
    part = Components(45)
    small, smallest = (on_chip_memory(part, bits, 16, sram=True) for bits in (4096, 8192))
    assert small.read.value == smallest.read.value == part.sram_read(1024, 16).value
    assert small.area == smallest.area / 2
    assert small.leakage.value == pytest.approx(smallest.leakage.value / 2)


def test_a_single_register_needs_no_multiplexer() -> None:
    part = Components(45)
    assert on_chip_memory(part, 8, 8, sram=False).read.value == part.register(8).value
    assert on_chip_memory(part, 64, 8, sram=False).read.value == part.register_file(8, 8).value


def test_dram_has_no_area_and_leaks_nothing_on_the_chip() -> None:
    prices = off_chip_memory(Components(45), "HBM2", 128)
    assert prices.read.value == pytest.approx(128 * 3.9)
    assert prices.area == prices.leakage.value == 0


def test_components_that_the_design_does_not_have_are_refused(arch) -> None:
    activity = replace(activity_of(), instances={("Bufer", "Weights"): 10**6})
    with pytest.raises(InputError) as refusal:
        load_energy_table("physical").price(activity, arch, operands())
    assert str(refusal.value).endswith(
        "no price for being there of component 'Weights' in 'Bufer': the design has no such level"
        "; did you mean 'Buffer'?"
    )


METADATA = TINY.replace(
    "depth: buffer_rows, width: 64, datawidth: 8}",
    "depth: buffer_rows, width: 64, datawidth: 8, metadata_storage_width: 16, "
    "metadata_storage_depth: 256, metadata_datawidth: 4}",
)


def test_metadata_are_priced_by_their_own_memory(tmp_path) -> None:
    activity = activity_of(
        Buffer_Weights_vector_reads=2,
        Buffer_Weights_vector_metadata_reads=3,
        Buffer_Weights_vector_metadata_fills=5,
    )
    found = energies(load_arch(write(tmp_path, METADATA)), activity, operands())
    part = Components(45)
    data, metadata = (on_chip_memory(part, 256 * bits, bits, sram=True) for bits in (64, 16))
    assert found["Buffer", "Weights", "reads"] == 2 * data.read.value
    assert found["Buffer", "Weights", "metadata_reads"] == 3 * metadata.read.value
    assert found["Buffer", "Weights", "metadata_fills"] == 5 * metadata.write.value
    # the ports of both
    assert found["Buffer", "Memory", "clock"] == pytest.approx(1000 * 80 * part.clock(1).value)


def test_sums_that_reach_dram_are_outputs(tmp_path) -> None:
    arch = load_arch(write(tmp_path, TINY + ERT))
    activity = activity_of(
        DRAM_Outputs_vector_updates=3,
        Buffer_Outputs_vector_updates=2,
        DRAM_Weights_vector_reads=1,
        DRAM_Inputs_vector_reads=1,
    )
    breakdown = load_energy_table("physical").price(activity, arch, operands())
    told = {(row.unit, row.component): (row.operand, row.entry) for row in breakdown.rows}
    assert told == {
        ("DRAM", "Outputs"): ("outputs", "DRAM.update"),
        ("Buffer", "Outputs"): ("partial sums", "Buffer.update"),
        ("DRAM", "Weights"): ("weights", "DRAM.read"),
        ("DRAM", "Inputs"): ("activations", "DRAM.read"),
    }
