"""Weights that were computed: in files without names, many in one, gone when nobody needs them."""

from __future__ import annotations

import gc
import mmap
import threading
import weakref

import numpy as np
import pytest

from hwsim.networks.arrays import scratch
from hwsim.networks.arrays.small_floats import BFLOAT16
from hwsim.networks.mapped import mapping_of

PAGE = mmap.PAGESIZE


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "LEAST", 1)
    monkeypatch.setattr(scratch, "_FILE", 4 * PAGE)
    monkeypatch.setattr(scratch, "_latest", scratch._Latest())


def _drawn(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float16)


def test_large_weights_are_kept_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    array = _drawn(7, 11)
    expected = array.astype(np.float32)
    monkeypatch.setattr(scratch, "_PIECE", 22)
    for given, wanted in ((array, expected), (array.T, expected.T)):
        found = scratch.floats(given)
        np.testing.assert_array_equal(found, wanted)
        assert mapping_of(found) is not None
        assert not found.flags.writeable
        assert found.flags.c_contiguous
    stored = scratch.stored(expected)
    assert mapping_of(stored) is not None
    assert not stored.flags.writeable
    np.testing.assert_array_equal(stored, expected)


def test_small_weights_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    array = _drawn(7, 11)
    monkeypatch.setattr(scratch, "LEAST", 4 * 77)
    assert mapping_of(scratch.floats(array)) is not None
    monkeypatch.setattr(scratch, "LEAST", 4 * 77 + 1)
    for found in (scratch.floats(array), scratch.stored(array.astype(np.float32))):
        assert mapping_of(found) is None
        np.testing.assert_array_equal(found, array.astype(np.float32))


def test_a_vector_stays_in_memory() -> None:
    assert mapping_of(scratch.floats(_drawn(9))) is None


def test_small_floats_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "_PIECE", 1)
    bits = np.arange(0x3F80, 0x3F80 + 15, dtype=np.uint16).reshape(5, 3)
    expected = (bits.astype(np.uint32) << 16).view(np.float32)
    np.testing.assert_array_equal(scratch.floats(bits.view(BFLOAT16)), expected)


def test_several_share_a_file_until_it_is_full() -> None:
    quarter = PAGE // 4
    arrays = [_drawn(1, count, seed=count) for count in (quarter, quarter + 1, quarter - 1)]
    found = [scratch.floats(array) for array in arrays]
    for array, kept in zip(arrays, found, strict=True):
        np.testing.assert_array_equal(kept, array.astype(np.float32))
    maps = [mapping_of(each) for each in found]
    assert maps[0] is maps[1] is maps[2]  # 1 + 2 + 1 pages
    assert mapping_of(scratch.floats(arrays[0])) is not maps[0]
    large = scratch.floats(_drawn(5, PAGE))
    np.testing.assert_array_equal(large, _drawn(5, PAGE).astype(np.float32))


@pytest.mark.outside
def test_a_file_is_gone_with_the_last_of_its_arrays() -> None:
    one, other = scratch.floats(_drawn(2, 3)), scratch.floats(_drawn(2, 4))
    mapping = weakref.ref(mapping_of(one))
    handle = scratch._latest.file.handle
    del one
    gc.collect()
    assert mapping() is not None
    del other
    gc.collect()
    assert mapping() is None
    with pytest.raises(OSError, match="Bad file descriptor"):
        scratch.os.pwrite(handle, b"", 0)
    assert mapping_of(scratch.floats(_drawn(2, 3))) is not None


def test_threads_and_processes_write_into_files_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = scratch.floats(_drawn(2, 3))
    theirs = []
    thread = threading.Thread(target=lambda: theirs.append(scratch.floats(_drawn(2, 3, seed=1))))
    thread.start()
    thread.join()
    assert mapping_of(theirs[0]) is not mapping_of(mine)
    monkeypatch.setattr(scratch.os, "getpid", lambda: -1)  # as after a fork
    assert mapping_of(scratch.floats(_drawn(2, 3))) is not mapping_of(mine)
    np.testing.assert_array_equal(mine, _drawn(2, 3).astype(np.float32))


@pytest.mark.parametrize("call", ["pwrite", "ftruncate"])
def test_without_room_weights_are_kept_in_memory(
    monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(scratch.os, call, full)
    found = scratch.floats(_drawn(2, 3))
    assert mapping_of(found) is None
    np.testing.assert_array_equal(found, _drawn(2, 3).astype(np.float32))
    monkeypatch.delattr(scratch.os, call)
    np.testing.assert_array_equal(scratch.floats(_drawn(2, 3)), found)


def test_a_file_that_takes_part_of_what_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = scratch.os.pwrite
    monkeypatch.setattr(scratch.os, "pwrite", lambda fd, data, at: whole(fd, data[:5], at))
    array = _drawn(3, 7)
    np.testing.assert_array_equal(scratch.floats(array), array.astype(np.float32))


def test_floats_are_not_copied() -> None:
    array = np.ones((2, 3), np.float32)
    assert np.shares_memory(scratch.floats(array), array)
    assert array.flags.writeable
