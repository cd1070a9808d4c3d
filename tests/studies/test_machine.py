"""What a machine is called, and the engine that a worker makes for it."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

import hwsim
from hwsim.engines import Engine, ProgramOptions, load_engine
from hwsim.errors import InputError
from hwsim.studies.machine import EngineName, Machine
from tests.engines.programs import stand_ins

SIGMA = hwsim.load_arch("sigma", {"num_ms": 16})


def key_of(arch: hwsim.Arch, engine: Engine, density: str = "actual") -> str:
    return Machine.of(arch, engine, EngineName(engine.name, density)).key


def test_what_decides_results_decides_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = load_engine("sigma")
    key = key_of(SIGMA, engine)
    assert key_of(hwsim.load_arch("sigma", {"num_ms": 16, "node": "45 nm"}), engine) == key
    assert key_of(hwsim.load_arch("sigma", {"num_ms": 32}), engine) != key
    assert key_of(SIGMA, engine, "statistical") != key
    assert key_of(SIGMA, load_engine("eie")) != key
    monkeypatch.setattr(type(engine), "version", "another")
    assert key_of(SIGMA, engine) != key


def test_an_engine_that_names_what_it_reads_in_its_own_way_reads_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = load_engine("sigma")
    monkeypatch.setattr(type(engine), "reads", lambda engine, arch: object)
    key = key_of(SIGMA, engine)
    assert key_of(SIGMA, engine) == key
    assert key_of(hwsim.load_arch("sigma", {"num_ms": 16, "node": "45 nm"}), engine) != key


def test_names_travel_and_objects_do_not() -> None:
    engine = load_engine("sigma")
    assert Machine.of(SIGMA, engine, EngineName("sigma")).travels
    assert not Machine.of(SIGMA, engine, engine).travels
    assert EngineName("sigma").load().name == "sigma"
    with pytest.raises(InputError, match="density 'statistical'"):
        EngineName("sigma", "statistical").load()


def test_another_program_is_refused_where_results_are_kept_as_those_of_one(tmp_path: Path) -> None:
    """A worker of a cluster may have another one under the name."""
    program = stand_ins.program(tmp_path, "sys.exit(7)")
    name = EngineName("stonne", program=ProgramOptions(program=str(program)))
    machine = Machine.of(SIGMA, name.load(), name)
    assert isinstance(machine.sent, EngineName)
    assert machine.sent._replace(requires="") == name
    assert machine.sent.load().program == name.load().program
    with program.open("a") as file:
        file.write("\n")
    assert Machine.of(SIGMA, name.load(), name).key != machine.key
    with pytest.raises(InputError) as caught:
        machine.sent.load()
    assert str(caught.value) == (
        f"engine 'stonne': {name.load().program} on {platform.node()} is another program than "
        "the one of the command; install the same on all"
    )
