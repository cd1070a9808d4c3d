import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

import hwsim
from hwsim.reports._numbers import against, interval, significant
from hwsim.reports._run_headline import gains
from hwsim.reports.run_report import run_report
from hwsim.studies.columns import Columns
from tests.studies.networks import tiny_network


def printed(result, width=100):
    text = io.StringIO()
    Console(file=text, width=width, highlight=False).print(run_report(result, per_layer=True))
    return [line.rstrip() for line in text.getvalue().splitlines()]


def line_of(lines, start):
    return next(line for line in lines if line.startswith(start))


def block_of(lines, start, size):
    place = lines.index(line_of(lines, start))
    return lines[place : place + size]


def test_resnet18_fits_100_columns_with_no_layer_folded(resnet18_run):
    lines = printed(resnet18_run)
    for name in resnet18_run.layers["layer"].unique():
        assert line_of(lines, f"{name} ")
    assert max(map(len, lines)) <= 100


def test_one_table_fits_80_columns(resnet18_run):
    lines = printed(resnet18_run.by_energy_table("stonne"), width=80)
    for name in resnet18_run.layers["layer"].unique():
        assert line_of(lines, f"{name} ")
    assert max(map(len, lines)) <= 80


def test_schemes_that_run_a_layer_alike_share_a_row(resnet18_run):
    lines = printed(resnet18_run)
    dense, binary, signed = block_of(lines, "layer1.0.conv1", 3)
    assert dense.split()[1] == "dense"
    assert binary.split()[:2] == ["64x576x256", "binary"]
    assert signed.split()[0] == "signed-binary"
    assert dense.split()[-2:] == ["1.00", "1.00"]
    assert line_of(lines, "fc ").split()[1] == "all"


def test_where_the_table_cannot_tell_a_layer_has_no_ratio(resnet18_run):
    lines = printed(resnet18_run)
    _, binary, signed = (line.split() for line in block_of(lines, "layer1.0.conv1", 3))
    assert binary[-1] == "?"
    assert float(binary[-2]) > 1
    assert float(signed[-1]) > 1
    # Of layers that the scheme leaves alone the table knows that they are the same.
    assert line_of(lines, "conv1 ").split()[-1] == "1.00"
    captions = [line for line in lines if "this table cannot tell, it has no bit widths" in line]
    assert captions[0].startswith("?: ")


def test_the_numbers_are_those_of_the_table(resnet18_run):
    rows = resnet18_run.layers.set_index(["energy_table", "layer", "scheme"])
    physical, stonne = (
        rows.loc[(name, "layer4.1.conv2", "signed-binary")] for name in ("physical", "stonne")
    )
    line = block_of(printed(resnet18_run), "layer4.1.conv2", 3)[2]
    assert line.split()[1:] == [
        f"{100 * physical['density']:.1f}%",
        f"{physical['cycles']:,}",
        f"{100 * physical['utilization']:.1f}%",
        significant(physical["energy"] / 1e6),
        significant(stonne["energy"] / 1e3),
        f"{physical['cycles_ratio']:.2f}",
        f"{physical['energy_ratio']:.2f}",
        f"{stonne['energy_ratio']:.2f}",
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


def test_the_headline_is_on_the_first_screen(resnet18_run):
    lines = printed(resnet18_run, width=80)
    place = lines.index("network (21)") + 1
    rows = resnet18_run.headline.set_index(["energy_table", "scheme", "scope"])
    schemes = ("dense", "binary", "signed-binary")
    for line, scheme in zip(lines[place : place + 3], schemes, strict=True):
        row = rows.loc[("physical", scheme, "network")]
        stonne = rows.loc[("stonne", scheme, "network"), "energy_ratio"]
        assert line.split() == [
            scheme,
            significant(row["energy"] / 1e9),
            interval(row["energy_low"] / 1e9, row["energy_high"] / 1e9),
            f"{100 * row['dram_share']:.1f}%",
            f"{100 * row['weights_share']:.1f}%",
            f"{100 * row['unused_share']:.1f}%",
            f"{row['energy_ratio']:.2f}",
            "-" if scheme == "dense" else interval(row["ratio_low"], row["ratio_high"]),
            "?" if scheme == "binary" else f"{stonne:.2f}",
        ]
    assert lines[place + 3] == "quantized (16)"
    ratios = ["ratio", "interval", "stonne"]
    headings = [line.split() for line in lines[place - 4 : place - 2]]
    assert headings == [
        ["energy", "of", "it", "of", "it", "unused", "energy", "ratio"],
        [*("one", "image", "mJ", "interval", "DRAM", "weights", "reads"), *ratios],
    ]
    assert lines[place + 7 : place + 12] == [
        "energy by physical; interval: all prices in the literature and 8 structures of",
        "the machine, worst together",
        "unused reads: of activations that no multiplier waits for",
        "stonne: STONNE's table (the paper's), unit not stated by its authors",
        "?: this table cannot tell, it has no bit widths",
    ]


def test_the_headline_of_one_structure_is_of_prices_alone(tiny_run):
    lines = printed(replace(tiny_run, structures=None))
    assert line_of(lines, "energy by") == (
        "energy by physical; interval: all prices in the literature, worst together"
    )


def test_the_gains(tiny_run):
    totals = tiny_run.headline.join(tiny_run.totals["cycles_ratio"])
    rows = totals.set_index(["energy_table", "scheme", "scope"])
    lines = printed(tiny_run, width=300)

    def gain(table, scope, interval=True):
        row = rows.loc[(table, "signed-binary", scope)]
        between = f" ({row['ratio_low']:.2f}x to {row['ratio_high']:.2f}x)" if interval else ""
        return (
            f"{row['energy_ratio']:.2f}x less energy{between} and "
            f"{row['cycles_ratio']:.2f}x fewer cycles over the {scope}"
        )

    physical, stonne = (line for line in lines if line.startswith("signed-binary against dense"))
    assert physical == (
        f"signed-binary against dense: {gain('physical', 'network')}; "
        f"{gain('physical', 'quantized layers')} (physical model, pJ)"
    )
    assert stonne == (
        f"signed-binary against dense: {gain('stonne', 'network', False)}; "
        f"{gain('stonne', 'quantized layers', False)} (STONNE's table (the paper's), unit not "
        "stated by its authors)"
    )


def test_with_stonnes_table_alone_binary_cannot_be_told_from_dense(tiny_run):
    lines = printed(tiny_run.by_energy_table("stonne"), width=300)
    assert line_of(lines, "binary against dense").startswith(
        "binary against dense: this table cannot tell, it has no bit widths; the same cycles"
    )
    assert "the same energy" not in "\n".join(lines)


def test_a_table_that_knows_bits_may_find_the_same_energy():
    lines = printed(hwsim.run(tiny_network(), layers="fc", energy="physical"), width=300)
    assert line_of(lines, "binary against dense") == (
        "binary against dense: the same energy and cycles"
    )


@pytest.mark.parametrize(
    ("ratios", "text"),
    [
        ((2.0, 1.5, 3.0), "2.00x less energy (1.50x to 3.00x)"),
        ((2.0, 0.5, 3.0), "2.00x less energy (0.50x to 3.00x, either way)"),
        ((0.5, 0.25, 0.8), "2.00x more energy (1.25x to 4.00x)"),
        ((0.5, 0.25, 2.0), "2.00x more energy (0.50x to 4.00x, either way)"),
        ((2.0, float("nan"), float("nan")), "2.00x less energy"),
        ((2.0, 2.0, 2.0), "2.00x less energy"),
    ],
)
def test_an_interval_in_words(tiny_run, ratios, text):
    run = tiny_run.by_energy_table("physical")
    names = ("energy_ratio", "ratio_low", "ratio_high")
    headline = Columns.of(run.headline.assign(**dict(zip(names, ratios, strict=True))))
    run = replace(run)  # the fixture's stays as it is
    vars(run.sums)["headline"] = headline
    line = str(gains(run)).splitlines()[0]
    assert line.startswith(f"binary against dense: {text} and the same cycles over the network; ")


def test_tops_per_watt_says_whether_dram_is_in(tiny_run):
    lines = printed(tiny_run)
    heading = next(n for n, line in enumerate(lines) if line.startswith("one image at 500 MHz"))
    assert lines[heading].split()[-6:] == ["with", "DRAM", "with", "DRAM", "on", "chip"]
    assert "power and EDP with DRAM" in " ".join(lines)
    no_dram = tiny_run.table.assign(
        unit=tiny_run.table["unit"].where(tiny_run.table["unit"] != "DRAM", "X")
    )
    lines = printed(replace(tiny_run, table=no_dram))
    heading = next(n for n, line in enumerate(lines) if line.startswith("one image at 500 MHz"))
    assert lines[heading].split()[-4:] == ["no", "DRAM", "no", "DRAM"]
    assert "power and EDP without DRAM" in " ".join(lines)


def test_a_scheme_that_costs_more_says_so():
    trained = tiny_network()
    trained.layers[1].weight[::2] = 0  # the file itself is sparse; binary fills the zeros
    lines = printed(hwsim.run(trained, layers="block.conv1"), width=300)
    physical, stonne = (line for line in lines if line.startswith("binary against dense"))
    for line in (physical, stonne):
        assert "x more cycles over the network (" in line
    assert "x more energy and" in stonne
    assert "this table cannot tell" not in stonne


def test_the_prices_have_a_provenance(tiny_run):
    text = "\n".join(printed(tiny_run, width=300))
    assert "STONNE's table (the paper's), unit not stated by its authors" in text
    assert "DRAM is included" in text
    assert "DRAM is not included" in text
    assert "22634b8b" in text


def test_without_dense_there_are_no_ratios_and_it_says_why():
    lines = printed(hwsim.run(tiny_network(), schemes=["binary"]))
    assert "No ratios: they need the dense scheme, add --scheme dense." in lines
    assert line_of(lines, "stem").split()[-3:] == ["-", "-", "-"]


def test_names_with_brackets_are_no_markup():
    network = tiny_network()
    object.__setattr__(network.layers[0], "name", "stem[red]")
    assert line_of(printed(hwsim.run(network)), "stem[red]")


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_numbers_are_never_cut(resnet18_run, width):
    assert "…" not in "\n".join(printed(resnet18_run, width))


def test_layers_that_leave_the_machine_idle_are_warned_of(resnet18_run):
    idle = {"schemes": ["dense"], "utilization": 0.125, "reason": "rows are short"}
    layers = ["a", "b", "c", "d", "e"]
    warnings = [{**idle, "layers": layers[:3]}, {**idle, "layers": layers, "reason": "why not"}]
    manifest = {**resnet18_run.manifest, "warnings": warnings}
    result = replace(resnet18_run, manifest=manifest)
    lines = printed(result)
    start = lines.index("warning  a, b, c: 12.5% of the machine is used or less")
    assert lines[start + 1 : start + 4] == [
        "         rows are short",
        "warning  a, b, c and 2 more: 12.5% of the machine is used or less",
        "         why not",
    ]
    none = replace(resnet18_run, manifest={**manifest, "warnings": []})
    assert not [line for line in printed(none) if line.startswith("warning")]


def test_numbers_of_one_table_are_not_cut_in_a_narrow_terminal(resnet18_run):
    assert "…" not in "\n".join(printed(resnet18_run.by_energy_table("stonne"), 60))


def test_a_ratio_that_cannot_be_is_marked_and_explained(tiny_run):
    """The limits are put down by hand: no run of ours has such a ratio."""
    low = tiny_run.layers.assign(cycles_limit=1.0, limit_from="half of it is left")
    signed = (low["scheme"] == "signed-binary") & (low["layer"] == "block.conv1")
    low.loc[~signed, "cycles_limit"] = float("nan")
    result = replace(tiny_run, layers=low)
    ratio = low.loc[signed, "cycles_ratio"].iloc[0]
    lines = printed(result)
    marked = [line for line in lines if f"{ratio:.2f} !" in line]
    assert len(marked) == 1
    assert " signed-binary " in marked[0]
    start = lines.index("! beyond the limit:")
    text = " ".join(lines[start + 1 : lines.index("", start)])
    assert text == (
        f"signed-binary, block.conv1: dense takes {ratio:.4g} times the cycles; at most 1 can be "
        "(half of it is left)"
    )


def test_without_such_a_ratio_nothing_is_said(tiny_run):
    assert not any("!" in line for line in printed(tiny_run))


def shown(result, width=100, **settings):
    text = io.StringIO()
    Console(file=text, width=width, highlight=False, **settings).print(run_report(result))
    return text.getvalue()


def test_many_layers_are_not_listed_unless_asked_for(resnet18_run, tiny_run):
    lines = shown(resnet18_run).splitlines()
    assert "21 layers: --per-layer lists them, -o DIR writes them down" in lines
    assert not any(line.startswith("layer1.0.conv1") for line in lines)
    assert any(line.startswith("block.conv1") for line in shown(tiny_run).splitlines())


def test_totals_and_gains_are_the_last_on_the_screen(resnet18_run):
    screen = "\n".join(shown(resnet18_run).splitlines()[-30:])
    for words in ("total of", "network (21)", "ratio: dense / scheme", "against dense:"):
        assert words in screen


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut(resnet18_run, width):
    text = shown(resnet18_run, width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    row = resnet18_run.headline.query(
        "scheme == 'signed-binary' and scope == 'network' and energy_table == 'physical'"
    ).iloc[0]
    assert significant(row["energy"] / 1e9) in text


def test_totals_of_two_tables_fit_80_columns_with_no_scheme_folded(resnet18_run):
    lines = shown(resnet18_run, 80).splitlines()
    totals = lines[next(n for n, line in enumerate(lines) if line.startswith("total of")) + 2 :]
    names = [line[:15].strip() for line in totals[:8]]
    schemes = ["dense", "binary", "signed-binary"]
    assert names == ["network (21)", *schemes, "quantized (16)", *schemes]


def test_no_colour_when_asked(tiny_run, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    codes = re.findall(r"\x1b\[([0-9;]+)m", shown(tiny_run, force_terminal=True))
    assert set(";".join(codes).split(";")) <= {"0", "1", "3"}  # bold and italics are no colours


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1.0, "the same energy"),
        (2.0, "2.00x less energy"),
        (0.5, "2.00x more energy"),
        (0.999, "0.10% more energy"),
        (1.001, "0.10% less energy"),
        (1 + 1e-9, "under 0.01% less energy"),
    ],
)
def test_no_gain_is_of_1_00_times(value, words):
    assert against(value, "less", "more", "energy") == words
