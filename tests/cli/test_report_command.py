import sqlite3

import pytest

import hwsim

pytest.importorskip("jinja2")


def test_a_report_of_a_folder(cli, model, tmp_path):
    hwsim.run(model).save(tmp_path / "run")
    result = cli("report", tmp_path / "run", "-o", tmp_path / "r.html", "--title", "Mine & yours")
    assert (result.code, result.err) == (0, "")
    assert result.out == f"saved     {tmp_path / 'r.html'}\n"
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "<title>Mine &amp; yours</title>" in page


def test_bad_input(cli, tmp_path):
    result = cli("report", tmp_path / "none.db", "-o", tmp_path / "r.html")
    assert (result.code, result.err) == (2, f"error: {tmp_path / 'none.db'}: no such store\n")
    result = cli("report", tmp_path, "-o", tmp_path / "r.pdf")
    assert result.err == f"error: {tmp_path / 'r.pdf'}: a report ends in .html\n"
    assert not list(tmp_path.iterdir())


def test_a_store_of_a_run_and_a_folder_of_a_sweep(cli, model, tmp_path):
    cli("run", "--model", model, "--store", tmp_path / "s.db", "-o", tmp_path / "run")
    cli("sweep", "--model", model, "--sparsity", "0.5", "-o", tmp_path / "sweep")
    for where in ("s.db", "run", "sweep"):
        result = cli("report", tmp_path / where, "-o", tmp_path / f"{where}.html")
        assert (result.code, result.err) == (0, "")
    store, run, sweep = (
        (tmp_path / f"{where}.html").read_text(encoding="utf-8")
        for where in ("s.db", "run", "sweep")
    )
    assert store == run
    assert "Break-even sparsity" in sweep


def test_a_run_in_a_store_is_shown_as_it_was_printed(cli, model, tmp_path):
    printed = cli("run", "--model", model, "--store", tmp_path / "s.db")
    assert printed.out.endswith(f"\nkept      {tmp_path / 's.db'}\n")
    found = cli("study", "show", tmp_path / "s.db")
    assert found.out == printed.out.removesuffix(f"kept      {tmp_path / 's.db'}\n")
    with sqlite3.connect(tmp_path / "s.db") as base:  # as if it had not ended
        base.execute("DELETE FROM runs")
    base.close()
    found = cli("study", "show", tmp_path / "s.db")
    assert "not priced; it has not ended, or an older hwsim kept it" in " ".join(found.out.split())
