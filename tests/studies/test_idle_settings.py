"""Settings of the technology that nothing reads are refused, and those that something reads not."""

from __future__ import annotations

import pytest

import hwsim
from hwsim.arch import load_arch
from hwsim.energy import load_energy_tables
from hwsim.engines import load_engine
from hwsim.errors import InputError
from hwsim.studies.idle_settings import refuse_idle_settings
from hwsim.studies.request import Request
from tests.studies.networks import tiny_network

SETTINGS = {
    "node": "45 nm",
    "clock": "400 MHz",
    "voltage": "1 V",
    "weights": "int4",
    "activations": "int4",
    "partial_sums": "int40",
    "buffer": "64 KB",
    "weight_storage": "dense",
    "dram": "HBM2",
    "transistors": "low-standby",
    "controller": "reads-needed",
    "tree_width": "partial-sums",
    "tree_registers": "queues",
    "multiplier": "ternary",
}


def refused(machine: str, key: str, tables: str) -> bool:
    arch = load_arch(machine, {key: SETTINGS[key]})
    try:
        refuse_idle_settings(arch, load_engine(arch.engine), load_energy_tables(tables))
    except InputError:
        return True
    return False


@pytest.mark.parametrize(
    ("machine", "tables", "read"),
    [
        # Formats decide what the units take, and the clock turns cycles into seconds.
        ("sigma", "stonne", {"clock", "weights", "activations", "multiplier"}),
        ("tpu", "stonne", {"clock", "weights", "activations", "multiplier"}),
        ("sigma", "physical", set(SETTINGS)),
        ("sigma", "stonne,physical", set(SETTINGS)),
    ],
)
def test_what_nothing_reads_is_refused(machine: str, tables: str, read: set[str]) -> None:
    settable = set(load_arch(machine).settable) & set(SETTINGS)
    assert settable - {key for key in settable if refused(machine, key, tables)} == read & settable


def test_the_setting_and_the_prices_are_named() -> None:
    with pytest.raises(InputError) as error:
        hwsim.run(tiny_network(), energy="stonne", overrides={"num_ms": 64, "dram": "HBM2"})
    assert str(error.value) == (
        "arch 'sigma': dram=HBM2 changes nothing: prices of stonne are fixed, and engine 'sigma' "
        "does not read it; leave it out, or take --energy physical"
    )


def test_a_product_of_matrices_reads_no_technology() -> None:
    arch = load_arch("sigma", {"node": "45 nm"})
    with pytest.raises(InputError, match="node=45 nm changes nothing"):
        hwsim.simulate_gemm([[1, 2]], 3, arch)


def test_a_timeout_is_for_programs() -> None:
    with pytest.raises(InputError) as error:
        hwsim.run(Request(model=tiny_network(), energy="stonne", timeout_s=5))
    assert str(error.value) == (
        "--timeout 5 changes nothing: engine 'sigma' runs no program; leave it out, or take "
        "--engine stonne or timeloop"
    )
