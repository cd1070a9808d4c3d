"""A former name on the command line is a note on standard error, and nothing else changes."""

import warnings

import pytest

from hwsim.arch import former_names
from hwsim.arch.former_names import Renaming
from hwsim.cli.notes import noted_warnings
from hwsim.errors import FormerNameWarning

NOTE = "note: giga is called sigma-64 since 2026-11-28: it never had so many\n"


@pytest.fixture(autouse=True)
def _giga(monkeypatch):
    renamed = {"giga": Renaming("sigma-64", "2026-11-28", "it never had so many")}
    monkeypatch.setattr(former_names, "FORMER_NAMES", renamed)
    monkeypatch.setattr("hwsim.arch.loading.FORMER_NAMES", renamed)


def test_a_former_name_is_noted_once(cli):
    today = cli("arch", "show", "sigma-64")
    assert (today.code, today.err) == (0, "")
    for _ in range(2):  # in each command anew
        former = cli("arch", "show", "giga")
        assert (former.code, former.out, former.err) == (0, today.out, NOTE)
    assert "giga" not in cli("arch", "list").out


def test_a_run_says_so_in_its_report(cli, model):
    result = cli("run", "--arch", "giga", "--model", model, "--scheme", "dense")
    assert (result.code, result.err) == (0, NOTE)
    assert "it never had so many" in result.out


@noted_warnings()
def warn_of(*messages):
    for message in messages:
        warnings.warn(message, FormerNameWarning, stacklevel=1)
    warnings.warn("other", UserWarning, stacklevel=1)


def test_one_line_for_one_note_and_other_warnings_for_programmers(capsys, monkeypatch):
    monkeypatch.delenv("HWSIM_DEBUG", raising=False)
    with warnings.catch_warnings(record=True) as others:
        warn_of("a", "b", "a")
    assert capsys.readouterr().err == "note: a\nnote: b\n"
    assert others == []
    monkeypatch.setenv("HWSIM_DEBUG", "1")
    with pytest.warns(UserWarning, match="other") as others:
        warn_of("a")
    assert len(others) == 1
