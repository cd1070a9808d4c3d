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


def test_a_run_in_a_store_has_no_energies(cli, model, tmp_path):
    hwsim.run(model, store=tmp_path / "s.db")
    result = cli("report", tmp_path / "s.db", "-o", tmp_path / "r.html")
    assert result.code == 2
    assert "no point is done and priced yet; run it first, or give the folder" in result.err


def test_a_sweep_has_a_plot(cli, model, tmp_path):
    hwsim.sweep(model, sparsity="0.5").save(tmp_path / "sweep")
    result = cli("report", tmp_path / "sweep", "-o", tmp_path / "r.html")
    assert result.code == 2
    assert "a sweep of one scheme; plot it, or keep it with --store for a report" in result.err
