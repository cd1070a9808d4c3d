"""Pages of mapped arrays leave memory, and no value with them."""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
import pytest

from hwsim.networks import mapped
from hwsim.networks.mapped import let_go

PAGE = mmap.PAGESIZE
#: Of a page, as the kernel counts.
KILO = PAGE // 1024


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    np.arange(4 * PAGE, dtype=np.float32).tofile(path)  # sixteen pages
    return path


def _resident(array: np.ndarray) -> int:
    """Count the kilobytes of a mapping that are in this process, as the kernel says."""
    address = array.__array_interface__["data"][0]
    inside = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        word = line.split()[0]
        if "-" in word and not word.endswith(":"):
            low, high = (int(part, 16) for part in word.split("-"))
            inside = low <= address < high
        elif inside and word == "Rss:":
            return int(line.split()[1])
    raise AssertionError("not mapped")


needs_smaps = pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="Linux only")


@needs_smaps
@pytest.mark.parametrize("offset", [0, 4 * 3, PAGE])
def test_pages_of_views_are_dropped(file: Path, offset: int) -> None:
    whole = np.memmap(file, np.uint8, "r", offset=offset)
    count = whole.size // 4 - 5
    view = np.frombuffer(np.asarray(whole[20:]), np.float32)[:count].reshape(-1, 1)
    expected = view.copy()
    assert _resident(whole) == (16 - offset // PAGE) * KILO
    let_go(view)
    assert _resident(whole) == 0
    assert np.array_equal(view, expected)


@needs_smaps
def test_pages_of_arrays_that_came_from_elsewhere(file: Path) -> None:
    with file.open("rb") as opened:
        whole = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    found = np.frombuffer(memoryview(whole)[PAGE:], np.float32).reshape(3, -1)
    assert found[0, 0] == PAGE // 4
    assert found.sum() > 0
    let_go(found)
    assert _resident(np.frombuffer(whole, np.uint8)) <= KILO
    assert found[0, 0] == PAGE // 4


@needs_smaps
def test_only_the_pages_of_the_view(file: Path) -> None:
    whole = np.memmap(file, np.uint8, "r")
    assert whole.sum() > 0
    let_go(whole[2 * PAGE + 1 : 5 * PAGE])
    assert _resident(whole) == 13 * KILO
    let_go(whole[:0])
    assert _resident(whole) == 13 * KILO


@pytest.mark.parametrize("mode", ["c", "r+"])
def test_what_may_have_been_written_stays(file: Path, mode: str) -> None:
    whole = np.memmap(file, np.float32, mode)
    whole[0] = 7
    let_go(whole)
    assert whole[0] == 7


def test_arrays_in_memory_stay() -> None:
    array = np.arange(PAGE)
    let_go(array[3:])
    assert np.array_equal(array, np.arange(PAGE))
    let_go(np.broadcast_to(np.float32(1), (2, 3)))
    let_go(np.frombuffer(b"12345678", np.float32))


def test_without_the_call_nothing_happens(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped, "_DROP", None)
    whole = np.memmap(file, np.float32, "r")
    let_go(whole)
    assert whole[1] == 1
