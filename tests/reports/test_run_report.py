import dataclasses
import io

import pytest
from rich.console import Console

import hwsim
from hwsim.reports.run_report import run_report
from tests.studies.networks import tiny_network


def printed(result, width=80):
    text = io.StringIO()
    Console(file=text, width=width, highlight=False).print(run_report(result))
    return [line.rstrip() for line in text.getvalue().splitlines()]


def line_of(lines, start):
    return next(line for line in lines if line.startswith(start))


def test_resnet18_fits_80_columns_with_no_layer_folded(resnet18_run):
    lines = printed(resnet18_run)
    for name in resnet18_run.layers["layer"].unique():
        assert line_of(lines, f"{name} ")
    assert max(map(len, lines)) <= 80


def test_schemes_that_run_a_layer_alike_share_a_row(resnet18_run):
    lines = printed(resnet18_run)
    dense, signed = (lines[lines.index(line_of(lines, "layer1.0.conv1")) + i] for i in (0, 1))
    assert dense.split()[1:3] == ["dense,", "binary"]
    assert signed.split()[:2] == ["64x576x256", "signed-binary"]
    assert dense.split()[-2:] == ["1.00", "1.00"]
    assert line_of(lines, "fc ").split()[1] == "all"


def test_the_numbers_are_those_of_the_table(resnet18_run):
    rows = resnet18_run.layers.set_index(["layer", "scheme"])
    row = rows.loc[("layer4.1.conv2", "signed-binary")]
    lines = printed(resnet18_run)
    line = lines[lines.index(line_of(lines, "layer4.1.conv2")) + 1]
    assert line.split()[2:] == [
        f"{100 * row['density']:.1f}%",
        f"{row['cycles']:,}",
        f"{100 * row['utilization']:.1f}%",
        f"{row['energy'] / 1e3:,.1f}" if row["energy"] < 1e6 else f"{row['energy'] / 1e3:,.0f}",
        f"{row['cycles_ratio']:.2f}",
        f"{row['energy_ratio']:.2f}",
    ]


def test_the_header_says_where_the_weights_come_from(resnet18_run):
    lines = printed(resnet18_run, width=200)
    assert lines[0].startswith("network  resnet18, 21 layers (in memory")
    assert "weights drawn at random, not trained" in "\n".join(lines[:4])
    assert "binary: 16 layers quantised after training" in "\n".join(lines[:8])
    assert line_of(lines, "arch") == (
        "arch     sigma: num_ms 256 multipliers, dn_bw 256 elements/cycle, rn_bw 256 "
        "elements/cycle, distribution ports"
    )


def test_the_headline(tiny_run):
    totals = tiny_run.totals.query("scheme == 'signed-binary'").set_index("scope")
    network, quantized = totals.loc["network"], totals.loc["quantized layers"]
    lines = printed(tiny_run, width=300)
    assert line_of(lines, "binary against dense") == (
        "binary against dense: the same energy and cycles"
    )
    assert line_of(lines, "signed-binary against dense") == (
        f"signed-binary against dense: {network['energy_ratio']:.2f}x less energy and "
        f"{network['cycles_ratio']:.2f}x fewer cycles over the network; "
        f"{quantized['energy_ratio']:.2f}x less energy and "
        f"{quantized['cycles_ratio']:.2f}x fewer cycles over the quantized layers"
    )


def test_a_scheme_that_costs_more_says_so():
    trained = tiny_network()
    trained.layers[1].weight[::2] = 0  # the file itself is sparse; binary fills the zeros
    lines = printed(hwsim.run(trained, layers="block.conv1"), width=300)
    headline = line_of(lines, "binary against dense")
    assert "x more energy and" in headline
    assert headline.endswith("x more cycles over the network")


def test_the_prices_have_a_provenance(tiny_run):
    text = "\n".join(printed(tiny_run, width=300))
    assert "STONNE table, unit not stated by its authors" in text
    assert "DRAM is not included" in text
    assert "22634b8b" in text


def test_without_dense_there_are_no_ratios_and_it_says_why():
    lines = printed(hwsim.run(tiny_network(), schemes=["binary"]))
    assert "No ratios: they need the dense scheme, add --scheme dense." in lines
    assert line_of(lines, "stem").split()[-2:] == ["-", "-"]


def test_names_with_brackets_are_no_markup():
    network = tiny_network()
    object.__setattr__(network.layers[0], "name", "stem[red]")
    assert line_of(printed(hwsim.run(network)), "stem[red]")


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_numbers_are_never_cut(resnet18_run, width):
    assert "…" not in "\n".join(printed(resnet18_run, width))


def test_layers_that_leave_the_machine_idle_are_warned_of(resnet18_run):
    idle = {"schemes": ["dense"], "utilization": 0.125, "reason": "rows are short"}
    layers = ["a", "b", "c", "d", "e"]
    warnings = [{**idle, "layers": layers[:3]}, {**idle, "layers": layers, "reason": "why not"}]
    manifest = {**resnet18_run.manifest, "warnings": warnings}
    result = dataclasses.replace(resnet18_run, manifest=manifest)
    lines = printed(result)
    start = lines.index("warning  a, b, c: 12.5% of the machine is used or less")
    assert lines[start + 1 : start + 4] == [
        "         rows are short",
        "warning  a, b, c and 2 more: 12.5% of the machine is used or less",
        "         why not",
    ]
    none = dataclasses.replace(resnet18_run, manifest={**manifest, "warnings": []})
    assert not [line for line in printed(none) if line.startswith("warning")]
