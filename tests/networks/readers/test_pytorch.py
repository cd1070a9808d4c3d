"""Reading PyTorch files, good and bad; without torch too."""

from __future__ import annotations

import io
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.networks import load_network
from hwsim.networks.arrays.small_floats import decoded
from hwsim.networks.readers.pytorch import TorchReader
from tests.networks.files import cifar_state


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _read(data: bytes) -> dict[str, np.ndarray]:
    path = Path("w.pt")
    path.write_bytes(data)
    tensors = TorchReader().read(path).tensors
    return {name: decoded(array) for name, array in tensors.items()}


def test_without_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    path = tmp_path / "w.pt"
    path.write_bytes(b"x")
    with pytest.raises(InputError) as caught:
        load_network(path)
    assert str(caught.value) == (
        f"{path}: reading PyTorch files needs torch: pip install 'hwsim[torch]'"
    )


def _saved(content: Any, **options: Any) -> bytes:
    torch = pytest.importorskip("torch")
    stream = io.BytesIO()
    torch.save(content, stream, **options)
    return stream.getvalue()


def _state() -> dict[str, Any]:
    torch = pytest.importorskip("torch")
    return {name: torch.tensor(np.array(array)) for name, array in cifar_state().items()}


@pytest.mark.parametrize(
    "nest",
    [
        lambda state: state,
        lambda state: {"state_dict": state, "best_acc1": state["linear.weight"][0, 0], "epoch": 3},
        lambda state: {"model": state},
        lambda state: {"model": {"state_dict": state}},
        lambda state: {
            "epoch": 320,
            "model_state_dict": {f"module.{key}": value for key, value in state.items()},
            "optimizer_state_dict": {"state": {}, "param_groups": [{"lr": 1e-4}]},
            "scheduler_state_dict": {"last_epoch": 320},
        },
    ],
)
@pytest.mark.parametrize("legacy", [False, True])
def test_state_dicts_wherever_they_are(tmp_path: Path, nest: Any, legacy: bool) -> None:
    path = tmp_path / "checkpoint_320.pt"
    path.write_bytes(_saved(nest(_state()), _use_new_zipfile_serialization=not legacy))
    network = load_network(path)
    assert network.topology == "resnet20-cifar"
    for layer in network.layers:
        np.testing.assert_array_equal(layer.weight, cifar_state()[f"{layer.name}.weight"])


def test_a_plum_checkpoint(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from tests.networks.torch_models import PlumResNet

    torch.manual_seed(0)
    model = PlumResNet()
    state = {f"module.{key}": value for key, value in model.state_dict().items()}
    path = tmp_path / "checkpoint_100.pt"
    path.write_bytes(_saved({"epoch": 100, "model_state_dict": state}))
    network = load_network(path)
    assert network.topology == "resnet18-plum"
    assert network.quantized_layers == tuple(
        f"blocks.{block}.conv{conv}" for block in range(1, 9) for conv in (1, 2)
    )
    assert sum(layer.macs for layer in network.layers) == 1_814_073_344
    assert network.skipped == {
        "bias": 16 + 8 + 1,
        "norm": 2 * (2 + 8 + 3),
        "running statistics": 3 * (2 + 8 + 3),
        "vector": 8 + 8,  # v1, nonlin1
        "copy": 1,  # blocks.0.0 is conv1
    }
    np.testing.assert_array_equal(
        network.layers[1].weight, model.blocks[1].conv1.weight.detach().numpy()
    )


@pytest.mark.parametrize(
    "dtype",
    [
        *("float16", "bfloat16", "float64", "int8", "int64", "bool"),
        *("float8_e4m3fn", "float8_e5m2"),
    ],
)
def test_types(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.tensor([[0.0, 1.0, 2.5]]).to(getattr(torch, dtype))
    found = _read(_saved({"a.weight": tensor}))["a.weight"]
    np.testing.assert_array_equal(found.astype(np.float32), tensor.to(torch.float32).numpy())


def test_parameters_and_views() -> None:
    torch = pytest.importorskip("torch")
    base = torch.arange(12.0).reshape(3, 4)
    content = {"a.weight": torch.nn.Parameter(base), "b.weight": base.T}
    found = _read(_saved(content))
    np.testing.assert_array_equal(found["b.weight"], found["a.weight"].T)


def _error(data: bytes) -> str:
    with pytest.raises(InputError) as caught:
        _read(data)
    return str(caught.value)


def test_code_is_not_run(tmp_path: Path) -> None:
    marker = tmp_path / "executed"

    class Payload:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return (os.mkdir, (str(marker),))

    assert _error(_saved({"state_dict": Payload()})) == (
        "w.pt: holds more than tensors (posix.mkdir), and loading it could run code from the "
        "file; save model.state_dict() alone"
    )
    assert not marker.exists()


def test_a_whole_module() -> None:
    torch = pytest.importorskip("torch")
    assert _error(_saved(torch.nn.Linear(2, 2))) == (
        "w.pt: holds more than tensors (torch.nn.modules.linear.Linear), and loading it could "
        "run code from the file; save model.state_dict() alone"
    )


def test_a_torchscript_program() -> None:
    torch = pytest.importorskip("torch")
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is deprecated, its files are not gone
        torch.jit.save(torch.jit.trace(torch.nn.Linear(2, 2), torch.zeros(1, 2)), stream)
    assert _error(stream.getvalue()) == (
        "w.pt: is a TorchScript program; save model.state_dict() in its place"
    )


def test_no_state_dict() -> None:
    torch = pytest.importorskip("torch")
    assert _error(_saved({"epoch": 3, "lr": 0.1})) == (
        "w.pt: no state dict in it; expected tensors by name, alone or nested. It holds epoch, lr"
    )
    assert _error(_saved([torch.zeros(2)])) == "w.pt: holds a list; expected a state dict"
    assert _error(_saved({})).endswith("It holds nothing")


def test_sparse_and_expanded_tensors() -> None:
    torch = pytest.importorskip("torch")
    assert _error(_saved({"a.weight": torch.eye(3).to_sparse()})) == (
        "w.pt: a.weight is a sparse, quantised or empty tensor; save it as a dense one "
        "(tensor.to_dense() or tensor.dequantize())"
    )
    assert _error(_saved({"a.weight": torch.zeros(1).expand(2**20, 2**20)})) == (
        "w.pt: a.weight has 1,099,511,627,776 elements; hwsim reads at most 4,294,967,296 bytes"
    )
    data = _saved({"a.weight": torch.zeros(1, dtype=torch.int8).expand(6000, 5000)})
    assert _error(data) == (
        "w.pt: its arrays would take 120,000,000 bytes as 32-bit floats, the file has "
        f"{len(data):,}; refused (at most 100 times the file's size, and 4,294,967,296 bytes); "
        "save tensors that are expanded as tensor.contiguous()"
    )


@pytest.mark.parametrize("data", [b"hello", b"PK\x03\x04 and no more", b"\x80\x02broken"])
def test_damaged_files(data: bytes) -> None:
    pytest.importorskip("torch")
    assert _error(data).startswith("w.pt: ")


def test_a_truncated_file() -> None:
    data = _saved(_state())
    assert _error(data[: len(data) // 2]).startswith(
        "w.pt: not a PyTorch file, or damaged or truncated: "
    )
