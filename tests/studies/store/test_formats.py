"""Stores of an older hwsim are read as they are, and brought up when they are written."""

import sqlite3

import pytest

import hwsim
from hwsim.errors import InputError
from hwsim.networks import save_network
from hwsim.studies.opened import open_result
from hwsim.studies.store.schema import ADDED, FORMAT
from hwsim.studies.store.store import Store
from hwsim.studies.study_file import study_of_flags
from hwsim.studies.study_result import StudyResult
from hwsim.studies.study_store import collect_garbage
from tests.studies.networks import tiny_network


def as_first_format(path):
    """Take away what later formats have added; what is left is a store of the first."""
    with sqlite3.connect(path) as base:
        added = base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        later = "".join(ADDED.values())
        for (table,) in added:
            if f"CREATE TABLE {table} (" in later:
                base.execute(f"DROP TABLE {table}")
        base.execute("PRAGMA user_version = 1")
    base.close()


def tables_of(path):
    with sqlite3.connect(path) as base:
        return {name for (name,) in base.execute("SELECT name FROM sqlite_master")}


@pytest.fixture
def study(tmp_path):
    save_network(tiny_network(), tmp_path / "n.npz")
    return study_of_flags("mine", model=str(tmp_path / "n.npz"), scheme="dense,signed-binary")


def test_energies_of_a_point_are_the_sum_of_their_parts(study, tmp_path):
    hwsim.run_study(study, tmp_path / "s.db")
    result = open_result(tmp_path / "s.db")
    parts = result.actions.frame().groupby(["energy_table", "point"])["energy"].sum()
    whole = result.points.set_index(["energy_table", "point"])["energy"]
    assert len(whole) == 2
    assert parts.to_dict() == pytest.approx(whole.to_dict())
    assert "DRAM" in result.actions["unit"]


def test_a_study_of_the_first_format(study, tmp_path):
    path = tmp_path / "s.db"
    hwsim.run_study(study, path)
    points = open_result(path).points
    as_first_format(path)
    before = path.read_bytes()
    old = open_result(path)
    assert path.read_bytes() == before
    assert old.points.equals(points)
    assert len(old.actions) == 0
    hwsim.run_study(study, path)  # prices anew, and evaluates nothing
    new = open_result(path)
    assert new.points.equals(points)
    assert new.actions.distinct("point") == [0, 1]
    with Store(path) as store:
        assert store.format == FORMAT


def test_a_run_of_the_first_format_is_a_study_without_energies(tmp_path):
    path = tmp_path / "s.db"
    run = hwsim.run(tiny_network(), schemes=["dense", "binary"], store=path, command="hwsim run x")
    found = open_result(path)
    assert found.manifest == run.manifest
    assert found.manifest["command"] == "hwsim run x"
    for name in ("table", "layers", "quantization", "structures"):
        assert getattr(found, name).equals(getattr(run, name)), name
    as_first_format(path)
    old = open_result(path)
    assert isinstance(old, StudyResult)
    assert old.points["energy"].isna().all()
    whole = run.totals.query("energy_table == 'physical' and scope == 'network'")
    assert old.points["cycles"].tolist() == whole["cycles"].tolist()


def test_a_store_is_brought_up_once(tmp_path):
    with Store(tmp_path / "s.db"):
        pass
    whole = tables_of(tmp_path / "s.db")
    as_first_format(tmp_path / "s.db")
    assert tables_of(tmp_path / "s.db") < whole
    for _ in range(2):
        with Store(tmp_path / "s.db"):
            pass
        assert tables_of(tmp_path / "s.db") == whole


def test_what_nobody_asks_for_goes_with_its_parts(study, tmp_path):
    hwsim.run_study(study, tmp_path / "s.db")
    hwsim.run(tiny_network(), schemes=["dense"], store=tmp_path / "s.db")
    with Store(tmp_path / "s.db") as store:
        with store.writing() as base:
            base.execute("DELETE FROM studies")
        collect_garbage(store)
        for table in ("parts", "layouts", "runs", "energies", "prices"):
            assert store.query(f"SELECT count(*) FROM {table}") == [(0,)], table


def test_a_run_that_is_damaged_is_told(tmp_path):
    path = tmp_path / "s.db"
    hwsim.run(tiny_network(), schemes=["dense"], store=path)
    with Store(path) as store, store.writing() as base:
        base.execute("UPDATE runs SET document = ?", (b"nothing",))
    with pytest.raises(InputError, match="is damaged; keep a copy"):
        open_result(path)
