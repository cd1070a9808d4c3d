"""Names made of contents: equal for equal contents, pinned, so that stores stay readable."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.content_key import array_key, content_key, file_key


@dataclass(frozen=True)
class Point:
    x: int
    y: float


@dataclass(frozen=True)
class Place:
    x: int
    y: float


@dataclass(frozen=True)
class Remembering:
    x: int
    known: dict[str, int] = field(default_factory=dict, compare=False)


def test_what_is_remembered_is_no_content() -> None:
    new, used = Remembering(1), Remembering(1, {"asked": 3})
    assert new == used
    assert content_key("task 1", new) == content_key("task 1", used)
    assert content_key("task 1", new) != content_key("task 1", Remembering(2))


def test_keys_are_pinned() -> None:
    """A change makes every result that anybody keeps unknown: raise the version of a kind."""
    assert content_key("task 1", "a", 1, 2.5, None, True) == "fdffe9a2eb85b818a8292d88a263ceb2"
    assert content_key("task 1", {"b": (1, 2), "a": Point(1, 0.5)}) == (
        "d128c2cced3a1b90c1294a04607554fb"
    )
    assert array_key(np.arange(6, dtype=np.float32).reshape(2, 3)) == (
        "b1e17aa0cb0aa40d1016c57bf28c37eb"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((1,), (2,)),
        ((1,), ("1",)),
        ((1,), (1.0,)),
        ((1,), (True,)),
        ((0,), (None,)),
        (("ab", "c"), ("a", "bc")),
        (((1, 2), 3), (1, (2, 3))),
        (((),), (None,)),
        (({"a": 1},), ({"a": 2},)),
        (({"a": 1},), ({"b": 1},)),
        ((Point(1, 2.0),), (Point(2, 2.0),)),
        ((Point(1, 2.0),), (Place(1, 2.0),)),
        ((Point(1, 2.0),), ({"x": 1, "y": 2.0},)),
        (({1, 2},), ((1, 2),)),
        (({1, 2},), ({1, 3},)),
        ((np.array([1, 2]),), ((1, 2),)),
        ((np.array([1, 2]),), (np.array([[1, 2]]),)),
    ],
)
def test_other_contents_have_other_names(one: tuple[object], other: tuple[object]) -> None:
    assert content_key("k", *one) != content_key("k", *other)


def test_another_kind_is_another_name() -> None:
    assert content_key("task 1", "a") != content_key("task 2", "a")


def test_order_and_types_of_containers_and_numpys_numbers_are_no_contents() -> None:
    assert content_key("k", {"a": 1, "b": 2}) == content_key("k", {"b": 2, "a": 1})
    assert content_key("k", {3, 1, 2}) == content_key("k", frozenset([2, 1, 3]))
    assert content_key("k", [1, 2]) == content_key("k", (1, 2))
    assert content_key("k", np.int64(3), np.float64(0.5), np.bool_(True)) == (
        content_key("k", 3, 0.5, True)
    )


@pytest.mark.parametrize("part", [object(), {object()}, b"x", Point, Path("x"), [object()]])
def test_contents_that_are_not_known_are_refused(part: object) -> None:
    with pytest.raises(TypeError, match="no content is known of"):
        content_key("k", part)


@given(st.lists(st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text()))
def test_a_name_is_32_digits_and_comes_again(parts: list[object]) -> None:
    key = content_key("k", *parts)
    assert len(key) == 32
    assert int(key, 16) >= 0
    assert key == content_key("k", *list(parts))


def test_arrays_are_named_by_type_shape_and_values() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    key = array_key(array)
    assert array_key(array.copy()) == key
    assert array_key(np.asfortranarray(array)) == key  # however they lie in memory
    assert array_key(array[:, ::-1][:, ::-1]) == key
    assert array_key(array.astype(">f4")) == key
    changed = array.copy()
    changed[1, 2] += 1e-6
    others = [
        array.reshape(3, 2),
        array.astype(np.float64),
        array.view(np.int32),
        changed,
        array[:1],
    ]
    assert len({key, *map(array_key, others)}) == 6


def test_one_value_for_all_is_read_once() -> None:
    one = np.broadcast_to(np.float32(0.5), (1 << 20, 1 << 20))  # terabytes, were it read
    assert len(array_key(one)) == 32
    assert array_key(one) != array_key(np.broadcast_to(np.float32(0.25), (1 << 20, 1 << 20)))
    assert array_key(one) != array_key(np.broadcast_to(np.float32(0.5), (1 << 20, 1 << 19)))
    row = np.broadcast_to(np.array([1, 2], np.float32), (3, 2))
    other = np.broadcast_to(np.array([1, 3], np.float32), (3, 2))
    assert array_key(row) != array_key(other)


def test_arrays_of_one_value_and_of_none() -> None:
    assert array_key(np.array([1.0])) != array_key(np.array([2.0]))
    assert array_key(np.zeros((0, 3))) != array_key(np.zeros((3, 0)))
    assert array_key(np.array(1.0)) != array_key(np.array([1.0]))


def test_files_are_named_by_what_is_in_them(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b"program")
    other.write_bytes(b"program")
    key = file_key(one)
    assert len(key) == 32
    assert file_key(other) == key
    other.write_bytes(b"PROGRAM")  # of one length
    os.utime(other, ns=(1, 1))
    assert file_key(other) != key
    one.write_bytes(b"program 2")
    assert file_key(one) != key
    with pytest.raises(FileNotFoundError):
        file_key(tmp_path / "none")


def test_a_file_is_read_once_while_it_stays(tmp_path: Path) -> None:
    file = tmp_path / "one"
    file.write_bytes(b"program")
    os.utime(file, ns=(5, 5))
    key = file_key(file)
    file.write_bytes(b"PROGRAM")
    os.utime(file, ns=(5, 5))
    assert file_key(file) == key  # nothing shows that it changed
    os.utime(file, ns=(6, 6))
    assert file_key(file) != key
