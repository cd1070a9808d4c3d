"""Writing a network with its geometry, and what can be wrong in such a file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.networks import Layer, Network, load_network, make_network, save_network
from hwsim.networks.save import write_arrays
from tests.networks.files import write_npz

CONV = {
    "kind": "conv",
    "stride": [2, 1],
    "padding": [1, 0],
    "dilation": [1, 1],
    "groups": 2,
    "input_size": [8, 9],
}
DOCUMENT: dict[str, Any] = {
    "format": 1,
    "network": "net",
    "layers": {"conv": CONV, "fc": {"kind": "linear", "vectors": 3}},
    "notes": ["a note"],
}
WEIGHTS = {
    "conv.weight": np.ones((4, 1, 3, 3), np.float32),
    "fc.weight": np.ones((2, 4), np.float32),
}


def _write(path: Path, document: object, weights: dict[str, np.ndarray] | None = None) -> Path:
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    arrays = WEIGHTS if weights is None else weights
    return write_npz(path, {**arrays, "__hwsim__": np.frombuffer(text, np.uint8)})


def _network() -> Network:
    rng = np.random.default_rng(0)
    conv = Layer(
        name="a b/c.[red]",
        kind="conv",
        weight=rng.normal(size=(6, 2, 3, 2)).astype(np.float32),
        stride=(2, 1),
        padding=(1, 0),
        dilation=(1, 2),
        groups=3,
        input_size=(11, 7),
    )
    fc = Layer("attn.in_proj", "linear", rng.normal(size=(5, 4)).astype(np.float32), vectors=197)
    return Network(
        "my net", (conv, fc), notes=("made by hand",), quantized_layers=("attn.in_proj",)
    )


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    network, path = _network(), tmp_path / "w.npz"
    save_network(network, path)
    found = load_network(path)
    assert (found.name, found.topology) == ("my net", "embedded")
    assert (found.notes, found.quantized_layers) == (network.notes, network.quantized_layers)
    assert len(found.layers) == 2
    for layer, original in zip(found.layers, network.layers, strict=True):
        np.testing.assert_array_equal(layer.weight, original.weight)
        for key in ("name", "kind", "stride", "padding", "dilation", "groups", "vectors"):
            assert getattr(layer, key) == getattr(original, key)
    assert found.layers[0].input_size == (11, 7)


def test_numpy_reads_the_file_without_pickle(tmp_path: Path) -> None:
    save_network(_network(), tmp_path / "w.npz")
    with np.load(tmp_path / "w.npz", allow_pickle=False) as arrays:
        assert set(arrays) == {"a b/c.[red].weight", "attn.in_proj.weight", "__hwsim__"}
        assert json.loads(arrays["__hwsim__"].tobytes())["layers"]["attn.in_proj"] == {
            "kind": "linear",
            "vectors": 197,
        }


def test_the_same_network_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        save_network(make_network("resnet20-cifar", seed=5), tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_the_bytes_are_those_of_numpy(tmp_path: Path) -> None:
    arrays = {"a/b.weight": np.ones((3, 4), np.float32), "geometry": np.array("{}")}
    write_arrays(arrays.items(), tmp_path / "ours.npz")
    np.savez(tmp_path / "numpy.npz", **arrays)
    assert (tmp_path / "ours.npz").read_bytes() == (tmp_path / "numpy.npz").read_bytes()


def test_an_existing_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    path.write_bytes(b"old")
    save_network(_network(), path)
    assert load_network(path).name == "my net"
    assert list(tmp_path.iterdir()) == [path]


def _refused(network: Network, path: Path) -> str:
    with pytest.raises(InputError) as caught:
        save_network(network, path)
    return str(caught.value).replace(str(path), "FILE")


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    network = _network()
    (tmp_path / "folder.npz").mkdir()
    assert _refused(network, tmp_path / "w.txt") == (
        "FILE: networks are written as .npz; choose a name ending in .npz"
    )
    assert _refused(network, tmp_path / "folder.npz") == (
        "FILE: is a folder; choose a file name ending in .npz"
    )
    assert _refused(network, tmp_path / "no" / "w.npz") == (
        "FILE: cannot be written: No such file or directory"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["folder.npz"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.npz"
    path.write_bytes(b"old")

    def full(file: Any, *_: Any, **__: Any) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np.lib.format, "write_array", full)
    assert _refused(_network(), path) == "FILE: cannot be written: No space left on device"
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_network_that_cannot_be_described(tmp_path: Path) -> None:
    network = _network()
    huge = replace(network, layers=(replace(network.layers[0], stride=(0, 1)),))
    assert _refused(huge, tmp_path / "w.npz") == (
        "network 'my net': stride.0: should be greater than or equal to 1"
    )
    assert _refused(replace(network, layers=()), tmp_path / "w.npz") == (
        "network 'my net': layers: Dictionary should have at least 1 item after validation, not 0"
    )
    assert list(tmp_path.iterdir()) == []


def _changed(**changes: Any) -> dict[str, Any]:
    return {**DOCUMENT, **changes}


def _conv(**changes: Any) -> dict[str, Any]:
    return _changed(layers={**DOCUMENT["layers"], "conv": {**CONV, **changes}})


AT_LEAST_1 = "should be greater than or equal to 1"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "__hwsim__: not a JSON document (Expecting value: line 1 column 1 (char 0))"),
        (b"\xff{", "__hwsim__: not a JSON document ("),
        (b"[" * 100_000, "__hwsim__: not a JSON document ("),
        (b"[]", "__hwsim__: expected a JSON object"),
        (_changed(format=4), "__hwsim__: format 4 is newer than this hwsim, which reads format 3"),
        (_changed(format="1"), "__hwsim__: format: should be 1"),
        (
            _changed(colour="red"),
            "__hwsim__: unknown key 'colour'; known: format, layers, network, ",
        ),
        (_changed(layers={}), "__hwsim__: layers: Dictionary should have at least 1 item"),
        (
            _changed(quantized_layers=["cnv"]),
            "__hwsim__: quantized_layers: there is no layer 'cnv'",
        ),
        (_conv(stride=[0, 1]), f"__hwsim__: layers.conv.conv.stride.0: {AT_LEAST_1}"),
        (_conv(groups=0), f"__hwsim__: layers.conv.conv.groups: {AT_LEAST_1}"),
        (_conv(groups=1.5), "__hwsim__: layers.conv.conv.groups: should be a valid integer"),
        (_conv(kind="pool"), "__hwsim__: layers.conv: Input tag 'pool' found using 'kind'"),
        (_conv(input_size=[10**9, 1]), "__hwsim__: layers.conv.conv.input_size.0: should be less"),
        (
            _conv(padding=-1),
            "__hwsim__: layers.conv.conv.padding.0: should be greater than or equal",
        ),
        (
            _conv(stirde=1),
            "__hwsim__: layers.conv.conv: unknown key 'stirde'; did you mean 'stride'?",
        ),
        (_conv(groups=3), "layer 'conv': 3 groups do not divide 4 filters"),
        (
            _conv(input_size=[1, 2], padding=0),
            "layer 'conv' has no output: its input is 1x2, its kernel 3x3",
        ),
        (
            _changed(layers={"conv": CONV}),
            "__hwsim__: layers: 'fc' is missing, its weights are there",
        ),
        (
            _changed(layers={**DOCUMENT["layers"], "x": CONV}),
            "__hwsim__: layers: the file has no weights of 'x'",
        ),
        (
            _changed(layers={**DOCUMENT["layers"], "fc": CONV}),
            "__hwsim__: layers.fc: the weights of a conv layer have rank 4, but these are 2x4",
        ),
    ],
)
def test_a_wrong_document(tmp_path: Path, document: object, message: str) -> None:
    path = _write(tmp_path / "w.npz", document)
    with pytest.raises(InputError) as caught:
        load_network(path)
    found = str(caught.value).removeprefix(f"{path}: ")
    assert found.startswith(message)
    assert "\n" not in found


def test_the_document_as_written_here_is_right(tmp_path: Path) -> None:
    network = load_network(_write(tmp_path / "w.npz", DOCUMENT))
    assert network.layers[0].output_size == (4, 7)
    assert network.layers[1].vectors == 3
    assert network.notes == ("a note",)
    assert network.quantized_layers is None


@pytest.mark.parametrize("array", [np.zeros(3, np.int8), np.zeros((2, 2), np.uint8), np.array("x")])
def test_a_document_of_the_wrong_type(tmp_path: Path, array: np.ndarray) -> None:
    path = write_npz(tmp_path / "w.npz", {**WEIGHTS, "__hwsim__": array})
    with pytest.raises(InputError) as caught:
        load_network(path)
    assert str(caught.value) == (
        f"{path}: __hwsim__: expected the bytes of a JSON document of at most 16 MB"
    )
