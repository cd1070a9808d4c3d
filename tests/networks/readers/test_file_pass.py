import hashlib
import os
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.networks.readers import file_pass
from hwsim.networks.readers.file_pass import checksum, pass_over
from hwsim.networks.readers.npz import NpzReader
from hwsim.networks.readers.stored_members import Span
from hwsim.networks.readers.weight_file import check_and_hash

TELLING = file_pass._TELLING
ARRAYS = {
    name: np.arange(size, dtype=np.int64) for name, size in {"a": 700, "b": 1, "c": 5}.items()
}


@pytest.fixture
def reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Keep passes over files of any size and age, and count those that are made."""
    monkeypatch.setenv("HWSIM_NO_CACHE", "0")
    monkeypatch.setenv("HWSIM_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(file_pass, "_LARGE", 0)
    monkeypatch.setattr(file_pass, "LEAST_MAPPED", 1)
    monkeypatch.setattr(file_pass, "_SETTLED_S", -1.0)
    monkeypatch.setattr(file_pass, "_PIECE", 100)
    monkeypatch.setattr(file_pass, "_TELLING", (file_pass._system_of(tmp_path.stat().st_dev),))
    counted: list[int] = []
    read = file_pass._read
    monkeypatch.setattr(file_pass, "_read", lambda *given: counted.append(1) or read(*given))
    file_pass._found.clear()
    yield counted
    file_pass._found.clear()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    np.savez(tmp_path / "w.npz", **ARRAYS)
    return tmp_path / "w.npz"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("piece", [1, 7, 100, 1 << 20])
def test_one_pass_finds_the_hash_and_all_checksums(
    path: Path, reads: list[int], monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(file_pass, "_PIECE", piece)
    found = pass_over(path)
    assert found.sha256 == sha256(path)
    with zipfile.ZipFile(path) as archive:
        assert [*found.checksums.values()] == [each.CRC for each in archive.infolist()]
    content = path.read_bytes()
    for span, crc in found.checksums.items():
        assert zlib.crc32(content[span.start : span.end]) == crc == checksum(path, span)
    assert checksum(path, Span(3, 250)) == zlib.crc32(content[3:250])
    assert checksum(path, Span(3, 10**9)) == zlib.crc32(content[3:])


def test_a_file_is_read_once_in_many_processes(path: Path, reads: list[int]) -> None:
    first = pass_over(path)
    assert pass_over(path) == first
    file_pass._found.clear()  # as in another process
    assert pass_over(path) == first
    assert reads == [1]
    [kept] = file_pass.KEPT_PASSES.files()
    kept.path.write_bytes(b"damaged")
    file_pass._found.clear()
    assert pass_over(path) == first
    assert reads == [1, 1]


def test_every_change_is_seen(path: Path, reads: list[int]) -> None:
    pass_over(path)
    state = path.stat()
    for change in (_flip, _replaced, _through_a_mapping):
        change(path)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        assert path.stat().st_size == state.st_size
        assert pass_over(path).sha256 == sha256(path)
        file_pass._found.clear()
        assert check_and_hash(path) == sha256(path)
    assert len(reads) == 4


def _flip(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"?")


def _replaced(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:-1] + b"!")


def _through_a_mapping(path: Path) -> None:
    np.memmap(path, np.uint8, "r+")[-1] = 7


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="how Linux writes pages out")
def test_what_a_mapping_writes_after_the_pass_is_seen(path: Path, reads: list[int]) -> None:
    if file_pass._system_of(path.stat().st_dev) not in TELLING:
        pytest.skip("temporary files are on a file system that tells no writes through mappings")
    mapped = np.memmap(path, np.uint8, "r+")
    mapped[-1] = 1  # the page is to be written, and its file's time is set
    pass_over(path)
    mapped[-1] = 2
    assert pass_over(path).sha256 == sha256(path)


@pytest.mark.parametrize(("large", "settled"), [(10**9, -1.0), (0, 3600.0)])
def test_nothing_is_kept_of_small_and_of_new_files(
    path: Path,
    reads: list[int],
    monkeypatch: pytest.MonkeyPatch,
    large: int,
    settled: float,
) -> None:
    monkeypatch.setattr(file_pass, "_LARGE", large)
    monkeypatch.setattr(file_pass, "_SETTLED_S", settled)
    assert pass_over(path) == pass_over(path)
    assert reads == [1, 1]
    assert not [*file_pass.KEPT_PASSES.files()]


def test_nothing_is_kept_where_a_file_changes_meanwhile(
    path: Path, reads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = file_pass._read
    monkeypatch.setattr(file_pass, "_read", lambda *given: (_flip(path), read(*given))[1])
    pass_over(path)
    assert not file_pass._found
    assert not [*file_pass.KEPT_PASSES.files()]


def test_nothing_is_kept_where_systems_tell_less(
    path: Path, reads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_pass, "_system_of", lambda _: "tmpfs")
    assert pass_over(path) == pass_over(path)
    assert reads == [1, 1]


def test_the_file_system_is_found_by_its_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = (
        "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw\n23 22 0:21 / /dev - tmpfs t rw\n"
    )
    monkeypatch.setattr(file_pass, "_MOUNTS", tmp_path / "mountinfo")
    assert file_pass._system_of(os.makedev(254, 0)) is None
    (tmp_path / "mountinfo").write_text(mounts)
    assert file_pass._system_of(os.makedev(254, 0)) == "ext4"
    assert file_pass._system_of(os.makedev(0, 21)) == "tmpfs"
    assert file_pass._system_of(os.makedev(22, 1)) is None


def test_a_file_that_is_no_zip_has_no_checksums(tmp_path: Path, reads: list[int]) -> None:
    (tmp_path / "w").write_bytes(b"PK weights")
    assert pass_over(tmp_path / "w").checksums == {}


def test_a_wrong_checksum_is_refused_again(
    path: Path, reads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hwsim.networks.readers.npz.LEAST_MAPPED", 1000)
    monkeypatch.setattr("hwsim.networks.readers.npz._LARGE", 4000)
    content = bytearray(path.read_bytes())
    content[content.index(ARRAYS["a"].tobytes()) + 5] ^= 1
    path.write_bytes(content)
    for _ in range(2):
        check_and_hash(path)
        with pytest.raises(InputError, match=r"Bad CRC-32 for file 'a.npy'"):
            NpzReader().read(path)
    assert reads == [1]
