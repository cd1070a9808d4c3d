"""Energy and area reference tables, as lists and by path, by hand."""

import pytest

from hwsim.engines.timeloop.spec import read_inputs
from hwsim.engines.timeloop.spec.tables import (
    area_document,
    component_of,
    energy_document,
    highest,
    read_area_table,
    read_energy_table,
)
from hwsim.errors import InputError
from tests.engines.timeloop.sparse.parts import level, machine


def energies(**ert):
    return read_energy_table(read_inputs({"problem": {}, "ERT": ert}))


def table(name, *actions):
    return {"name": name, "actions": [dict(action) for action in actions]}


READ = {"name": "read", "energy": 3.0}
WRITE = {"name": "write", "arguments": {"data_delta": 1}, "energy": 2.0}
IDLE = {"name": "write", "arguments": None}


def test_a_component_is_the_last_part_of_a_path():
    assert component_of("system.chip[0..1].PE[0..7].Spad[0..3]") == "Spad"
    assert component_of("GLB") == "GLB"


def test_tables_in_a_list():
    found = energies(
        version=0.3, tables=[table("system.GLB[0..3]", READ, WRITE, IDLE), table("MAC")]
    )
    assert found == {
        "GLB": {"read": (({}, 3.0),), "write": (({"data_delta": 1}, 2.0), ({}, 0.0))},
        "MAC": {},
    }
    apart = energies(tables=[table("system.GLB", READ, WRITE), table("GLB", IDLE)])
    assert apart["GLB"] == found["GLB"]


def test_tables_by_path():
    own = {"read": {"energy": 3.0}, "write": [{"energy": 2.0, "arguments": {"data_delta": 1}}, {}]}
    found = energies(version=0.4, tables={"system.GLB": own, "system.MAC": {}})
    assert found == {
        "GLB": {"read": (({}, 3.0),), "write": (({"data_delta": 1}, 2.0), ({}, 0.0))},
        "MAC": {},
    }


def test_inputs_without_tables():
    empty = read_inputs({"problem": {}})
    assert read_energy_table(empty) is None
    assert read_area_table(empty) == {}


@pytest.mark.parametrize("version", [0.2, 0.3, 0.4, "0.3"])
def test_versions(version):
    assert energies(version=version, tables=[]) == {}


@pytest.mark.parametrize("version", [0.1, 0.5, 1, 0])
def test_versions_that_are_not_known(version):
    with pytest.raises(InputError) as refused:
        energies(version=version, tables=[])
    assert str(refused.value) == (
        f"inputs: ERT.version: expected version 0.2, 0.3 or 0.4. Got {version}"
    )


def test_the_dearest_entry_is_the_price():
    entries = {"read": (({}, 1.0), ({}, 3.0)), "leak": (({}, -1.0),), "none": ()}
    assert highest(entries) == {"read": 3.0, "leak": 0.0, "none": 0.0}
    assert highest({"write": (({}, 0.25),)}) == {"write": 0.25}


def test_areas_have_single_precision_as_the_program_keeps_them():
    tables = [{"name": "system.GLB", "area": 0.1}, {"name": "MAC"}, {"name": "PE[0..1]", "area": 0}]
    found = read_area_table(read_inputs({"problem": {}, "ART": {"tables": tables}}))
    assert found == {"GLB": 0.10000000149011612, "PE": 0.0}


def test_what_is_written_is_of_the_version_that_is_asked_for():
    given = machine(level("Spad", area=2.0), level("GLB", area=4.0), area=0.5)
    for version, more in ((0.3, ()), (0.4, (0.4,))):
        ert = energy_document(given, *more)["ERT"]
        art = area_document(given, *more)["ART"]
        assert (ert["version"], art["version"]) == (version, version)
        assert [one["name"] for one in ert["tables"]] == ["system.GLB", "system.Spad", "system.MAC"]
        assert art["tables"] == [
            {"name": "system.GLB", "area": 4.0},
            {"name": "system.Spad", "area": 2.0},
            {"name": "system.MAC", "area": 0.5},
        ]
