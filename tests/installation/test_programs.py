"""Programs of other tools: where they are, and what they say of themselves."""

import hashlib

import pytest

from hwsim.installation.programs import examine_programs
from tests.engines.programs.stand_ins import program

pytestmark = pytest.mark.outside


@pytest.fixture(autouse=True)
def nothing_here(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    for name in ("HWSIM_STONNE", "HWSIM_TIMELOOP_MODEL"):
        monkeypatch.delenv(name, raising=False)


def found(title):
    (each,) = [each for each in examine_programs() if each.title == title]
    return each


def test_where_there_is_none_it_is_said_how_to_get_it():
    programs = examine_programs()
    assert [each.title for each in programs] == [
        *("STONNE", "Timeloop", "Accelergy", "container engine")
    ]
    assert [each.place for each in programs] == [None] * 4
    stonne, timeloop, accelergy, engine = (each.advice for each in programs)
    assert stonne.startswith("no program of STONNE: give --program FILE, set HWSIM_STONNE, ")
    assert "HWSIM_TIMELOOP_MODEL" in timeloop
    assert "accelergy on the PATH" in accelergy
    assert engine.startswith(("no container engine answers at unix://", "images need the docker"))


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("print('simulator v4.2.1-rc1 of today')", "4.2.1-rc1"),
        ("print('usage: stonne -CONV'); sys.exit(1)", None),
        ("print('no number')", None),
    ],
)
def test_a_program_is_asked_for_its_version(said, version, tmp_path, monkeypatch):
    file = program(tmp_path, f"assert sys.argv[1:] == ['--version']\n{said}")
    monkeypatch.setenv("HWSIM_STONNE", str(file))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    stonne = found("STONNE")
    assert (stonne.place, stonne.advice) == (str(file), "")
    assert stonne.version == (version or f"states no version; sha256 {digest[:12]}")


def test_a_file_that_is_named_and_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("HWSIM_STONNE", str(tmp_path / "gone"))
    assert found("STONNE").advice == f"{tmp_path / 'gone'}: no such program"
