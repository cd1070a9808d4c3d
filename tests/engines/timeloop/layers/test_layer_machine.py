"""Bits of their own for each data space: capacity, rows, bandwidth, wires."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.arch import load_arch
from hwsim.arch.parts import Components
from hwsim.arch.parts.memory import off_chip_memory, on_chip_memory
from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.figures.result import TimeloopResult
from hwsim.engines.timeloop.layers._layer_mapping import MappingCache
from hwsim.engines.timeloop.layers._layer_problem import layer_problem, layer_shape
from hwsim.engines.timeloop.layers.engine import SparseloopEngine
from hwsim.engines.timeloop.layers.layer_machine import (
    OperandBits,
    layer_machine,
    metadata_prices,
)
from hwsim.engines.timeloop.layers.layer_weights import MappingVariant
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.errors import InputError
from tests.engines.timeloop.layers.small_layers import TINY, convolution, random_mask, write

WIDE = OperandBits(8, 8, 8)


@pytest.fixture(scope="module")
def mapped(tmp_path_factory):
    arch = load_arch(write(tmp_path_factory.mktemp("arch")))
    shape = layer_shape(convolution(random_mask((1, 8, 8, 3, 3), 1.0)))
    return arch, layer_problem(shape), MappingCache().find(arch, shape, MappingVariant(8))


def with_bits(machine: Machine, bits: dict[str, int]) -> Machine:
    return Machine(machine.compute, tuple(replace(level, bits=bits) for level in machine.levels))


def test_a_row_holds_as_many_words_as_fit_whole(tmp_path) -> None:
    machine = layer_machine(load_arch(write(tmp_path)), OperandBits(1, 8, 20))
    registers, buffer, _ = machine.levels
    assert [buffer.block_of(name) for name in ("Weights", "Inputs", "Outputs")] == [64, 8, 3]
    assert [registers.block_of(name) for name in ("Weights", "Inputs", "Outputs")] == [8, 1, 1]
    assert [registers.rows_of_word(name) for name in ("Weights", "Inputs", "Outputs")] == [1, 1, 3]
    assert [registers.scaled(5, name) for name in ("Weights", "Inputs", "Outputs")] == [1, 5, 13]


def test_equal_widths_change_nothing(mapped) -> None:
    _, problem, found = mapped
    plain = with_bits(found.machine, {})
    equal = with_bits(found.machine, {"Weights": 8, "Inputs": 8, "Outputs": 8})
    first, second = (
        TimeloopResult(evaluate(problem, machine, found.mapping, found.sparse))
        for machine in (plain, equal)
    )
    assert first.to_dict() == second.to_dict()
    assert first.activity == second.activity


@given(st.integers(1, 8), st.integers(1, 8))
def test_fewer_bits_never_cost_more(mapped, one: int, other: int) -> None:
    _, problem, found = mapped
    few, many = (
        evaluate(
            problem,
            with_bits(found.machine, {"Weights": bits, "Inputs": 8, "Outputs": 32}),
            found.mapping,
            found.sparse,
        )
        for bits in sorted((one, other))
    )
    assert few.energy <= many.energy
    assert few.cycles <= many.cycles


def test_bandwidth_is_of_bits(mapped) -> None:
    _, problem, found = mapped
    *inner, dram = found.machine.levels

    def cycles(bits: int) -> int:
        slow = replace(dram, read_bandwidth=0.02, bits={"Weights": bits, "Inputs": 1, "Outputs": 8})
        machine = Machine(found.machine.compute, (*inner, slow))
        return evaluate(problem, machine, found.mapping, found.sparse).levels[-1].cycles

    # 576 weights, 36 x 8 inputs of one bit; 0.02 words of 8 bits a cycle.
    fewest, most = (576 + 288) / 8 / 0.02, (576 * 8 + 288) / 8 / 0.02
    assert cycles(1) == pytest.approx(fewest, rel=0.01)
    assert cycles(8) == pytest.approx(most, rel=0.01)


def test_capacity_is_of_bits(tmp_path) -> None:
    """All weights in a buffer of 64 rows: 576 of 8 bits do not fit, 576 of 1 bit do."""
    constraint = "constraints: {dataspace: {keep: [Weights], bypass: [Inputs, Outputs]}, temporal: "
    held = TINY.replace(
        "{name: Buffer, class: SRAM, ",
        "{name: Buffer, class: SRAM, " + constraint + "{factors: [M=8, C=8, R=3, S=3]}}, ",
    ).replace("value: 256", "value: 64")
    arch = load_arch(write(tmp_path, held))
    shape = layer_shape(convolution(random_mask((1, 8, 8, 3, 3), 1.0)))
    with pytest.raises(InputError, match=r"exceed the capacity of Buffer \(512 words\)"):
        MappingCache().find(arch, shape, MappingVariant(8))
    narrow = load_arch(write(tmp_path, held.replace("weights: int8", "weights: int1")))
    found = MappingCache().find(narrow, shape, MappingVariant(1))
    evaluation = evaluate(layer_problem(shape), found.machine, found.mapping, found.sparse)
    assert evaluation.levels[1].spaces[0].capacity == 576


PORTS = (
    "design:\n  ports: {Buffer: {Inputs: {read: 1.5, write: 4}, Outputs: {read: 2, write: 3}}}\n"
)


def test_data_spaces_may_have_ports_of_their_own(tmp_path) -> None:
    machine = layer_machine(load_arch(write(tmp_path, TINY.replace("design:\n", PORTS))), WIDE)
    registers, buffer, dram = machine.levels
    assert buffer.ports == {"Inputs": (1.5, 4.0), "Outputs": (2.0, 3.0)}
    assert registers.ports == dram.ports == {}


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("Buffer", "Bufer", "ports: expected one of Registers, Buffer, DRAM. Got 'Bufer'; did"),
        ("Inputs", "Input", "ports: expected one of Weights, Inputs, Outputs. Got 'Input'; did"),
        ("read: 2", "read: 0", "read: should be greater than or equal to 0.000001. Got 0"),
        ("write: 3", "write: 0", "write: should be greater than or equal to 0.000001. Got 0"),
    ],
)
def test_ports_of_nothing_are_refused(tmp_path, before, after, message) -> None:
    text = TINY.replace("design:\n", PORTS.replace(before, after))
    with pytest.raises(InputError) as caught:
        layer_machine(load_arch(write(tmp_path, text)), WIDE)
    assert message in str(caught.value)


METADATA = TINY.replace(
    "depth: buffer_rows, width: 64, datawidth: 8}",
    "depth: buffer_rows, width: 64, datawidth: 8, metadata_storage_width: 16}",
)


def test_a_machine_costs_what_its_parts_cost(tmp_path) -> None:
    arch, part = load_arch(write(tmp_path, METADATA)), Components(45)
    technology = arch.technology
    assert technology is not None
    machine = layer_machine(arch, OperandBits(8, 8, 32))
    registers, buffer, dram = machine.levels
    file = on_chip_memory(part, 32 * 8, 8, sram=False)
    data, metadata = (
        on_chip_memory(part, bits, width, sram=True) for bits, width in ((256 * 64, 64), (1, 16))
    )
    read, write_ = "random_read", "random_fill"
    priced = {read: file.read.value, write_: file.write.value, "random_update": file.write.value}
    assert {key: price for key, price in registers.energy.items() if price} == priced
    assert registers.area == file.area
    priced = {
        read: data.read.value,
        write_: data.write.value,
        "random_update": data.write.value,
        "random_metadata_read": metadata.read.value,
        "random_metadata_fill": metadata.write.value,
        "random_metadata_update": metadata.write.value,
    }
    assert {key: price for key, price in buffer.energy.items() if price} == priced
    assert buffer.area == data.area + metadata.area
    assert buffer.vector_access_energy == data.read.value
    assert dram.energy[read] == off_chip_memory(part, "LPDDR4", 64).read.value
    wire = part.wire(1, 1.0).value
    for level in machine.levels:
        assert level.read_network.wire_energy == level.update_network.wire_energy == wire
        assert level.energy_source == "hwsim"
    area = part.multiplier_area(technology.weights, technology.activations).value
    assert machine.compute.area == area + part.adder_area(technology.partial_sums).value


def test_metadata_lie_in_a_memory_of_the_kind_of_the_data(tmp_path) -> None:
    held = METADATA.replace("metadata_storage_width: 16", "metadata_storage_width: 16, "
                            "metadata_storage_depth: 32, metadata_datawidth: 4")  # fmt: skip
    arch, part = load_arch(write(tmp_path, held)), Components(45)
    assert arch.technology is not None
    buffer = layer_machine(arch, WIDE).levels[1]
    for kind, sram in (("SRAM", True), ("regfile", False)):
        level = replace(buffer, class_name=kind)
        expected = on_chip_memory(part, 32 * 16, 16, sram=sram)
        found = metadata_prices(level, part, arch.technology)
        assert found is not None
        assert (found.read.value, found.area) == (expected.read.value, expected.area)
    assert metadata_prices(replace(buffer, metadata_width=0), part, arch.technology) is None
    off = metadata_prices(replace(buffer, dram=True), part, arch.technology)
    assert off is not None
    assert off.read.value == off_chip_memory(part, "LPDDR4", 16).read.value


@pytest.mark.parametrize(("bits", "multiplied"), [(1, False), (2, False), (3, True), (8, True)])
def test_signs_and_zeros_are_applied_by_a_gate_a_bit(tmp_path, bits: int, multiplied: bool) -> None:
    arch, part = load_arch(write(tmp_path)), Components(45)
    technology = arch.technology
    assert technology is not None
    energy = layer_machine(arch, OperandBits(bits, 8, 32)).compute.energy
    product = part.gate(8)
    if multiplied:
        product = part.multiplier(technology.weights, technology.activations)
    addition = part.adder(technology.partial_sums)
    assert energy["random_compute"] == product.value + addition.value
    assert sum(energy.values()) == energy["random_compute"]


def test_an_ert_is_all_that_is_priced(tmp_path) -> None:
    from tests.energy.physical.test_sparseloop import ERT

    machine = layer_machine(load_arch(write(tmp_path, TINY + ERT)), WIDE)
    assert [level.energy["random_read"] for level in machine.levels] == [1, 10, 100]
    assert machine.compute.energy["random_compute"] == 2
    assert {level.read_network.wire_energy for level in machine.levels} == {0.0}
    assert {level.area for level in machine.levels} == {0.0}


def test_wires_that_are_priced_keep_their_price(tmp_path) -> None:
    before = "datawidth: 8}}\n      - {name: PE,"
    wired = TINY.replace(before, before.replace("}}", ", wire_energy: 0.7}}"))
    registers, buffer, _ = layer_machine(load_arch(write(tmp_path, wired)), WIDE).levels
    assert buffer.read_network.wire_energy == 0.7
    assert registers.read_network.wire_energy == Components(45).wire(1, 1.0).value


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "components: []",
            "components: [{unit: Bufer, component: Inputs, meaning: m}]",
            "line 11: unit: the design has no 'Bufer'; did you mean 'Buffer'?",
        ),
        (
            "components: []",
            "components: [{unit: Buffer, component: Input, meaning: m}]",
            "line 11: component: the design has no 'Input'; did you mean 'Inputs'?",
        ),
        (
            "{name: Buffer, class: SRAM",
            "{name: DRAM, class: SRAM",
            "architecture: 2 components are called 'DRAM'; give each a name of its own",
        ),
        (
            "{name: PE, spatial: {meshX: pes}}",
            "{name: PE, spatial: {meshX: pes}, constraints: {spatial: {factors: [M=1, M=2]}}}",
            "spatial.factors: M= stands twice; keep one of them",
        ),
    ],
)
def test_names_and_factors_stand_for_one_thing(tmp_path, before, after, message) -> None:
    assert before in TINY
    path = write(tmp_path, TINY.replace(before, after))
    with pytest.raises(InputError) as refused:
        SparseloopEngine().check(load_arch(path))
    assert str(refused.value).startswith(f"{path}, line ")
    assert str(refused.value).endswith(message)


def test_what_the_design_has_can_be_listed(tmp_path) -> None:
    listed = "{unit: MAC, component: MAC, meaning: m}, {unit: DRAM, component: Outputs, meaning: m}"
    path = write(tmp_path, TINY.replace("components: []", f"components: [{listed}]"))
    SparseloopEngine().check(load_arch(path))
