"""A network in several files: a folder, an index, and what is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from hwsim.errors import InputError
from hwsim.networks import load_network
from tests.networks.files import write_npz

STATE = {
    "model.layers.0.weight": np.ones((4, 8), np.float32),
    "model.layers.1.weight": np.ones((2, 4), np.float32),
    "model.layers.10.weight": np.ones((3, 2), np.float32),
}
NAMES = [f"model-0000{number}-of-00003.safetensors" for number in (1, 2, 3)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three shards, the layers not in the order of the files, and their index."""
    order = (2, 0, 1)
    keys = list(STATE)
    places = {keys[layer]: name for layer, name in zip(order, NAMES, strict=True)}
    for key, name in places.items():
        save_file({key: STATE[key]}, tmp_path / name)
    index = {"metadata": {"total_size": 1}, "weight_map": places}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    return tmp_path


def _layers(path: Path) -> list[str]:
    return [layer.name for layer in load_network(path).layers]


def _message(path: Path, folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_network(path)
    return str(caught.value).replace(str(folder), "DIR")


def test_a_folder_and_an_index_are_one_network(folder: Path) -> None:
    expected = ["model.layers.0", "model.layers.1", "model.layers.10"]
    assert _layers(folder) == expected
    network = load_network(folder / "model.safetensors.index.json")
    assert [layer.name for layer in network.layers] == expected
    assert (network.name, network.ordered) == ("model", False)
    lines = "".join(
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in NAMES
    )
    assert network.sha256 == hashlib.sha256(lines.encode()).hexdigest()


def test_how_far_the_reading_is_is_told(folder: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    load_network(folder, report=lambda *step: steps.append(step))
    assert steps[:4] == [("shards", done, 3) for done in range(4)]
    assert steps[4:] == [("weights of layers", done, 3) for done in range(4)]


def test_shards_without_an_index_are_one_network(folder: Path) -> None:
    (folder / "model.safetensors.index.json").unlink()
    assert len(_layers(folder)) == 3
    (folder / NAMES[1]).unlink()
    assert _message(folder, folder) == "DIR: holds 2 of 3 shards"
    (folder / NAMES[0]).unlink()
    assert _message(folder, folder) == "DIR: holds 1 of 3 shards"


def test_one_shard_of_several_is_refused(folder: Path) -> None:
    assert _message(folder / NAMES[1], folder) == (
        f"DIR/{NAMES[1]}: is shard 2 of 3; give the folder, or its model.safetensors.index.json"
    )
    save_file(STATE, folder / "model-00001-of-00001.safetensors")
    assert len(_layers(folder / "model-00001-of-00001.safetensors")) == 3


def test_a_shard_of_another_name_is_known_by_the_index(folder: Path) -> None:
    index = folder / "model.safetensors.index.json"
    document = json.loads(index.read_text())
    (folder / NAMES[0]).rename(folder / "first.safetensors")
    for key, name in document["weight_map"].items():
        if name == NAMES[0]:
            document["weight_map"][key] = "first.safetensors"
    index.write_text(json.dumps(document))
    assert _message(folder / "first.safetensors", folder) == (
        "DIR/first.safetensors: is one of 3 shards that model.safetensors.index.json lists; give "
        "the folder, or its model.safetensors.index.json"
    )
    assert len(_layers(folder)) == 3
    index.write_text("[]")
    assert len(_layers(folder / "first.safetensors")) == 1


def test_a_missing_shard_is_named(folder: Path) -> None:
    (folder / NAMES[1]).unlink()
    assert _message(folder, folder) == (
        f"DIR/model.safetensors.index.json: 1 of 3 shards are missing: {NAMES[1]}"
    )


def test_what_the_index_promises_must_be_there(folder: Path) -> None:
    save_file({"other.weight": np.ones((2, 2), np.float32)}, folder / NAMES[1])
    assert _message(folder, folder) == (
        "DIR/model.safetensors.index.json: its shards do not hold model.layers.0.weight"
    )
    save_file({"model.layers.1.weight": np.ones((2, 2), np.float32)}, folder / NAMES[1])
    assert _message(folder, folder) == (
        f"DIR/{NAMES[2]}: array 'model.layers.1.weight' is in another shard, too"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not an index of shards, or damaged or truncated: "),
        ("{}", "not an index of shards, or damaged or truncated: 'weight_map'"),
        ('{"weight_map": []}', "not an index of shards, or damaged or truncated: weight_map is no"),
        ('{"weight_map": {"a": "../b"}}', "weight_map: expected names of files beside it. Got"),
    ],
)
def test_an_index_that_is_none(tmp_path: Path, text: str, message: str) -> None:
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(text)
    assert _message(tmp_path, tmp_path).startswith(f"DIR/{index.name}: {message}")


def test_a_folder_of_one_file_and_of_several(tmp_path: Path) -> None:
    write_npz(tmp_path / "a.npz", {"fc.weight": np.ones((2, 2))})
    (tmp_path / "config.json").write_text("{}")
    assert _layers(tmp_path) == ["fc"]
    write_npz(tmp_path / "b.npz", {"fc.weight": np.ones((2, 2))})
    assert _message(tmp_path, tmp_path) == (
        "DIR: holds 2 weight files that are no shards of one network (a.npz, b.npz); give one of "
        "them"
    )


def test_torch_shards(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    for number, (key, array) in enumerate(STATE.items(), start=1):
        torch.save({key: torch.tensor(array)}, tmp_path / f"pytorch_model-{number:05}-of-00003.bin")
    network = load_network(tmp_path)
    assert [layer.name for layer in network.layers] == [key[:-7] for key in STATE]
    assert network.ordered


def test_the_safetensors_of_two_formats_are_read(folder: Path) -> None:
    (folder / "a.bin.index.json").write_text("{")
    assert len(_layers(folder)) == 3
