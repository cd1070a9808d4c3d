"""Topology files that people write: what they may say, and what is said when they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwsim.errors import InputError
from hwsim.networks import load_topology
from hwsim.networks._chain import follow
from tests.networks.files import TINY, write_topology

NO_PAIR = (
    "FILE, line 7: layers.1.kernel: should be a whole number, a pair [rows, columns], or [frames, "
    "rows, columns]"
)
AT_9X9 = "FILE: topology 'tiny' at input 9x9: "


def _error(folder: Path, old: str, new: str) -> str:
    assert old in TINY
    path = write_topology(folder, TINY.replace(old, new))
    with pytest.raises(InputError) as caught:
        load_topology(path)
    return str(caught.value).replace(str(path), "FILE")


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    topology = load_topology(write_topology(tmp_path))
    stem, conv, shortcut, fc = follow(topology)
    assert stem.shape == (4, 3, 3, 3)
    assert (conv.shape, conv.groups, conv.input_size) == ((6, 2, 3, 3), 2, (4, 4))
    assert (shortcut.shape, shortcut.input_size, shortcut.aka) == (
        (6, 4, 1, 1),
        (4, 4),
        ("block.old",),
    )
    assert (fc.kind, fc.shape, fc.vectors) == ("linear", (5, 6), 1)
    assert topology.quantized_names() == ("block.conv", "block.shortcut")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "kernel: 3, padding: 1}",
            "kernal: 3, padding: 1}",
            "FILE, line 6: layers.0: unknown key 'kernal'; did you mean 'kernel'?",
        ),
        ("kernel: 2}", "kernel: two}", NO_PAIR),
        (
            "kernel: 2}",
            "kernel: 0}",
            "FILE, line 7: layers.1.kernel.0: should be greater than or equal to 1. Got 0",
        ),
        ("kernel: 2}", "kernel: [2, 2, 2, 2]}", NO_PAIR),
        ("kernel: 2}", "kernel: 2.5}", NO_PAIR),
        ("kernel: 2}", "kernel: true}", NO_PAIR),
        ("filters: 4, ", "", "FILE, line 6: layers.0.filters: missing; this key is required"),
        (
            "{pool: pool,",
            "{pol: pool,",
            "FILE, line 7: layers.1: should have exactly one of the keys conv, linear, pool, "
            "adaptive_pool, tokens, attention, first_token",
        ),
        (
            "from: pool",
            "from: pol",
            "FILE, line 9: from: no entry before this one is named 'pol'; did you mean 'pool'?",
        ),
        ("{linear: fc,", "{linear: stem,", "FILE, line 11: the name 'stem' stands twice"),
        (
            '["block.*"]',
            '["blok.*"]',
            "FILE, line 4: quantized_layers: no layer matches 'blok.*'; did you mean 'block.conv'?",
        ),
        (
            '["block.*"]',
            "[]",
            "FILE, line 4: quantized_layers: "
            "List should have at least 1 item after validation, not 0. Got list",
        ),
        (
            "groups: 2",
            "groups: 4",
            AT_9X9 + "'block.conv': 4 groups do not divide 4 channels and 6 filters",
        ),
        (
            "size: 9",
            "size: 1",
            "FILE: topology 'tiny' at input 1x1: "
            "'pool' has no output: its input is 1x1, its kernel 2x2",
        ),
        (
            "{conv: block.conv, ",
            "{attention: att}\n  - {conv: block.conv, ",
            AT_9X9 + "'att' needs vectors, but reads feature maps",
        ),
        (
            "{linear: fc, ",
            "{linear: fc0, features: 9}\n  - {pool: late, kernel: 1}\n  - {linear: fc, ",
            AT_9X9 + "'late' needs feature maps, but reads vectors",
        ),
        (
            "{linear: fc, ",
            "{linear: fc0, features: 8}\n  - {attention: att}\n  - {linear: fc, ",
            AT_9X9 + "'att': 8 features are no Q, K and V",
        ),
        (
            "name: tiny",
            "name: tiny\nname: tiny",
            "FILE, line 2: malformed YAML: the key 'name' stands twice",
        ),
        (
            "source: made up for the tests\n",
            "",
            "FILE, line 1: source: missing; this key is required",
        ),
    ],
)
def test_a_wrong_file(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert _error(tmp_path, old, new) == message


def test_a_topology_without_weights(tmp_path: Path) -> None:
    text = TINY[: TINY.index("quantized")] + (
        "quantized_layers: null\nlayers:\n  - {pool: p, kernel: 1}\n"
    )
    path = write_topology(tmp_path, text)
    with pytest.raises(InputError) as caught:
        load_topology(path)
    assert str(caught.value) == f"{path}, line 5: layers: no entry is a conv or a linear layer"


def test_an_unknown_name() -> None:
    with pytest.raises(InputError) as caught:
        load_topology("resnet81")
    assert str(caught.value) == "no topology is named 'resnet81'; did you mean 'resnet18'?"


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_topology(tmp_path / "none.yaml")
    assert str(caught.value) == f"{tmp_path}/none.yaml: no such file"


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "{" * 50_000, "- " * 50_000, "a: &a [*a]", "? a", "\0", "a: !!python/x 1"],
)
def test_hostile_yaml(tmp_path: Path, text: str) -> None:
    path = write_topology(tmp_path, text)
    with pytest.raises(InputError, match=r"tiny\.yaml"):
        load_topology(path)


def test_nested_anchors_do_not_blow_up(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 8)}]" for i in range(1, 12)]
    path = write_topology(tmp_path, TINY + "\n".join(lines) + "\n")
    with pytest.raises(InputError, match="aliases make more than 1,000,000 values of it"):
        load_topology(path)
    path = write_topology(
        tmp_path, "\n".join(lines) + "\n" + TINY.replace("kernel: 2", "kernel: *a11")
    )
    with pytest.raises(InputError, match="aliases make more than 1,000,000 values of it"):
        load_topology(path)
