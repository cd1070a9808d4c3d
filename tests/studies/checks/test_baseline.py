"""Baselines are written, read again the same, and found by coordinates."""

import json

import pytest

from hwsim.errors import InputError
from hwsim.studies.checks.baseline import matched, other_weights, read_baseline, write_baseline

PROVENANCE = {
    "hwsim": "1.2",
    "command": None,
    "networks": [
        {"name": "n", "file": "/home/n.npz", "sha256": "12", "uncounted": [1], "notes": []}
    ],
}


def test_a_baseline_is_read_as_it_was_written(tmp_path, figures):
    path = tmp_path / "b.json"
    points = [figures(), figures(3, {"num_ms": 64, "scheme": "dense", "sparsity": None})]
    write_baseline(path, "s", "2026-11-28", PROVENANCE, points)
    read = read_baseline(path)
    assert (read.study, read.date, read.points) == ("s", "2026-11-28", points)
    networks = [{"name": "n", "sha256": "12"}]
    assert read.provenance == {"hwsim": "1.2", "command": None, "networks": networks}
    # A point is a line, so that versions of it compare well.
    assert sum(line.startswith('{"coordinates":') for line in path.read_text().splitlines()) == 2


def test_the_same_figures_are_the_same_bytes(tmp_path, figures):
    for name in ("a.json", "b.json"):
        write_baseline(tmp_path / name, "s", "2026", PROVENANCE, [figures()])
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_part_of_a_network_is_no_baseline(tmp_path, figures):
    path = tmp_path / "b.json"
    with pytest.raises(InputError) as caught:
        write_baseline(path, "s", "2026", {}, [figures(), figures(lacking={"c": "failed: x"})])
    assert str(caught.value) == f"{path}: not written: point 1, layer 'c' failed: x"
    assert not path.exists()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda text: None, "no such baseline; --write-baseline makes one"),
        (
            lambda text: text.replace('"hwsim_baseline": 1', '"hwsim_baseline": 2'),
            "no baseline of hwsim: hwsim_baseline: should be 1. Got 2; --write-baseline makes one",
        ),
        (
            lambda text: text.replace('"clock_hz":500000000.0', '"clock_hz":"fast"'),
            "no baseline of hwsim: points.0.clock_hz: should be a valid number. Got 'fast'; "
            "--write-baseline makes one",
        ),
        (
            lambda text: text.replace('"clock_hz":500000000.0', '"clock_hz":-5.0'),
            "no baseline of hwsim: points.0.clock_hz: should be greater than or equal to 1000. Got "
            "-5.0; --write-baseline makes one",
        ),
        (
            lambda text: json.dumps(json.loads(text) | {"provenance": {"networks": 3}}),
            "no baseline of hwsim: provenance: networks should be a list of keys and values; "
            "--write-baseline makes one",
        ),
        (
            lambda text: text.replace('"sha256": "', '"sha256": 5, "was": "'),
            "no baseline of hwsim: provenance: sha256 should be text. Got 5; --write-baseline "
            "makes one",
        ),
        (
            lambda text: "[]",
            "no baseline of hwsim: should be keys and values. Got list; --write-baseline makes one",
        ),
    ],
)
def test_what_is_no_baseline(tmp_path, figures, change, problem):
    path = tmp_path / "b.json"
    write_baseline(path, "s", "2026", PROVENANCE, [figures()])
    text = change(path.read_text())
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_baseline(path)
    assert str(caught.value) == f"{path}: {problem}"


def test_a_file_that_ends_too_early(tmp_path, figures):
    path = tmp_path / "b.json"
    write_baseline(path, "s", "2026", PROVENANCE, [figures()])
    path.write_text(path.read_text()[:-9])
    with pytest.raises(InputError) as caught:
        read_baseline(path)
    assert str(caught.value).startswith(f"{path}: no baseline of hwsim: no JSON: ")


def baseline(tmp_path, figures, *coordinates):
    path = tmp_path / "b.json"
    points = [figures(coordinates=each) for each in coordinates]
    write_baseline(path, "s", "2026", PROVENANCE, points)
    return read_baseline(path)


def test_points_are_found_by_the_axes_that_both_have(tmp_path, figures):
    former = baseline(
        tmp_path,
        figures,
        *({"num_ms": size, "scheme": scheme} for size in (64, 128) for scheme in ("a", "b")),
    )
    places = [
        {"scheme": "b", "clock": "1 GHz", "num_ms": 128},
        {"scheme": "a", "clock": "1 GHz", "num_ms": 256},
        {"scheme": "a", "clock": "1 GHz", "num_ms": 64},
    ]
    found, gone = matched(former, places)
    assert found == [former.points[3], None, former.points[0]]
    assert gone == 2


def test_axes_that_only_one_varies(tmp_path, figures):
    former = baseline(
        tmp_path, figures, {"scheme": "a", "num_ms": 64}, {"scheme": "a", "num_ms": 8}
    )
    with pytest.raises(InputError, match=r"^points of the baseline differ .* both have scheme\."):
        matched(former, [{"scheme": "a"}])
    with pytest.raises(InputError, match=r"^points of the study differ in axes that the other has"):
        matched(former, [{"scheme": "a", "node": 1}, {"scheme": "a", "node": 2}])


def test_other_weights_are_named(tmp_path, figures):
    former = baseline(tmp_path, figures, {"scheme": "a"})
    now = [{"name": "n", "sha256": "12"}, {"name": "m", "sha256": "13"}]
    assert other_weights(former, {"networks": now}) == ["m"]


def test_a_file_is_json_for_others_too(tmp_path, figures):
    baseline(tmp_path, figures, {"scheme": "a"})
    document = json.loads((tmp_path / "b.json").read_text())
    assert document["points"][0]["layers"]["a"]["cycles"] == 100


def test_half_a_character_is_told(tmp_path, figures):
    path = tmp_path / "b.json"
    write_baseline(path, "s", "2026", PROVENANCE, [figures()])
    path.write_text(path.read_text().replace('"utilization"', '"\\ud800"', 1))
    with pytest.raises(InputError) as caught:
        read_baseline(path)
    assert str(caught.value) == (
        f"{path}: no baseline of hwsim: holds half a character (\\ud800 to \\udfff); "
        "--write-baseline makes one"
    )
