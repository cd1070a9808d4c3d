"""Readers come by entry points, hwsim's own and those of other packages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import hwsim
from hwsim.errors import InputError
from hwsim.networks import load_network
from hwsim.networks.readers import reader_of, readers
from tests.networks.files import write_npz

READER = """
import json
import numpy as np
from hwsim.networks.geometry import Geometry
from hwsim.networks.readers import CarriedGeometry, Contents


class JsonReader:
    suffixes = (".wjson", ".wj")

    def recognises(self, head):
        return head.startswith(b'{"wjson"')

    def read(self, path):
        document = json.loads(path.read_text())
        tensors = {name: np.array(rows, np.float32) for name, rows in document["wjson"].items()}
        layers = tuple(Geometry(**layer) for layer in document.get("layers", ()))
        geometry = CarriedGeometry("from json", layers) if layers else None
        return Contents(tensors, geometry, ("weights from JSON",), "wjson 1")


class Returns3(JsonReader):
    suffixes = (".three",)

    def read(self, path):
        return 3


class TakesNpz(JsonReader):
    suffixes = (".npz",)


class Breaks:
    def __init__(self):
        raise RuntimeError("no such\\ncodec")


class HasNoRead:
    suffixes = (".x",)
"""
MATRIX = [[1.0, 0.0, -1.0], [0.0, 2.0, 0.0]]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Install a package with readers as pip would, for this process."""

    def of(**points: str) -> None:
        site = tmp_path / "site"
        info = site / "json_weights-1.0.dist-info"
        info.mkdir(parents=True)
        (site / "json_weights.py").write_text(READER)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: json-weights\nVersion: 1.0\n")
        rows = [f"{name.replace('_', '-')} = {value}" for name, value in points.items()]
        (info / "entry_points.txt").write_text("\n".join(["[hwsim.readers]", *rows]) + "\n")
        monkeypatch.syspath_prepend(str(site))
        monkeypatch.delitem(sys.modules, "json_weights", raising=False)

    return of


def _json(path: Path, layers: list[dict[str, object]] | None = None) -> Path:
    document: dict[str, object] = {"wjson": {"a.weight": MATRIX}}
    path.write_text(json.dumps(document | ({"layers": layers} if layers else {})))
    return path


def _error(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_network(path)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(str(path), "FILE")


def test_hwsims_own_readers() -> None:
    found = readers()
    assert list(found.usable) == ["npz", "safetensors", "torch"]
    assert found.suffixes == [".npz", ".safetensors", ".pt", ".pth"]
    assert found.failed == ()


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"PK\x03\x04" + b"\0" * 30 + b"a.weight.npy", "npz"),
        (b"PK\x03\x04" + b"\0" * 30 + b"archive/data.pkl", "torch"),
        (b"\x80\x02", "torch"),
        (b"\x10\0\0\0\0\0\0\0{", "safetensors"),
    ],
)
def test_a_file_of_unknown_suffix_is_recognised(tmp_path: Path, head: bytes, name: str) -> None:
    path = tmp_path / "weights"
    path.write_bytes(head)
    assert reader_of(path)[0] == name


def test_a_reader_of_another_package_is_found_by_its_suffixes(tmp_path: Path, install) -> None:
    install(wjson="json_weights:JsonReader")
    for name in ("w.wjson", "w.WJ", "w"):
        network = load_network(_json(tmp_path / name))
        np.testing.assert_array_equal(network.layers[0].weight, np.array(MATRIX, np.float32))
        assert network.provenance == "wjson 1"
        assert network.notes == (
            "weights from JSON",
            "no topology: linear layers only, in the file's order, one input vector each",
        )


def test_it_may_bring_geometry(tmp_path: Path, install) -> None:
    install(wjson="json_weights:JsonReader")
    layer = {"name": "a", "kind": "linear", "shape": (), "vectors": 7}
    network = load_network(_json(tmp_path / "w.wjson", [layer]))
    assert (network.name, network.topology, network.layers[0].vectors) == (
        "from json",
        "embedded",
        7,
    )
    result = hwsim.run(tmp_path / "w.wjson", schemes=["dense"])
    assert result.manifest["network"]["provenance"] == "wjson 1"


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (
            {"name": "b", "kind": "linear", "shape": ()},
            "geometry: layers: 'a' is missing, its weights are there",
        ),
        (
            {"name": "a", "kind": "conv", "shape": ()},
            "geometry: layers.a: the weights of a conv layer have rank 4, but these are 2x3",
        ),
        (
            {"name": "a", "kind": "linear", "shape": (2, 4)},
            "geometry: layers.a: says 2x4, but the weights are 2x3",
        ),
        (
            {"name": "a", "kind": "pool", "shape": ()},
            "geometry: layers.a: kind should be one of conv, linear, product. Got 'pool'",
        ),
        (
            {"name": "a", "kind": "linear", "shape": (), "vectors": 0},
            "geometry: layers.a: vectors should be from 1 to 1,000,000. Got 0",
        ),
        (
            {"name": "a", "kind": "linear", "shape": (), "vectors": 1.5},
            "geometry: layers.a: vectors should be a whole number. Got 1.5",
        ),
    ],
)
def test_geometry_that_does_not_fit(
    tmp_path: Path, install, layer: dict[str, object], message: str
) -> None:
    install(wjson="json_weights:JsonReader")
    path = _json(tmp_path / "w.wjson", [layer])
    # JSON has no tuples.
    package = Path(sys.path[0]) / "json_weights.py"
    package.write_text(
        READER.replace(
            "Geometry(**layer) for", 'Geometry(**{**layer, "shape": tuple(layer["shape"])}) for'
        )
    )
    assert _error(path) == f"FILE: {message}"


def test_messages_name_the_suffixes_of_all_readers(tmp_path: Path, install) -> None:
    install(wjson="json_weights:JsonReader")
    (tmp_path / "w.bin").write_bytes(b"hello")
    assert _error(tmp_path / "w.bin") == (
        "FILE: not a weight file; hwsim reads .npz, .safetensors, .pt, .pth, .wjson, .wj"
    )


def test_a_file_that_a_reader_stumbles_over(tmp_path: Path, install) -> None:
    install(wjson="json_weights:JsonReader", three="json_weights:Returns3")
    (tmp_path / "w.wjson").write_text("not JSON")
    assert _error(tmp_path / "w.wjson") == (
        "FILE: not a file that the reader 'wjson' reads, or damaged or truncated: "
        "Expecting value: line 1 column 1 (char 0)"
    )
    (tmp_path / "w.three").write_text("3")
    assert _error(tmp_path / "w.three") == (
        "FILE: the reader 'three' returned a int; expected hwsim.networks.readers.Contents"
    )


@pytest.mark.parametrize(
    ("point", "message"),
    [
        (
            "no_such_package:Reader",
            "reader 'wjson' (entry point 'no_such_package:Reader') cannot be loaded: "
            "ModuleNotFoundError: No module named 'no_such_package'",
        ),
        (
            "json_weights:Breaks",
            "reader 'wjson' cannot be loaded: RuntimeError: no such codec",
        ),
        (
            "json_weights:HasNoRead",
            "reader 'wjson' is no class with suffixes, recognises(head) and read(path)",
        ),
    ],
)
def test_a_broken_reader_is_named_where_it_may_be_missed(
    tmp_path: Path, install, point: str, message: str
) -> None:
    install(wjson=point)
    assert _error(_json(tmp_path / "w.wjson")) == (
        "FILE: not a weight file; hwsim reads .npz, .safetensors, .pt, .pth; " + message
    )
    assert load_network(write_npz(tmp_path / "w.npz", {"a.weight": np.ones((2, 3))})).layers


def test_two_readers_of_one_suffix(tmp_path: Path, install) -> None:
    install(another="json_weights:TakesNpz")
    path = write_npz(tmp_path / "w.npz", {"a.weight": np.ones((2, 3))})
    assert _error(path) == ("FILE: 2 readers take .npz: npz, another; remove the package of one")


def test_two_packages_with_one_name(tmp_path: Path, install) -> None:
    install(npz="json_weights:JsonReader")
    with pytest.raises(InputError) as caught:
        readers()
    assert sorted(str(caught.value).split(": ")[1].split("; ")[0].split(" and ")) == [
        "hwsim.networks.readers.npz:NpzReader",
        "json_weights:JsonReader",
    ]


@pytest.mark.outside
def test_no_reader_imports_what_is_heavy_until_it_reads() -> None:
    code = (
        "import sys; from hwsim.networks.readers import readers; readers(); "
        "print([name for name in ('torch', 'safetensors') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
