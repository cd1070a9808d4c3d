"""Reading .safetensors files, good and bad."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from hwsim.errors import InputError
from hwsim.networks import load_network
from hwsim.networks.arrays.small_floats import decoded
from hwsim.networks.readers.safetensors import SafetensorsReader


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _read(data: bytes) -> dict[str, np.ndarray]:
    path = Path("w.safetensors")
    path.write_bytes(data)
    tensors = SafetensorsReader().read(path).tensors
    return {name: decoded(array) for name, array in tensors.items()}


def _file(name: str, dtype: str, shape: list[int], data: bytes) -> bytes:
    header = json.dumps({name: {"dtype": dtype, "shape": shape, "data_offsets": [0, len(data)]}})
    return len(header).to_bytes(8, "little") + header.encode() + data


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u1", "u2", "?"])
def test_arrays_are_those_that_were_saved(dtype: str) -> None:
    array = np.array([[0, 1, 2], [1, 0, 1]]).astype(dtype)
    found = _read(save({"a.weight": array}))["a.weight"]
    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype


def test_bfloat16_becomes_float32() -> None:
    values = np.array([1.0, -2.5, 0.0, 1e30, -0.0], np.float32)
    upper = (values.view(np.uint32) >> 16).astype(np.uint16)
    found = _read(_file("a", "BF16", [5], upper.tobytes()))["a"]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, (upper.astype(np.uint32) << 16).view(np.float32))


def test_bfloat16_as_torch_saves_it() -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save as save_torch

    tensor = torch.randn(3, 4, dtype=torch.bfloat16)
    found = _read(save_torch({"a": tensor}))["a"]
    np.testing.assert_array_equal(found, tensor.to(torch.float32).numpy())


def test_layers_come_in_the_order_of_their_numbers() -> None:
    arrays = {f"fc{i}.weight": np.zeros((1, 1), np.float32) for i in (10, 2, 1)}
    assert list(_read(save(arrays))) == ["fc1.weight", "fc2.weight", "fc10.weight"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"hello", "w.safetensors: not a .safetensors file, or damaged or truncated: "),
        (b"\xff" * 100, "w.safetensors: not a .safetensors file, or damaged or truncated: "),
        (
            _file("a", "F32", [3], b"\0" * 8),
            "w.safetensors: not a .safetensors file, or damaged or truncated: ",
        ),
        (
            _file("a", "F4", [2], b"\0"),
            "w.safetensors: a has the type F4; expected one of F64, F32, F16, ",
        ),
        (
            _file("a", "F32", [2**40, 2**40], b"\0" * 8),
            "w.safetensors: not a .safetensors file, or damaged or truncated: ",
        ),
    ],
)
def test_a_wrong_file(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        _read(data)
    assert str(caught.value).startswith(message)


def test_only_what_carries_its_geometry_has_an_order() -> None:
    path = Path("w.safetensors")
    state = {"fc.weight": np.zeros((1, 1), np.float32)}
    path.write_bytes(save(state))
    assert not SafetensorsReader().read(path).ordered
    layer = {"kind": "linear", "vectors": 1}
    document = {"format": 1, "network": "net", "layers": {"fc": layer}}
    text = np.frombuffer(json.dumps(document).encode(), np.uint8)
    path.write_bytes(save({**state, "__hwsim__": text}))
    assert SafetensorsReader().read(path).ordered


def test_weights_of_32_bits_are_mapped_and_not_copied() -> None:
    path = Path("w.safetensors")
    path.write_bytes(save({"fc.weight": np.ones((2000, 1000), np.float32)}))
    tracemalloc.start()
    network = load_network(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert network.layers[0].weight.nbytes == 8_000_000
    assert peak < 4_000_000
