"""Figures for papers: what is drawn is what the tables hold, in one style."""

import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib import rcParams

import hwsim
from hwsim.errors import InputError
from hwsim.reports.figures.catalogue import FIGURES, draw, write_drawn
from hwsim.reports.figures.palette import KIND_COLOURS, OTHER, scheme_looks, shade
from hwsim.reports.figures.parts import MOST, part_name, parts_of
from hwsim.reports.figures.rows import layer_rows
from hwsim.reports.figures.sheet import COLUMN_INCHES
from hwsim.reports.figures.study_by_layer import _in_lines
from hwsim.reports.roofline import roofline
from hwsim.studies.opened import open_result
from tests.reports.test_plots import NAME, assert_nothing_overlaps, drawn
from tests.studies.networks import tiny_network

OF_RUN = ("energy", "cycles", "density", "roofline", "tables")


@pytest.fixture(scope="session")
def tiny_study(tmp_path_factory):
    store = tmp_path_factory.mktemp("study") / "study.db"
    from hwsim.networks import save_network
    from hwsim.studies.study_file import study_of_flags

    save_network(tiny_network(), store.with_suffix(".npz"))
    study = study_of_flags(
        "sizes",
        model=str(store.with_suffix(".npz")),
        scheme="dense,pruned",
        sparsity="0.3:0.9:0.3",
        set=["num_ms=32,64"],
        energy="physical,stonne",
    )
    hwsim.run_study(study, store)
    return store


@pytest.mark.parametrize("figure", OF_RUN)
@pytest.mark.parametrize("width", [1, 2])
def test_a_figure_of_a_run_is_as_wide_as_columns_and_readable(tiny_run, figure, width):
    before = dict(rcParams)
    made = draw(figure, tiny_run, width=width).figure
    assert made.get_figwidth() == COLUMN_INCHES[width]
    if figure != "roofline":  # whose slopes are named along them
        assert_nothing_overlaps(drawn(made))
    assert dict(rcParams) == before


@pytest.mark.parametrize("figure", ["pareto", "sweep", "by-layer", "break-even"])
@pytest.mark.parametrize("width", [1, 2])
def test_a_figure_of_a_study(tiny_study, figure, width):
    made = draw(figure, open_result(tiny_study), width=width)
    assert made.figure.get_figwidth() == COLUMN_INCHES[width]
    assert len(made.table)
    drawn(made.figure)


def test_every_axis_of_figures_has_its_unit(tiny_run, tiny_study):
    for figure in OF_RUN:
        for panel in draw(figure, tiny_run, width=2).figure.axes:
            assert re.search(r"\[.+\]|cycles|dense / scheme", panel.get_xlabel()), figure
    for figure in ("pareto", "sweep"):
        for panel in draw(figure, open_result(tiny_study)).figure.axes:
            for text in (panel.get_xlabel(), panel.get_ylabel()):
                assert re.search(r"\[.+\]|cycles", text), figure


def test_a_part_has_one_look_and_the_small_ones_stand_together(resnet18_run):
    physical = resnet18_run.by_energy_table("physical")
    parts = parts_of(physical)
    assert len(parts.looks) <= MOST + 1
    assert list(parts.looks)[-1] == OTHER
    assert len(set(parts.looks.values())) == len(parts.looks)
    of_kind = {shade(colour, by) for colour in KIND_COLOURS.values() for by in (0, 0.5, -0.35)}
    assert {look.colour for name, look in parts.looks.items() if name != OTHER} <= of_kind
    assert parts.looks["DRAM LPDDR4"].colour == KIND_COLOURS["DRAM"]
    assert parts.looks["GlobalBuffer"].colour == KIND_COLOURS["SRAM"]
    # By another table, without entries, the kinds are the same.
    by_words = parts_of(resnet18_run.by_energy_table("stonne")).looks
    assert by_words["GlobalBuffer"] == parts.looks["GlobalBuffer"]
    layers = list(physical.layers["layer"].unique())
    for scheme in physical.schemes:
        row = physical.totals.query("scheme == @scheme and scope == 'network'").iloc[0]
        assert sum(parts.total(scheme, layers).values()) == pytest.approx(row["energy"])


def test_names_of_components():
    assert part_name("GlobalBuffer", "GLOBALBUFFER") == "GlobalBuffer"
    assert part_name("MSNetwork", "FIFO") == "MSNetwork FIFO"


def test_schemes_of_one_family_share_their_hue():
    looks = scheme_looks(["dense", "pruned:sparsity=0.5", "pruned:sparsity=0.7", "mine", "yours"])
    assert looks["pruned:sparsity=0.7"].colour == shade(looks["pruned:sparsity=0.5"].colour, 0.5)
    assert len({look.colour for look in looks.values()}) == 5
    assert scheme_looks(["dense"])["dense"] == looks["dense"]


def test_cycles_are_those_of_the_table_and_their_dark_part_is_use(tiny_run):
    made = draw("cycles", tiny_run)
    physical = tiny_run.layers.query("energy_table == 'physical'")
    for panel, scheme in zip(made.figure.axes, tiny_run.schemes, strict=True):
        rows = physical[physical["scheme"] == scheme]
        parts = np.array([bar.get_width() for bar in panel.patches]).reshape(3, len(rows))
        parts *= rows["cycles"].iloc[0] / parts[:, 0].sum()
        assert parts.sum(axis=0) == pytest.approx(rows["cycles"].to_numpy())
        used, waited = (rows["cycles"] * rows[name] for name in ("utilization", "waits"))
        assert parts[0] == pytest.approx(used.to_numpy())
        assert parts[2] == pytest.approx(np.minimum(waited, rows["cycles"] - used).to_numpy())


def test_cycles_of_an_engine_that_does_not_tell_waiting_from_idling(tiny_run):
    layers = tiny_run.layers.drop(columns=["waits", "waits_for"])
    made = draw("cycles", replace(tiny_run, layers=layers))
    assert len(made.figure.axes[0].patches) == 2 * layers["layer"].nunique()
    assert list(made.table) == ["scheme", "layer", "cycles", "utilization", "cycles_ratio"]


def test_the_roofline_of_sigma(tiny_run):
    found = roofline(tiny_run.by_energy_table("physical"))
    assert found.peak == pytest.approx(32)
    assert found.bandwidth is None  # SIGMA's cycles know no DRAM
    assert found.clock_hz == 500e6
    key = ["scheme", "layer"]
    layers = tiny_run.layers.query("energy_table == 'physical'").set_index(key)
    reads = tiny_run.table.query("unit == 'DRAM' and action == 'READ'")
    bits = reads.groupby(key)["count"].sum()
    for row in found.points.records():
        at = row["scheme"], row["layer"]
        layer = layers.loc[at]
        assert row["dram_read_bytes"] == pytest.approx(bits[at] / 8)
        assert row["macs_per_cycle"] == layer["effectual_macs"] / layer["cycles"]
        assert row["macs_per_cycle"] <= found.peak


@pytest.mark.parametrize(
    ("words", "unit", "activations", "bandwidth"),
    [
        (16, "words of 16 bits/cycle", "int8", 32.0),
        (16, "words/cycle", "int8", 16.0),
        (16, "words/cycle", "", None),
        (None, "", "int8", None),
    ],
)
def test_the_bandwidth_of_dram(tiny_run, words, unit, activations, bandwidth):
    manifest = tiny_run.manifest
    stated = {} if words is None else {"dram_words": {"value": words, "unit": unit}}
    technology = {**manifest["arch"]["technology"], "activations": activations}
    arch = {**manifest["arch"], "parameters": stated, "technology": technology}
    run = replace(tiny_run, manifest={**manifest, "arch": arch}).by_energy_table("physical")
    assert roofline(run).bandwidth == bandwidth


def test_a_table_without_dram_has_no_roofline(tiny_run):
    with pytest.raises(InputError, match=r"'stonne' counts no DRAM here, so there is no roofline"):
        draw("roofline", tiny_run, energy="stonne")


def test_many_layers_stand_in_sixty_rows(tiny_run):
    run = tiny_run.by_energy_table("physical")
    one = run.layers[run.layers["layer"] == "stem"]
    layers = pd.concat(
        [one.assign(layer=f"layer {n}", energy=one["energy"] * (1 + n)) for n in range(100)]
    )
    rows = layer_rows(replace(run, layers=layers))
    assert len(rows) == 60
    assert rows.labels[:2] == ["layer 41", "layer 42"]
    assert rows.labels[-1] == "41 other layers"
    sums = rows.sums(replace(run, layers=layers), "energy")
    assert sum(sums["dense"]) == pytest.approx(layers.query("scheme == 'dense'")["energy"].sum())


def test_what_the_tables_say_side_by_side(tiny_run):
    table = draw("tables", tiny_run).table.set_index(["energy_table", "scheme"])
    assert table.loc[("stonne", "binary"), "cannot_tell"]
    assert math.isnan(table.loc[("stonne", "binary"), "energy_ratio"])
    headline = tiny_run.headline.query("scope == 'network'").set_index(["energy_table", "scheme"])
    row = ("physical", "signed-binary")
    assert table.loc[row, "energy_ratio"] == headline.loc[row, "energy_ratio"]
    assert table[list(KIND_COLOURS)].sum(axis=1).tolist() == pytest.approx([1.0] * 6)


@pytest.mark.parametrize("suffix", ["pdf", "svg", "png"])
def test_the_same_bytes_each_time_and_the_data_beside(tiny_run, tmp_path, suffix):
    files = []
    for name in ("one", "two"):
        file = tmp_path / f"{name}.{suffix}"
        assert write_drawn(draw("energy", tiny_run), file) == file.with_suffix(".csv")
        files.append(file.read_bytes())
    assert files[0] == files[1]
    data = pd.read_csv(tmp_path / "one.csv")
    physical = tiny_run.layers.query("energy_table == 'physical'")
    summed = data.groupby(["scheme", "layer"])["energy"].sum()
    for row in physical.itertuples():
        assert summed[row.scheme, row.layer] == pytest.approx(row.energy)


def test_dollar_signs_in_every_figure(tiny_run):
    manifest = {**tiny_run.manifest, "network": {"name": NAME}}
    run = replace(tiny_run, manifest=manifest)
    for figure in OF_RUN:
        drawn(draw(figure, run).figure)


@pytest.mark.parametrize(
    ("figure", "options", "message"),
    [
        ("enrgy", {}, "unknown figure 'enrgy'; did you mean 'energy'?"),
        ("pareto", {}, "pareto is no figure of a run; one has energy, cycles, density, "),
        ("energy", {"width": 3}, "width 3: expected 1 or 2, columns of a paper"),
        ("energy", {"energy": "phys"}, "the run has no energy table 'phys'"),
        ("energy", {"reference": "sigma"}, "the figure energy has no reference; break-even has"),
    ],
)
def test_what_cannot_be_drawn(tiny_run, figure, options, message):
    with pytest.raises(InputError, match=f"^{re.escape(message)}"):
        draw(figure, tiny_run, **options)


def test_what_cannot_be_drawn_of_a_study(tiny_study):
    result = open_result(tiny_study)
    with pytest.raises(InputError, match="energy is no figure of a study; one has pareto, sweep"):
        draw("energy", result)
    with pytest.raises(InputError, match="no energy table 'stone'; did you mean 'stonne'"):
        draw("pareto", result, energy="stone")
    assert set(FIGURES) >= {"energy", "pareto"}


def test_titles_of_panels_break_between_their_parts():
    label = "sigma, num_ms=256, signed-binary"
    assert _in_lines(label, 20) == ["sigma, num_ms=256", "signed-binary"]
    assert _in_lines(label, 40) == [label]
    assert _in_lines("a scheme of another package", 10) == ["…r package"]


def test_axes_that_tell_points_apart(tiny_study):
    """An engine that each machine has, and the only seed, tell nothing."""
    result = open_result(tiny_study)
    assert result.varied == ["num_ms", "scheme", "sparsity"]
    points = result.points.assign(arch=["sigma", "eie"] * 8, engine=["sigma", "eie"] * 8, seed=0)
    axes = ("arch", "engine", "scheme", "seed")
    assert replace(result, points=points, axes=axes).varied == ["arch", "scheme"]
    two = points.assign(engine=["sigma", "eie", "stonne", "eie"] * 4)
    assert replace(result, points=two, axes=axes).varied == ["arch", "engine", "scheme"]
