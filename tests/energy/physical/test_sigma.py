"""The physical model of SIGMA, action by action, against the component figures and by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.activity import Activity
from hwsim.arch import Arch, load_arch
from hwsim.arch.parts import Components
from hwsim.energy import EnergyBreakdown, load_energy_table, price
from hwsim.energy.physical._geometry import Floorplan
from hwsim.energy.physical.model import horowitz_model
from hwsim.energy.physical.weights import product_bits, stored_weights
from hwsim.engines.stonne.sigma.engine import SigmaEngine
from hwsim.engines.stonne.sigma.gemms import simulate
from hwsim.engines.stonne.sigma.stream import Stream
from hwsim.errors import InputError
from hwsim.networks.network import Layer, Network
from hwsim.number_format import NumberFormat
from hwsim.schemes import quantize
from hwsim.studies.gemm import simulate_gemm
from hwsim.workload import Workload, lower
from hwsim.workload.operands import Operands

INT8, INT32 = NumberFormat.parse("int8"), NumberFormat.parse("int32")
CONV = Layer(
    "conv",
    "conv",
    np.random.default_rng(3).laplace(size=(32, 64, 3, 3)),
    padding=(1, 1),
    input_size=(10, 10),
)


def priced(
    scheme: str, overrides: dict[str, object] | None = None, model: str = "physical"
) -> tuple[EnergyBreakdown, Activity, Operands]:
    arch = load_arch("sigma", overrides)
    layer = quantize(Network("net", (CONV,)), scheme, "all").layers[0]
    activity = SigmaEngine().simulate(lower(layer), arch)
    operands = Operands.of(layer)
    return price(activity, load_energy_table(model), arch, operands), activity, operands


def energy(breakdown: EnergyBreakdown, *key: str, operand: str | None = None) -> float:
    rows = [
        row
        for row in breakdown.rows
        if (row.unit, row.component, row.action)[: len(key)] == key
        and (operand is None or row.operand == operand)
    ]
    assert rows, key
    return sum(row.energy for row in rows)


def test_the_operands_of_a_convolution() -> None:
    dense, binary, signed, ternary = (
        Operands.of(quantize(Network("net", (CONV,)), scheme, "all").layers[0])
        for scheme in ("dense", "binary", "signed-binary:sign=sum", "ternary")
    )
    assert (dense.coding, dense.weight_bits, dense.weights) == ("value", 32, 32 * 64 * 9)
    assert (dense.inputs, dense.outputs) == (64 * 10 * 10, 32 * 10 * 10)
    assert (binary.coding, binary.weight_bits, binary.sign_bits) == ("sign", 1, 0)
    assert (signed.coding, signed.weight_bits, signed.sign_bits) == ("zero", 1, 32)
    assert (ternary.coding, ternary.weight_bits) == ("ternary", 2)
    assert dense.effectual_weights == binary.effectual_weights == dense.weights
    assert signed.effectual_weights < dense.weights


@pytest.mark.parametrize(
    ("scheme", "price_of_one"),
    [
        ("dense", Components(28).multiplier(INT8, INT8).value),
        ("binary", Components(28).gate(8).value),
        ("signed-binary", Components(28).gate(8).value),
        ("ternary", Components(28).gate(16).value),
    ],
)
def test_a_multiplication_by_scheme(scheme: str, price_of_one: float) -> None:
    breakdown, activity, _ = priced(scheme)
    count = activity.by_action()["MSNetwork", "MULTIPLIER", "MULTIPLICATION"]
    charged = energy(breakdown, "MSNetwork", "MULTIPLIER", "MULTIPLICATION")
    assert charged == pytest.approx(count * price_of_one)


def test_additions_and_queues_by_hand() -> None:
    breakdown, activity, _ = priced("dense", {"tree_width": "partial-sums"})
    parts, counts = Components(28), activity.by_action()
    adds = (
        counts["ReduceNetwork", "ADDER", "ADD_2_1"]
        + 2 * counts["ReduceNetwork", "ADDER", "ADD_3_1"]
    )
    charged = energy(breakdown, "ReduceNetwork", "ADDER") - energy(
        breakdown, "ReduceNetwork", "ADDER", "static"
    )
    assert charged == pytest.approx(adds * parts.adder(INT32).value)
    multiplications = counts["MSNetwork", "MULTIPLIER", "MULTIPLICATION"]
    sums = counts["MSNetwork", "MULTIPLIER", "FORWARD_PSUM"]
    loaded = counts["MSNetwork", "FIFO", "PUSH"] - 3 * multiplications - 2 * sums
    assert loaded == activity.statistics["N_SRAM_weight_reads"]
    bit = parts.register(1).value
    queues = multiplications * (8 + 16) + loaded * 8 + 2 * sums * 32
    assert energy(breakdown, "MSNetwork", "FIFO", "PUSH") == pytest.approx(queues * bit)


def test_the_buffer_charges_each_operand_by_its_bits() -> None:
    breakdown, activity, operands = priced("binary")
    row = 256 * 8
    parts = Components(28)
    read = parts.sram_read(108 * 1024, row).value / row
    write = parts.sram_write(108 * 1024, row).value / row
    numbers = activity.statistics
    buffer = ("GlobalBuffer", "GLOBALBUFFER")
    weights = energy(breakdown, *buffer, "READ", operand="weights")
    assert weights == pytest.approx(float(numbers["N_SRAM_weight_reads"]) * read)
    inputs = energy(breakdown, *buffer, "READ", operand="activations")
    assert inputs == pytest.approx(float(numbers["N_SRAM_input_reads"]) * 8 * read)
    back = energy(breakdown, *buffer, "READ", operand="partial sums")
    assert back == pytest.approx(float(numbers["N_SRAM_psum_reads"]) * 32 * read)
    results = energy(breakdown, *buffer, "WRITE", operand="outputs")
    assert results == pytest.approx(operands.outputs * 8 * write)
    between = float(numbers["N_SRAM_psum_writes"]) - operands.outputs
    kept = energy(breakdown, *buffer, "WRITE", operand="partial sums")
    assert kept == pytest.approx(between * 32 * write)


@pytest.mark.parametrize(
    ("scheme", "storage", "bits"),
    [
        ("dense", "smallest", 32 * 64 * 9 * 8),
        ("dense", "bitmask", 32 * 64 * 9 * 9),
        ("binary", "smallest", 32 * 64 * 9),
        ("binary", "bitmask", 32 * 64 * 9 * 2),
        ("signed-binary", "smallest", 32 * 64 * 9),
        ("signed-binary", "bitmask", 32 * 64 * 9),
        ("signed-binary:sign=sum", "dense", 32 * 64 * 9 + 32),
        ("ternary", "dense", 32 * 64 * 9 * 2),
    ],
)
def test_dram_holds_weights_masks_and_signs(scheme: str, storage: str, bits: int) -> None:
    breakdown, _, operands = priced(scheme, {"weight_storage": storage})
    assert energy(breakdown, "DRAM", operand="weights") == pytest.approx(bits * 8)
    assert energy(breakdown, "DRAM", operand="activations") == operands.inputs * 8 * 8
    assert energy(breakdown, "DRAM", operand="outputs") == operands.outputs * 8 * 8


def test_a_bit_mask_keeps_a_sign_for_each_ternary_weight_that_is_not_zero() -> None:
    technology = load_arch("sigma").technology
    assert technology is not None
    operands = Operands("ternary", 2, 0, 1000, 400, 0, 0)
    assert stored_weights(operands, technology) == (400.0, 1000.0)
    full = replace(operands, effectual_weights=1000)
    assert stored_weights(full, technology) == (2000.0, 0.0)
    pruned = Operands("value", 32, 0, 1000, 100, 0, 0)
    assert stored_weights(pruned, technology) == (800.0, 1000.0)


def test_the_sign_of_a_signed_binary_filter_is_charged_once_an_output() -> None:
    breakdown, _, operands = priced("signed-binary")
    charged = energy(breakdown, "ReduceNetwork", "SIGN", "NEGATE")
    assert charged == pytest.approx(operands.outputs * Components(28).adder(INT32).value)
    assert not [row for row in priced("binary")[0].rows if row.component == "SIGN"]


def test_leakage_is_power_times_time_and_follows_the_clock() -> None:
    breakdown, activity, _ = priced("dense")
    seconds = activity.cycles / 5e8
    area = breakdown.area_by_unit["MSNetwork"]
    leaks = Components(28).leakage(area).value * 1e-3 * seconds * 1e12
    assert energy(breakdown, "MSNetwork") > 0
    assert energy(breakdown, "MSNetwork", "MULTIPLIER", "static") + energy(
        breakdown, "MSNetwork", "FIFO", "static"
    ) == pytest.approx(leaks)
    slow = priced("dense", {"clock": "250 MHz"})[0]
    for row, later in zip(breakdown.rows, slow.rows, strict=True):
        twice = 2 if row.action == "static" else 1
        assert later.energy == pytest.approx(twice * row.energy)
    ticking = sum(row.energy for row in breakdown.rows if row.action == "clock")
    leaking = sum(row.energy for row in breakdown.rows if row.action == "static")
    assert breakdown.static == pytest.approx(ticking + leaking)


def test_a_component_that_it_does_not_know_is_not_built_for_nothing() -> None:
    _, activity, operands = priced("dense")
    more = replace(activity, instances={**activity.instances, ("MSNetwork", "GROUPADDER"): 32})
    with pytest.raises(InputError) as error:
        price(more, load_energy_table("physical"), load_arch("sigma"), operands)
    assert str(error.value) == (
        "physical pricing of SIGMA: no area and leakage of component 'GROUPADDER' in MSNetwork "
        "(32 instances)"
    )


def test_a_component_of_which_there_is_none_takes_no_area() -> None:
    breakdown, activity, operands = priced("dense")
    more = replace(activity, instances={**activity.instances, ("MSNetwork", "GROUPADDER"): 0})
    again = price(more, load_energy_table("physical"), load_arch("sigma"), operands)
    assert again.area_by_unit == breakdown.area_by_unit


def test_a_row_leaves_enough_rows() -> None:
    """1 KB holds 64 rows of 128 bits, not of 256 values."""
    breakdown, activity, _ = priced("dense", {"buffer": "1 KB"})
    read = Components(28).sram_read(1024, 128).value / 128
    [row] = [
        row
        for row in breakdown.rows
        if (row.component, row.action, row.operand) == ("GLOBALBUFFER", "READ", "activations")
    ]
    assert row.energy == pytest.approx(row.count * 8 * read)
    assert row.count == activity.statistics["N_SRAM_input_reads"]


def test_every_row_can_be_explained() -> None:
    breakdown, _, _ = priced("signed-binary")
    explained = breakdown.explain()
    assert len(explained) == len(breakdown.rows)
    for row in explained:
        assert row["energy"] == pytest.approx(row["count"] * row["price"])  # type: ignore[operator]
        assert row["source"]
        assert row["formula"]
    by_operand = breakdown.by_operand
    assert set(by_operand) == {
        *("", "weights", "activations", "unused activations", "partial sums", "outputs")
    }
    assert sum(by_operand.values()) == pytest.approx(breakdown.total)


def test_binary_costs_less_than_dense_here_and_the_same_in_stonnes_table() -> None:
    assert priced("binary")[0].total < priced("dense")[0].total
    assert priced("binary", model="stonne")[0].total == priced("dense", model="stonne")[0].total
    stonne = priced("binary", model="stonne")[0]
    assert not [row for row in stonne.rows if row.unit == "DRAM"]


def test_dense_weights_are_rounded_to_the_machines_format() -> None:
    # The bits are the machine's; weights of int8 that round to zero are skipped besides.
    on_int8 = {scheme: priced(scheme)[0].total for scheme in ("dense", "dense:precision=int8")}
    assert 0.97 * on_int8["dense"] < on_int8["dense:precision=int8"] < on_int8["dense"]
    floats = {"weights": "fp32", "activations": "fp32", "partial_sums": "fp32"}
    on_fp32 = {
        scheme: priced(scheme, floats)[0].total
        for scheme in ("dense", "dense:precision=int8", "binary")
    }
    assert on_fp32["dense"] > on_fp32["dense:precision=int8"] > on_fp32["binary"]
    assert on_fp32["dense"] > 3 * on_int8["dense"]


def test_a_float_changes_its_sign_with_one_gate() -> None:
    floats = {"weights": "bf16", "activations": "bf16", "partial_sums": "fp32"}
    breakdown, activity, _ = priced("binary", floats)
    count = activity.by_action()["MSNetwork", "MULTIPLIER", "MULTIPLICATION"]
    charged = energy(breakdown, "MSNetwork", "MULTIPLIER", "MULTIPLICATION")
    assert charged == pytest.approx(count * Components(28).gate(1).value)


def test_products_are_as_wide_as_their_operands_but_no_wider_than_the_sum() -> None:
    arch = load_arch("sigma")
    technology = arch.technology
    assert technology is not None
    value, sign = Operands("value", 32, 0, 1, 1, 1, 1), Operands("sign", 1, 0, 1, 1, 1, 1)
    assert product_bits(value, technology) == 16
    assert product_bits(sign, technology) == 9
    narrow = load_arch("sigma", {"partial_sums": "int12"}).technology
    assert narrow is not None
    assert product_bits(value, narrow) == 12


def test_wires_of_an_h_tree() -> None:
    plan = Floorplan(area_um2=4e6, leaves=16)  # 2 mm x 2 mm, a pitch of 0.5 mm
    assert (plan.side_mm, plan.pitch_mm, plan.to_array_mm) == (2.0, 0.5, 1.0)
    assert plan.tree_mm(2) == 0.25  # two leaves, half a pitch each
    # 16 and 8 wires of half a pitch, 4 and 2 of one pitch
    assert plan.tree_mm(16) == pytest.approx((24 * 0.25 + 6 * 0.5) / 30)
    assert [plan.level_mm(level) for level in range(5)] == [0.25, 0.25, 0.5, 0.5, 1.0]
    assert plan.multicast_mm(1) == 1.0  # a wire to the one port
    assert plan.multicast_mm(1.8) == pytest.approx(1.8)
    assert plan.multicast_mm(16) == pytest.approx(0.68 * 2 * 4)


def test_switches_below_a_port_are_charged_where_there_are_some() -> None:
    breakdown, activity, _ = priced("dense", {"dn_bw": 64})
    once = activity.by_action()["DSNetwork", "SWITCH", "ROUTE_UNICAST"]
    twice = activity.by_action()["DSNetwork", "SWITCH", "ROUTE_BROADCAST"]
    rows = [row for row in breakdown.rows if row.component == "SWITCH"]
    for action, count in (("ROUTE_UNICAST", once), ("ROUTE_BROADCAST", twice)):
        assert sum(row.count for row in rows if row.action == action) == count
    wires = [row for row in breakdown.rows if row.component == "DN_WIRE"]
    sent = sum(row.count for row in wires if row.action != "static")
    assert sent == activity.by_action()["DSNetwork", "DN_WIRE", "WRITE"]


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(3, 300),
    st.integers(1, 30),
    st.floats(0.05, 1),
    st.sampled_from([4, 16, 256]),
    st.sampled_from([1, 2, 4]),
    st.integers(0, 2**32 - 1),
)
def test_any_problem_costs_something_everywhere(
    filters: int, K: int, columns: int, density: float, ports: int, split: int, seed: int
) -> None:
    arch = load_arch("sigma", {"num_ms": ports, "dn_bw": ports // split})
    bits = np.random.default_rng(seed).random((1, filters, K)) < density
    activity = simulate(bits, Stream.of_density(columns, K, 1.0), arch, "MK_STA_KN_STR")
    operands = Operands(
        "zero", 1, filters, bits.size, int(bits.sum()), K * columns, filters * columns
    )
    breakdown = price(activity, load_energy_table("physical"), arch, operands)
    assert all(row.energy >= 0 and row.count >= 0 for row in breakdown.rows)
    assert breakdown.total > 0
    cheaper = load_arch("sigma", {**arch.parameters, "voltage": "0.7 V"})
    assert price(activity, load_energy_table("physical"), cheaper, operands).total < breakdown.total


def published_sigma() -> tuple[EnergyBreakdown, Activity, Arch]:
    """A dense GEMM that fills all 16384 multipliers: 128 rows of 128, 10000 columns."""
    arch = load_arch("sigma-hpca2020")
    rows, K, columns = 128, 128, 10000
    workload = Workload("dense", np.ones((1, rows, K), bool), columns)
    activity = SigmaEngine().simulate(workload, arch)
    operands = Operands("value", 16, 0, rows * K, rows * K, K * columns, rows * columns)
    return price(activity, load_energy_table("physical"), arch, operands), activity, arch


def test_sigmas_published_figures_within_a_factor() -> None:
    breakdown, activity, arch = published_sigma()
    assert arch.technology is not None
    on_chip = sum(row.energy for row in breakdown.rows if row.unit != "DRAM")
    picojoules = on_chip / activity.macs
    # 22.33 W / 10.8 effective TFLOPS = 4.13 pJ a multiply-accumulate of two operations
    published = 22.33 / (10.8e12 / 2) * 1e12
    assert published == pytest.approx(4.13, abs=0.01)
    assert picojoules == pytest.approx(4.391, abs=0.001)
    assert 1 / 1.1 < picojoules / published < 1.1
    # at one multiply-accumulate a multiplier and cycle of 500 MHz, 22.33 W published
    watts = picojoules * 1e-12 * arch["num_ms"] * arch.technology.clock_hz
    assert watts == pytest.approx(36.0, abs=0.1)
    assert 1 / 1.7 < watts / 22.33 < 1.7
    assert breakdown.area is not None
    assert breakdown.area / 1e6 == pytest.approx(54.1, abs=0.1)
    assert 1 / 1.25 < breakdown.area / 1e6 / 65.10 < 1.25


def test_the_published_machines_benes_networks_by_hand() -> None:
    breakdown, activity, _ = published_sigma()
    parts = Components(28)
    switches = 128 * 15 * 128  # Flex-DPEs, levels, switches of a level
    # a multiplexer of an operand for each of two outputs, and two bits that say how they stand
    area = switches * parts.gate_area(2 * 16).value + parts.register_area(2 * switches).value
    assert breakdown.area_by_unit["DSNetwork"] == pytest.approx(area)
    rows = {(row.component, row.action, row.operand): row for row in breakdown.rows}
    clocked = rows["SWITCH", "clock", ""]
    assert clocked.count == 2 * switches * activity.cycles
    # A word passes 15 wires, and in them once the side of a Flex-DPE's 128 multipliers.
    wires = rows["DN_WIRE", "WRITE below a port", "activations"]
    assert wires.count == 15 * activity.macs
    logic = sum(area for unit, area in breakdown.area_by_unit.items() if unit != "GlobalBuffer")
    side_mm = math.sqrt(logic / 128) / 1000
    assert wires.energy / activity.macs == pytest.approx(15 * parts.wire(16, side_mm / 15).value)


@pytest.mark.parametrize(
    ("arch", "operands", "message"),
    [
        (
            None,
            None,
            "energy model 'physical' computes prices from the architecture and the operands of a "
            "layer; give both",
        ),
        (
            replace(load_arch("sigma"), technology=None),
            Operands("sign", 1, 0, 1, 1, 1, 1),
            "arch 'sigma': energy model 'physical' needs its node, clock and number formats; add a "
            "technology section to the spec",
        ),
        (
            load_arch("sigma", {"node": "90 nm"}),
            Operands("sign", 1, 0, 1, 1, 1, 1),
            "node 90 nm: energies are known from 7 nm to 65 nm; set another one, e.g. --set "
            "node=45nm",
        ),
    ],
)
def test_what_it_cannot_price_is_refused_in_one_line(
    arch: Arch | None, operands: Operands | None, message: str
) -> None:
    activity = priced("dense")[1]
    with pytest.raises(InputError) as refusal:
        load_energy_table("physical").price(activity, arch, operands)
    assert str(refusal.value) == message


def test_an_engine_that_it_does_not_know() -> None:
    _, activity, operands = priced("dense")
    model, arch = load_energy_table("physical"), load_arch("sigma")
    other = replace(activity, engine="sygma")
    with pytest.raises(InputError) as refusal:
        model.price(other, arch, operands)
    assert str(refusal.value) == (
        "energy model 'physical' does not know the actions of engine 'sygma'; did you mean 'sigma'?"
    )


def test_a_gemm_of_two_matrices_is_priced_as_a_dense_layer(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("schema: 1\nextends: sigma\nname: mine\nenergy_table: physical\n")
    bits = np.random.default_rng(0).random((24, 90)) < 0.4
    result = simulate_gemm(bits, 50, load_arch(path))
    assert result.energy.table == "physical"
    effectual = np.count_nonzero(bits)
    stored = min(bits.size * 8, bits.size + effectual * 8)
    assert energy(result.energy, "DRAM", operand="weights") == pytest.approx(stored * 8)
    assert energy(result.energy, "DRAM", operand="activations") == 90 * 50 * 8 * 8
    assert energy(result.energy, "DRAM", operand="outputs") == 24 * 50 * 8 * 8


def test_a_technology_without_figures_is_refused_before_anything_is_priced() -> None:
    model = horowitz_model()
    model.check(load_arch("sigma"))
    for name, value in (("node", "90 nm"), ("voltage", "2 V"), ("dram", "DDR9")):
        with pytest.raises(InputError):
            model.check(load_arch("sigma", {name: value}))
    model.check(replace(load_arch("sigma"), technology=None))  # told where prices are asked for
