"""Arrays that worker processes map: each where it was put, the file open once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwsim.networks.mapped import mapping_of
from hwsim.studies.workers.shared_file import SharedFile, mapped

pytestmark = pytest.mark.outside

needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="Linux only")


def _array(seed: int, size: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, size, np.uint8)


def _open_files() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


@needs_proc
def test_arrays_come_back_and_hold_the_file_open_once() -> None:
    arrays = {f"a{size}": _array(size, size) for size in (1, 4096, 4097, 70_000)}
    shared = SharedFile()
    places = [shared.put(name, array.data) for name, array in arrays.items()]
    assert shared.put("a4096", arrays["a4096"].data) == places[1]
    before = _open_files()
    found = mapped(shared.descriptor, places[::-1])
    assert _open_files() == before + 1
    shared.close()
    for content, array in zip(found, [*arrays.values()][::-1], strict=True):
        assert content.readonly
        np.testing.assert_array_equal(np.frombuffer(content, np.uint8), array)
        assert mapping_of(np.frombuffer(content, np.uint8)) is not None


def test_nothing_is_mapped_of_nothing() -> None:
    shared = SharedFile()
    assert mapped(shared.descriptor, []) == []
    shared.close()
