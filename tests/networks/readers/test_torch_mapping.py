"""What torch has mapped is mapped again, read-only: the same values, and pages that can go."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from hwsim.networks.mapped import mapping_of
from hwsim.networks.readers import _torch_mapping
from hwsim.networks.readers._torch_mapping import mapped_anew
from hwsim.networks.readers.pytorch import TorchReader

needs_maps = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="Linux only")


def _archive(path: Path, order: bytes | None) -> np.ndarray:
    """Write what mapped_anew looks at, and map it as torch does."""
    content = np.arange(3000, dtype=np.float32)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("w/data/0", content.tobytes())
        if order is not None:
            archive.writestr("w/byteorder", order)
    start = path.read_bytes().index(content.tobytes())
    return np.memmap(path, np.uint8, "c")[start : start + content.nbytes].view(np.float32)


@needs_maps
def test_parts_of_the_file_are_mapped_again(tmp_path: Path) -> None:
    ours = _archive(tmp_path / "w.pt", b"little")
    in_memory = np.ones(3)
    arrays = {
        "a": ours[:1000].reshape(10, 100),
        "b": ours[1001:],
        "every other": ours[::2],
        "none": ours[:0],
        "in memory": in_memory,
    }
    found = mapped_anew(tmp_path / "w.pt", arrays)
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert (mapping_of(found[name]) is not None) == (name in ("a", "b"))
    assert mapping_of(found["a"]) is mapping_of(found["b"])
    assert found["in memory"] is in_memory


@needs_maps
@pytest.mark.parametrize("order", [b"big", None])
def test_numbers_that_torch_may_have_turned_stay(tmp_path: Path, order: bytes | None) -> None:
    ours = _archive(tmp_path / "w.pt", order)
    assert mapped_anew(tmp_path / "w.pt", {"a": ours})["a"] is ours


def test_where_the_system_does_not_tell_they_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = _archive(tmp_path / "w.pt", b"little")
    monkeypatch.setattr(_torch_mapping, "_MAPS", tmp_path / "none")
    assert mapped_anew(tmp_path / "w.pt", {"a": ours})["a"] is ours
    (tmp_path / "w.bin").write_bytes(b"x")
    assert mapped_anew(tmp_path / "w.bin", {"a": ours})["a"] is ours


@needs_maps
def test_a_checkpoint(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    state = {"a.weight": torch.randn(40, 30), "b.weight": torch.randn(7, 40).bfloat16()}
    torch.save(state, tmp_path / "w.pt")
    found = TorchReader().read(tmp_path / "w.pt").tensors
    np.testing.assert_array_equal(found["a.weight"], state["a.weight"].numpy())
    bits = state["b.weight"].view(torch.int16).numpy()
    np.testing.assert_array_equal(found["b.weight"].view(np.int16), bits)
    assert all(mapping_of(array) is not None for array in found.values())
