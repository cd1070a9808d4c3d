"""The topology that the weights of a file tell, and its schema."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from hwsim.cli import app
from hwsim.errors import InputError
from hwsim.networks import load_network, load_topology
from hwsim.networks._chain import follow
from hwsim.networks.load import network_topology
from tests.networks.files import write_npz

STATE = {
    "stem.weight": np.ones((8, 3, 3, 3)),
    "stem.bias": np.ones(8),
    "depth.weight": np.ones((8, 1, 3, 5)),
    "point.weight": np.ones((4, 8, 1, 1)),
    "side.weight": np.ones((4, 8, 1, 1)),
    "no": np.ones(3),
    "on.weight": np.ones((2, 4)),
    "a b.weight": np.ones((5, 3)),
}


def _lines(tmp_path: Path, state: dict[str, np.ndarray]) -> list[str]:
    text = network_topology(write_npz(tmp_path / "w.npz", state))
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_what_is_known_is_filled_in_and_what_is_not_is_marked(tmp_path: Path) -> None:
    assert _lines(tmp_path, STATE) == [
        "name: w",
        'source: "written by hwsim from the weights of w"',
        "input: {channels: 3, size: FILL_IN}",
        "quantized_layers: null",
        "layers:",
        "  - {conv: stem, filters: 8, kernel: 3, stride: FILL_IN, padding: FILL_IN}"
        "  # weights 8x3x3x3: 3 channels",
        "  - {conv: depth, filters: 8, kernel: [3, 5], stride: FILL_IN, padding: FILL_IN, "
        "groups: 8}  # weights 8x1x3x5: 1 channels of a group",
        "  - {conv: point, filters: 4, kernel: 1, stride: FILL_IN}  # weights 4x8x1x1: 8 channels",
        "  - {conv: side, filters: 4, kernel: 1, stride: FILL_IN, from: FILL_IN}"
        "  # weights 4x8x1x1: 8 channels",
        '  - {linear: "on", features: 2}  # weights 2x4: 4 inputs',
        '  - {linear: "a b", features: 5, from: FILL_IN}  # weights 5x3: 3 inputs',
    ]


def test_a_mark_is_refused_and_the_rest_is_the_network(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "w.npz", STATE)
    topology = tmp_path / "t.yaml"
    text = network_topology(path)
    topology.write_text(text)
    with pytest.raises(InputError, match=r"line 8: input\.size: should be a whole number"):
        load_topology(topology)
    text = text.replace("size: FILL_IN", "size: 8").replace("stride: FILL_IN", "stride: 1")
    text = text.replace("padding: FILL_IN", "padding: 1").replace("from: FILL_IN", "from: depth", 1)
    topology.write_text(text)
    with pytest.raises(InputError, match=r"from: no entry before this one is named 'FILL_IN'"):
        load_topology(topology)


def test_linear_layers_that_follow_each_other_are_complete(tmp_path: Path) -> None:
    state = {"a.weight": np.ones((8, 5)), "b.weight": np.ones((3, 8))}
    path = write_npz(tmp_path / "w.npz", state)
    (tmp_path / "t.yaml").write_text(network_topology(path))
    network = load_network(path, tmp_path / "t.yaml")
    assert [layer.macs for layer in network.layers] == [40, 24]


def test_windows_over_time_and_volumes(tmp_path: Path) -> None:
    state = {"t.weight": np.ones((4, 2, 5)), "v.weight": np.ones((6, 4, 2, 3, 3))}
    assert _lines(tmp_path, state)[-2:] == [
        "  - {conv: t, filters: 4, kernel: [1, 5], stride: FILL_IN, padding: FILL_IN}"
        "  # weights 4x2x5: 2 channels",
        "  - {conv: v, filters: 6, kernel: [2, 3, 3], stride: FILL_IN, padding: FILL_IN}"
        "  # weights 6x4x2x3x3: 4 channels",
    ]


def test_a_flattened_map_is_read_by_the_linear_layer_behind_it(tmp_path: Path) -> None:
    shapes = {
        "c.weight": (4, 1, 1, 1),
        "a.weight": (8, 36),
        "b.weight": (2, 16),
        "d.weight": (3, 7),
    }
    lines = _lines(tmp_path, {name: np.ones(shape) for name, shape in shapes.items()})
    assert ["from" in line for line in lines[-4:]] == [False, False, True, True]
    other = {"c.weight": (4, 1, 1, 1), "a.weight": (8, 37)}
    lines = _lines(tmp_path, {name: np.ones(shape) for name, shape in other.items()})
    assert "from: FILL_IN" in lines[-1]


VOLUME = """\
name: volume
source: made up
input: {channels: 2, size: [6, 7], frames: 5}
quantized_layers: null
layers:
  - {conv: a, filters: 4, kernel: [3, 3, 3], padding: 1}
  - {pool: p, kernel: 2}
  - {conv: b, filters: 3, kernel: [1, 3], groups: 1}
  - {pool: q, kernel: [1, 1]}
  - {conv: c, filters: 2, kernel: [2, 1, 1], stride: [1, 2, 1]}
  - {linear: fc, features: 2}
"""


def test_a_convolution_over_a_volume(tmp_path: Path) -> None:
    topology = tmp_path / "t.yaml"
    topology.write_text(VOLUME)
    layers = follow(load_topology(topology))
    # a: 5 frames of 6x7 stay; p halves all: 2 of 3x3; b on each: 2 of 3x1; c: 1 of 2x1
    assert [(g.shape, g.images, g.input_size, g.padding, g.stride) for g in layers[:-1]] == [
        ((4, 6, 3, 3), 5, (6, 7), (1, 1), (1, 1)),
        ((3, 4, 1, 3), 2, (3, 3), (0, 0), (1, 1)),
        ((2, 6, 1, 1), 1, (3, 1), (0, 0), (2, 1)),
    ]
    assert layers[-1].shape == (2, 4)
    state = {
        "a.weight": np.ones((4, 2, 3, 3, 3)),
        "b.weight": np.ones((3, 4, 1, 1, 3)),
        "c.weight": np.ones((2, 3, 2, 1, 1)),
        "fc.weight": np.ones((2, 4)),
    }
    network = load_network(write_npz(tmp_path / "w.npz", state), topology)
    expected = [4 * 54 * 5 * 42, 3 * 12 * 2 * 3, 2 * 6 * 2, 8]
    assert [layer.macs for layer in network.layers] == expected
    topology.write_text(VOLUME.replace("kernel: [3, 3, 3], padding: 1", "kernel: [9, 3, 3]"))
    with pytest.raises(InputError, match=r"'a' has no output: its input is 5x6x7, its kernel 9x3x"):
        load_topology(topology)


def test_maps_of_other_frames_are_not_concatenated(tmp_path: Path) -> None:
    topology = tmp_path / "t.yaml"
    halved = (
        "  - {pool: p, kernel: [2, 1, 1]}\n  - {conv: d, from: [a, p], filters: 1, kernel: 1}\n"
    )
    topology.write_text(VOLUME.partition("  - {pool")[0] + halved)
    with pytest.raises(InputError, match=r"'d': cannot concatenate feature maps of 5x6x7, 2x6x7$"):
        load_topology(topology)


def test_other_zeros_may_stand_after_rows_and_columns_than_before(tmp_path: Path) -> None:
    topology = tmp_path / "t.yaml"
    topology.write_text(
        "name: t\nsource: s\ninput: {channels: 1, size: 8}\nquantized_layers: null\nlayers:\n"
        "  - {conv: a, filters: 1, kernel: 3, stride: 2, padding: 0, padding_end: [1, 0]}\n"
        "  - {conv: b, filters: 1, kernel: 1}\n"
    )
    a, b = follow(load_topology(topology))
    assert (a.padding, a.padding_end, b.input_size) == ((0, 0), (1, 0), (4, 3))


def test_the_command(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "w.npz", {"fc.kernel": np.ones((5, 8)), "x": np.ones((2, 2))})
    options = ["--skip", "x", "--layout", "keras"]
    result = CliRunner().invoke(app, ["network", "topology", str(path), *options])
    assert result.exit_code == 0
    assert yaml.safe_load(result.stdout)["layers"] == [{"linear": "fc", "features": 8}]
    assert result.stdout.splitlines()[:2] == [
        "# yaml-language-server: $schema=topology.schema.json",
        "# (hwsim schema topology > topology.schema.json)",
    ]
