"""What notebooks show of networks, machines, runs and studies."""

import re
from dataclasses import replace

import hwsim
from hwsim.html_table import energy_words, html_table
from hwsim.networks import save_network
from hwsim.studies.study_file import study_of_flags
from tests.studies.networks import tiny_network


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_texts_are_escaped_and_numbers_set_apart():
    html = html_table("<b>", ["a&b"], [(12345, "<i>", True)], "it's <u>")
    assert "<td style='text-align:right'>12,345</td>" in html
    for text in ("&lt;b&gt;", "a&amp;b", "&lt;i&gt;", "it&#x27;s &lt;u&gt;", "<td>True</td>"):
        assert text in html


def test_energies_have_units():
    assert energy_words(4.081e9, "pJ") == "4.081 mJ"
    assert energy_words(999.0, "pJ") == "999 pJ"
    assert energy_words(5e20, "pJ") == "5e+08 J"
    assert energy_words(1234.5, None) == "1234 (no unit stated)"


def test_a_network():
    network = replace(tiny_network(), name="<tiny>")
    shown = text_of(network._repr_html_())
    assert "&lt;tiny&gt;" in shown
    macs = sum(layer.macs for layer in network.layers)
    assert f"5 layers, {macs:,} multiply-accumulates a sample" in shown
    many = replace(network, layers=network.layers[:1] * 70)
    assert "; 10 more layers" in text_of(many._repr_html_())


def test_a_machine():
    shown = text_of(hwsim.load_arch("sigma", {"num_ms": 64})._repr_html_())
    assert "SIGMA as STONNE simulates it" in shown
    assert " num_ms 64 multipliers " in shown
    assert " clock 500 MHz " in shown


def test_a_run():
    run = hwsim.run(tiny_network(), overrides={"num_ms": 32})
    shown = text_of(run._repr_html_())
    row = run.headline.query("scheme == 'binary' and scope == 'network'").iloc[0]
    words = energy_words(row["energy"], "pJ")
    interval = f"{row['ratio_low']:.2f} to {row['ratio_high']:.2f}"
    assert f"physical binary network (5 layers) {words} {row['energy_ratio']:.2f} {interval}" in (
        re.sub(r" +", " ", shown)
    )
    assert "ratio: dense / scheme; physical model, pJ; STONNE&#x27;s table" in shown


def test_a_study(tmp_path):
    save_network(tiny_network(), tmp_path / "n.npz")
    study = study_of_flags("mine", model=str(tmp_path / "n.npz"), scheme="dense,binary")
    result = hwsim.run_study(study, tmp_path / "s.db")
    shown = text_of(result._repr_html_())
    point = result.points.query("scheme == 'binary'").iloc[0]
    assert f" {int(point['cycles']):,} " in shown
    assert f"{energy_words(point['energy'], 'pJ')} {point['cycles_ratio']:.2f}" in shown
    assert "2 points, " in shown
