"""Reading .npz files, good and bad."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.networks.mapped import mapping_of
from hwsim.networks.readers.npz import NpzReader
from tests.networks.files import npy_header, write_members, write_npz


def _read(path: Path) -> dict[str, np.ndarray]:
    return dict(NpzReader().read(path).tensors)


def _error(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        _read(path)
    return str(caught.value).replace(str(path), "FILE")


ARRAYS = {
    "a.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2),
    "half": np.array([[1.5, -2.0]], np.float16),
    "big_endian": np.array([1.0, 2.0], ">f8"),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "scalar": np.array(3),
    "empty": np.empty((0, 4), np.int8),
    "text": np.array(["x", "yz"]),
    "flags": np.array([True, False]),
}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_are_those_that_numpy_reads(tmp_path: Path, save: object) -> None:
    path = tmp_path / "w.npz"
    save(path, **ARRAYS)  # type: ignore[operator]
    found = _read(path)
    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


def test_large_headers_use_version_2(tmp_path: Path) -> None:
    content = npy_header("(2,)" + " " * 70, version=(2, 0)) + b"\0" * 8
    path = write_members(tmp_path / "w.npz", {"a.npy": content})
    np.testing.assert_array_equal(_read(path)["a"], np.zeros(2, np.float32))


@pytest.mark.parametrize("shape", ["(2**9,)", "(f(),)", "(1 < 2,)"])
def test_a_header_that_calculates_is_named_without_an_address(tmp_path: Path, shape: str) -> None:
    path = write_members(tmp_path / "w.npz", {"a.npy": npy_header(shape) + b"\0" * 8})
    assert _error(path) == (
        "FILE: not an .npz file (array 'a'), or damaged or truncated: "
        "a header that is no dictionary of plain values"
    )


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    marker = tmp_path / "executed"

    class Payload:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (marker,))  # type: ignore[return-value]

    path = write_npz(tmp_path / "w.npz", {"a.weight": np.array([Payload()], dtype=object)})
    assert _error(path) == (
        "FILE: array 'a.weight' holds pickled Python objects, which hwsim never loads; "
        "save arrays of numbers"
    )
    assert not marker.exists()


def test_not_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    path.write_bytes(b"hello")
    assert _error(path) == "FILE: not an .npz file, or damaged or truncated: File is not a zip file"


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_zip(tmp_path: Path, keep: float) -> None:
    path = write_npz(tmp_path / "w.npz", ARRAYS)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    assert _error(path) == "FILE: not an .npz file, or damaged or truncated: File is not a zip file"


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "w.npz", {"a.weight": np.zeros((4, 4), np.float32)})
    data = bytearray(path.read_bytes())
    data[150] ^= 1
    path.write_bytes(data)
    assert _error(path) == (
        "FILE: not an .npz file (array 'a.weight'), or damaged or truncated: "
        "Bad CRC-32 for file 'a.weight.npy'"
    )


TWINS = {name: np.full((4, 5), len(name), np.float32) for name in ("a", "bb", "ccc")}


def test_arrays_of_one_shape_are_told_apart(tmp_path: Path) -> None:
    arrays = TWINS | {"wide": np.ones((4, 6), np.float32), "\u00e9": np.zeros((4, 5), np.float32)}
    found = _read(write_npz(tmp_path / "w.npz", arrays))
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize(
    ("offset", "value", "problem"),
    [
        (0, b"?", "Bad magic number for file header"),
        (30, b"x", "File name in directory 'bb.npy' and header b'xb.npy' differ."),
        (30 + 6 + 20 + 60, b"9", "Bad CRC-32 for file 'bb.npy'"),
        (30 + 6 + 20 + 140, b"?", "Bad CRC-32 for file 'bb.npy'"),
    ],
)
def test_what_is_damaged_among_arrays_of_one_shape(
    tmp_path: Path, offset: int, value: bytes, problem: str
) -> None:
    path = write_npz(tmp_path / "w.npz", TWINS)
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("bb.npy").header_offset + offset
    data = bytearray(path.read_bytes())
    data[start : start + 1] = value
    path.write_bytes(data)
    assert _error(path) == (
        f"FILE: not an .npz file (array 'bb'), or damaged or truncated: {problem}"
    )


def test_names_of_another_encoding_are_read(tmp_path: Path) -> None:
    path = write_npz(tmp_path / "w.npz", {"\u00e9": np.arange(6.0)})
    data = path.read_bytes().replace("\u00e9".encode(), b"\x82\x82")
    utf_8 = (1 << 11).to_bytes(2, "little")
    path.write_bytes(
        data.replace(b"PK\x03\x04\x2d\0" + utf_8, b"PK\x03\x04\x2d\0\0\0").replace(
            b"PK\x01\x02\x2d\x03\x2d\0" + utf_8, b"PK\x01\x02\x2d\x03\x2d\0\0\0"
        )
    )
    np.testing.assert_array_equal(_read(path)["\u00e9\u00e9"], np.arange(6.0))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (npy_header("(3,)") + b"\0" * 8, "array 'a' declares 12 bytes of data, but has 8"),
        (npy_header("(1,)") + b"\0" * 8, "array 'a' declares 4 bytes of data, but has 8"),
        (
            npy_header("(-1, -2)") + b"\0" * 8,
            "not an .npz file (array 'a'), or damaged or truncated: a shape of -1x-2",
        ),
        (
            npy_header(f"({2**62}, 4)"),
            f"array 'a' declares {2**66:,} bytes of data, but has 0",
        ),
        (b"", "not an .npz file (array 'a'), or damaged or truncated"),
        (b"\x93NUMPY\x03\x00\x02\x00\x00\x00{}", "not an .npz file (array 'a'), or damaged"),
        (npy_header("(" * 5000), "not an .npz file (array 'a'), or damaged or truncated"),
        (npy_header("'x'"), "not an .npz file (array 'a'), or damaged or truncated"),
        (npy_header("(2,)", "'nonsense'"), "not an .npz file (array 'a'), or damaged"),
        (npy_header("(2,)", "'|O'") + b"\0" * 16, "array 'a' holds pickled Python objects"),
        (npy_header("(2,)", "[('x', '|O')]") + b"\0" * 16, "array 'a' holds pickled Python"),
    ],
)
def test_a_wrong_array(tmp_path: Path, content: bytes, message: str) -> None:
    error = _error(write_members(tmp_path / "w.npz", {"a.npy": content}))
    assert error.startswith(f"FILE: {message}")
    assert "\n" not in error


def test_a_zip_of_something_else(tmp_path: Path) -> None:
    path = write_members(tmp_path / "w.npz", {"readme.txt": b"hi"})
    assert _error(path) == "FILE: holds 'readme.txt', which is no array; expected an .npz file"


def test_a_pytorch_file_under_the_wrong_name(tmp_path: Path) -> None:
    path = write_members(tmp_path / "w.npz", {"archive/data.pkl": b""})
    assert _error(path) == "FILE: is a PyTorch file; rename it to end in .pt"


def test_two_arrays_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", b"")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.npy", b"")
    assert _error(path) == "FILE: holds two arrays named 'a'"


@pytest.mark.parametrize(
    ("dtype", "float_bytes"),
    [("<f4", 80_000_000), ("<f8", 160_000_000), ("<i1", 80_000_000), ("?", 80_000_000)],
)
def test_a_zip_bomb_is_refused_before_it_unpacks(
    tmp_path: Path, dtype: str, float_bytes: int
) -> None:
    path = tmp_path / "w.npz"
    np.savez_compressed(path, **{name: np.zeros((2000, 5000), dtype) for name in "ab"})
    assert _error(path) == (
        f"FILE: its arrays would take {float_bytes:,} bytes as 32-bit floats, the file has "
        f"{path.stat().st_size:,}; refused (at most 100 times the file's size, and 4,294,967,296 "
        "bytes); write it with numpy.savez, which does not compress"
    )


def test_what_it_would_take_is_read_without_unpacking(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    np.savez_compressed(path, a=np.zeros((20_000, 5000), np.int8))
    tracemalloc.start()
    try:
        assert "would take 400,000,000 bytes" in _error(path)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_well_compressed_small_network_is_read(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    np.savez_compressed(path, a=np.zeros((3000, 5000), np.float32))
    assert path.stat().st_size < 100_000
    assert _read(path)["a"].shape == (3000, 5000)


def test_an_array_that_unpacks_to_more_than_it_declares(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", npy_header("(1000,)") + bytes(4000))
    data = bytearray(path.read_bytes())
    size = archive.getinfo("a.npy").file_size.to_bytes(4, "little")
    while size in data:
        at = data.index(size)
        data[at : at + 4] = (200).to_bytes(4, "little")
    path.write_bytes(data)
    assert "damaged or truncated" in _error(path)


def test_large_arrays_are_mapped_and_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hwsim.networks.readers.npz.LEAST_MAPPED", 1000)
    monkeypatch.setattr("hwsim.networks.readers.npz._LARGE", 4000)
    rng = np.random.default_rng(0)
    arrays = {"a.weight": rng.normal(size=(20, 30)), "b": np.ones(3), "c": rng.normal(size=200)}
    path = write_npz(tmp_path / "w.npz", arrays)
    found = NpzReader().read(path).tensors
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert (mapping_of(found[name]) is not None) == (name != "b")
    assert mapping_of(found["a.weight"]) is mapping_of(found["c"])
    monkeypatch.setattr("hwsim.networks.readers.npz._LARGE", 1 << 28)
    assert mapping_of(NpzReader().read(path).tensors["c"]) is None
    monkeypatch.setattr("hwsim.networks.readers.npz._LARGE", 4000)
    content = bytearray(path.read_bytes())
    content[content.index(arrays["c"].tobytes()) + 5] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"array 'c'\), or damaged or truncated: Bad CRC-32"):
        NpzReader().read(path)
