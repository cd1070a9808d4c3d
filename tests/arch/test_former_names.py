"""Machines by names that they had before."""

import warnings

import pytest

import hwsim
from hwsim.arch import Arch, former_names, list_archs, load_arch
from hwsim.arch.former_names import FORMER_NAMES, Renaming, name_today
from hwsim.errors import FormerNameWarning, InputError
from tests.studies.networks import tiny_network

NOTE = "giga is called sigma-64 since 2026-11-28: it never had so many"


@pytest.fixture
def giga(monkeypatch):
    renamed = {"giga": Renaming("sigma-64", "2026-11-28", "it never had so many")}
    monkeypatch.setattr(former_names, "FORMER_NAMES", renamed)
    monkeypatch.setattr("hwsim.arch.loading.FORMER_NAMES", renamed)


def test_what_was_renamed_is_there_and_its_former_name_is_free():
    shipped = list_archs()
    for former, renaming in FORMER_NAMES.items():
        assert renaming.name in shipped
        assert former not in shipped
        assert renaming.reason.endswith(".") is False
        assert len(renaming.since) == len("2026-11-28")


def test_a_name_that_no_machine_had_is_itself(giga):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert name_today("sigma") == ("sigma", "")
        assert name_today("gigas") == ("gigas", "")


def test_a_former_name_is_today_s_with_a_warning(giga):
    with pytest.warns(FormerNameWarning) as warned:
        arch = load_arch("giga", {"dn_bw": 8})
    assert [str(each.message) for each in warned] == [NOTE]
    assert (arch.name, arch.label, arch.note) == ("sigma-64", "sigma-64 (dn_bw=8)", NOTE)
    today = load_arch("sigma-64", {"dn_bw": 8})
    assert today.note == ""
    assert today == arch
    assert (today.fingerprint(), today.path) == (arch.fingerprint(), arch.path)
    assert Arch.from_bytes(arch.to_bytes()).note == NOTE
    assert "giga" not in list_archs()


def test_a_file_of_the_former_name_is_not_meant(giga, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "giga").write_text("schema: 1\n")
    with pytest.warns(FormerNameWarning):
        assert load_arch("giga").name == "sigma-64"


def test_a_spec_may_extend_a_former_name(giga, tmp_path):
    spec = tmp_path / "own.yaml"
    spec.write_text("schema: 1\nextends: giga\nname: own\ntitle: own\n")
    with pytest.warns(FormerNameWarning, match="giga is called sigma-64"):
        arch = load_arch(spec)
    assert (arch.name, arch["num_ms"], arch.note) == ("own", 64, "")


def test_a_slip_is_answered_with_the_names_of_today(giga):
    with pytest.raises(InputError) as refusal:
        load_arch("gigma")
    assert str(refusal.value) == "unknown arch 'gigma'; did you mean 'sigma'?"


def test_the_manifest_says_so(giga, tmp_path):
    with pytest.warns(FormerNameWarning):
        result = hwsim.run(tiny_network(), "giga", schemes="dense", layers="fc")
    assert result.manifest["arch"]["name"] == "sigma-64"
    assert result.manifest["arch"]["notes"] == [NOTE]
    result.write(tmp_path)
    saved = tmp_path / "manifest.json"
    assert hwsim.load_run(tmp_path).manifest["arch"]["notes"] == [NOTE]
    saved.write_text(saved.read_text().replace('"name": "sigma-64"', '"name": "giga"'))
    assert hwsim.load_run(tmp_path).manifest["arch"]["name"] == "giga"  # saved before
    plain = hwsim.run(tiny_network(), "sigma-64", schemes="dense", layers="fc")
    assert plain.manifest["arch"]["notes"] == []


def test_published_figures_by_a_former_name(monkeypatch):
    monkeypatch.setattr(former_names, "FORMER_NAMES", {"pe": Renaming("sigmaa", "x", "y")})
    with (
        pytest.warns(FormerNameWarning, match="pe is called sigmaa since x: y"),
        pytest.raises(InputError, match="nothing is published of machine 'sigmaa'"),
    ):
        hwsim.validate_published("pe")
