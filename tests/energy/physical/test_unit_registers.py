"""Registers of compute units and queues at their ports, as a design states them."""

from pathlib import Path

import pytest

from hwsim.arch import Arch, load_arch
from hwsim.arch.parts import Components
from hwsim.energy import load_energy_table
from hwsim.energy.breakdown import EnergyBreakdown
from hwsim.engines.timeloop.layers import SparseloopEngine
from hwsim.errors import InputError
from hwsim.workload.operands import Operands
from tests.energy.physical.test_sparseloop import ERT, activity_of
from tests.engines.timeloop.layers.small_layers import TINY, operands, write

PART = Components(45)
DATAPATH = TINY.replace("design:\n", "design:\n  datapath: {products: 2, sums: 1}\n")
QUEUES = TINY.replace("design:\n", "design:\n  queues: {of: Registers, bits: register_words}\n")


def priced(arch: Arch, of: Operands, **counts: float) -> EnergyBreakdown:
    """Price counts of words, each in a row of its own, or of operations."""
    rows = {
        f"{level}_{space}_vector_{action}": count
        for (level, space, action), count in ((key.split("_"), counts[key]) for key in counts)
        if level != "MAC"
    }
    return load_energy_table("physical").price(activity_of(**counts, **rows), arch, of)


def energies(breakdown: EnergyBreakdown) -> dict[tuple[str, str, str, str], float]:
    return {
        (row.unit, row.component, row.action, row.operand): row.energy for row in breakdown.rows
    }


@pytest.mark.parametrize(
    ("bits", "written"),
    [
        (8, 8 + 8 + 32 + 2 * 16 + 32),
        (1, 1 + 8 + 32 + 2 * 9 + 32),  # the upper bits of a narrow product rest
    ],
)
def test_every_operation_writes_the_datapath(tmp_path: Path, bits: int, written: int) -> None:
    found = priced(load_arch(write(tmp_path, DATAPATH)), operands(bits), MAC_MAC_computes=7)
    rows, built = energies(found), 8 + 8 + 32 + 2 * 16 + 32
    assert rows["MAC", "DATAPATH", "write", ""] == pytest.approx(7 * PART.register(written).value)
    assert rows["MAC", "MAC", "clock", ""] == pytest.approx(1000 * 4 * built * PART.clock(1).value)
    area = 4 * PART.register_area(built).value
    leaks = PART.leakage(area).value * 1000 / 500e6 * 1e9  # mW over 1000 cycles, pJ
    assert rows["MAC", "DATAPATH", "static", ""] == pytest.approx(leaks)
    plain = priced(load_arch(write(tmp_path)), operands(bits), MAC_MAC_computes=7)
    assert found.area_by_unit["MAC"] - plain.area_by_unit["MAC"] == pytest.approx(area)
    assert not [key for key in energies(plain) if key[1] in ("DATAPATH", "QUEUE")]


def test_words_pass_the_queues_on_their_way_in_and_sums_on_their_way_out(tmp_path: Path) -> None:
    arch = load_arch(write(tmp_path, QUEUES))
    found = priced(
        arch,
        operands(4),
        Registers_Weights_fills=3,
        Registers_Outputs_fills=5,
        Buffer_Outputs_updates=6,
        Buffer_Inputs_fills=11,  # from DRAM, not through the queues
        DRAM_Outputs_updates=13,
    )
    rows = energies(found)
    writes = {key[3]: energy for key, energy in rows.items() if key[1:3] == ("QUEUE", "write")}
    assert writes == pytest.approx(
        {
            "weights": 3 * PART.register(4).value,
            "partial sums": (5 + 6) * PART.register(32).value,
        }
    )
    ticks = rows["Registers", "QUEUE", "clock", ""]
    assert ticks == pytest.approx(1000 * 4 * 32 * PART.clock(1).value)
    area = 4 * PART.register_area(32).value
    plain = priced(load_arch(write(tmp_path)), operands(4))
    added = found.area_by_unit["Registers"] - plain.area_by_unit["Registers"]
    assert added == pytest.approx(area)
    leaks = PART.leakage(area).value * 1000 / 500e6 * 1e9
    assert rows["Registers", "QUEUE", "static", ""] == pytest.approx(leaks)


def test_queues_of_an_outer_memory_serve_what_lies_inside(tmp_path: Path) -> None:
    arch = load_arch(write(tmp_path, QUEUES.replace("of: Registers", "of: Buffer")))
    found = energies(
        priced(arch, operands(8), Buffer_Inputs_fills=2, Registers_Inputs_fills=9,
               Registers_Weights_fills=4, DRAM_Outputs_updates=3, Buffer_Outputs_updates=8)
    )  # fmt: skip
    writes = {key[3]: energy for key, energy in found.items() if key[1:3] == ("QUEUE", "write")}
    bit = PART.register(1).value
    # the buffer does not hold these weights: they go past it
    assert writes == pytest.approx(
        {"activations": 2 * 8 * bit, "weights": 4 * 8 * bit, "partial sums": 3 * 32 * bit}
    )
    ticks = found["Buffer", "QUEUE", "clock", ""]
    assert ticks == pytest.approx(1000 * 1 * 32 * PART.clock(1).value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            DATAPATH.replace("sums: 1", "sums: pess"),
            "'pess' is no parameter of the spec; did you mean 'pes'",
        ),
        (
            DATAPATH.replace("products: 2", "products: register_word"),
            "'register_word' is no parameter of the spec; did you mean 'register_words'",
        ),
        (QUEUES.replace("bits: register_words", "bits: word"), "'word' is no parameter"),
        (
            QUEUES.replace("of: Registers", "of: Register"),
            "of: expected one of Registers, Buffer, DRAM. Got 'Register'; did you mean 'Registers'",
        ),
        (DATAPATH + ERT, "datapath: the design has an ERT, which prices all that happens"),
        (QUEUES + ERT, "queues: the design has an ERT, which prices all that happens"),
    ],
)
def test_registers_that_cannot_be_priced_are_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        SparseloopEngine().check(load_arch(write(tmp_path, text)))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "stated", "least", "most"),
    [
        (DATAPATH, "products: 2", 0, 64),
        (DATAPATH, "sums: 1", 0, 64),
        (QUEUES, "bits: register_words", 1, 1_000_000),
        (TINY.replace("design:\n", "design:\n  images: 2\n"), "images: 2", 1, 1_000_000),
    ],
)
def test_numbers_are_bounded(tmp_path: Path, text: str, stated: str, least: int, most: int) -> None:
    key = stated.split(":")[0]
    for number in (least, most):
        load_arch(write(tmp_path, text.replace(stated, f"{key}: {number}")))
    for number in (least - 1, most + 1):
        with pytest.raises(InputError) as caught:
            load_arch(write(tmp_path, text.replace(stated, f"{key}: {number}")))
        allowed = f"from {least:,} to {most:,}, or the name of a parameter. Got {number}"
        assert f"{key}: should be {allowed}" in str(caught.value)
