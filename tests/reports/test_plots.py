import itertools
from dataclasses import replace

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

import hwsim
from hwsim.reports.figures.energy_bars import energy_figure
from hwsim.reports.figures.sweep_curves import sweep_figure
from tests.studies.networks import tiny_network


def drawn(figure):
    """Draw a figure, so that its texts have places."""
    FigureCanvasAgg(figure).draw()
    return figure


def visible_texts(axes):
    texts = [*axes.get_xticklabels(), *axes.get_yticklabels(), *axes.texts, axes.title]
    return [text for text in texts if text.get_text() and text.get_visible()]


def assert_nothing_overlaps(figure):
    for axes in figure.axes:
        boxes = [(text.get_text(), text.get_window_extent()) for text in visible_texts(axes)]
        for (one, box), (other, other_box) in itertools.combinations(boxes, 2):
            assert not box.overlaps(other_box), f"{one!r} overlaps {other!r}"
    (legend,) = figure.legends
    for axes in figure.axes:
        assert not legend.get_window_extent().overlaps(axes.get_window_extent())


@pytest.fixture
def stonne_run(tiny_run):
    """By a table that charges binary what it charges dense."""
    return tiny_run.by_energy_table("stonne")


def test_resnet18_labels_are_readable(resnet18_run):
    figure = drawn(energy_figure(resnet18_run))
    assert len(figure.axes) == 3
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == list(
        resnet18_run.layers["layer"].unique()
    )
    assert_nothing_overlaps(figure)


def test_the_bars_add_up_to_the_energy_of_the_layer(stonne_run):
    figure = drawn(energy_figure(stonne_run))
    for axes, scheme in zip(figure.axes, stonne_run.schemes, strict=True):
        layers = stonne_run.layers[stonne_run.layers["scheme"] == scheme]
        widths = [0.0] * len(layers)
        for bar in axes.patches:
            widths[round(bar.get_y() + bar.get_height() / 2)] += bar.get_width()
        scale = layers["energy"].iloc[0] / widths[0]
        assert scale in (pytest.approx(1), pytest.approx(1e3))
        assert [width * scale for width in widths] == pytest.approx(layers["energy"].tolist())


def test_ratios_stand_beside_the_bars_that_differ(stonne_run):
    figure = energy_figure(stonne_run)
    assert not list(figure.axes[0].texts)
    assert not list(figure.axes[1].texts)
    ratios = stonne_run.layers.query("scheme == 'signed-binary' and scheme_applied != 'dense'")
    assert [text.get_text() for text in figure.axes[2].texts] == [
        f"{ratio:.2f}x" for ratio in ratios["energy_ratio"]
    ]


def test_one_scheme_and_long_names():
    network = tiny_network()
    object.__setattr__(network.layers[0], "name", "encoder.layers.encoder_layer_11.mlp.linear_1")
    figure = drawn(energy_figure(hwsim.run(network, schemes=["binary"])))
    first = figure.axes[0].get_yticklabels()[0].get_text()
    assert first == "…coder_layer_11.mlp.linear_1"
    assert_nothing_overlaps(figure)


def test_sweep(tiny_sweep):
    figure = drawn(sweep_figure(tiny_sweep))
    for axes, scope in zip(figure.axes, ("", "network_"), strict=True):
        energy, cycles, _ = axes.lines
        assert energy.get_xdata().tolist() == tiny_sweep.table["sparsity"].tolist()
        ratios = tiny_sweep.table[f"{scope}energy_ratio"]
        assert energy.get_ydata().tolist() == pytest.approx((1 / ratios).tolist())
        assert cycles.get_label() == "cycles"
    assert_nothing_overlaps(figure)


NAME = "$\\undefined$ $_^"


def test_dollar_signs_in_names_are_drawn_as_they_are():
    network = tiny_network(quantized_layers=None)
    layers = tuple(
        replace(layer, name=f"{NAME} {number}") for number, layer in enumerate(network.layers)
    )
    run = hwsim.run(replace(network, name=NAME, layers=layers), overrides={"num_ms": 32})
    names = {"unit": NAME, "component": run.table["component"] + NAME}
    for entry in (run.manifest["arch"], run.manifest["energy"], *run.manifest["energy_tables"]):
        entry.update(name=NAME, table=NAME, label=NAME)
    for entry in run.manifest["schemes"]:
        entry["label"] += NAME
    run = replace(
        run,
        table=run.table.assign(energy_table=NAME, scheme=run.table["scheme"] + NAME, **names),
        layers=run.layers.assign(energy_table=NAME, scheme=run.layers["scheme"] + NAME),
    )
    figure = drawn(energy_figure(run))
    assert figure.axes[0].get_yticklabels()[0].get_text() == f"{NAME} 0"
    named = [text for text in figure.findobj(Text) if NAME in text.get_text()]
    assert len(named) > 10
    assert not any(text.get_parse_math() for text in named)


def test_dollar_signs_in_a_sweep(tiny_sweep):
    manifest = {**tiny_sweep.manifest, "network": {"name": NAME}, "energy": {"label": NAME}}
    drawn(sweep_figure(replace(tiny_sweep, manifest=manifest)))
