from __future__ import annotations

import math
import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.studies import columns
from hwsim.studies.columns import Coded, Columns, Deferred, distinct, one_kind, over, sums

NAN = float("nan")
KEYED = st.lists(
    st.tuples(st.sampled_from("bac"), st.one_of(st.just(NAN), st.floats(0, 1e9))), min_size=1
)


@given(KEYED, st.booleans(), st.booleans())
def test_sums_are_those_of_pandas_to_the_last_bit(rows, neighbours, ascending):
    if neighbours:
        rows = sorted(rows, key=lambda row: row[0])
    table = pd.DataFrame(rows, columns=["key", "value"])
    expected = table.groupby("key", sort=ascending)["value"].sum(min_count=1)
    found = sums(table["key"], table["value"].tolist(), in_order=ascending)
    assert list(found) == distinct(table["key"])
    # Older ones sum neighbours otherwise.
    exact = 0 if pd.__version__ >= "3.1" else 1e-12
    for key, value in found.items():
        assert value == pytest.approx(expected[key], rel=exact, abs=0, nan_ok=True)


def test_small_values_beside_a_large_one_are_not_lost():
    values = [1e16, *[1.0] * 10]
    assert sums(["a"] * 11, values, compensated=True) == {"a": 1e16 + 10}
    assert sums(["a"] * 11, [10**16, *[1] * 10]) == {"a": 10**16 + 10}
    assert type(sums(["a"], [1])["a"]) is int


def test_sums_that_are_kept_are_few_and_of_the_very_numbers(monkeypatch):
    monkeypatch.setattr(columns, "_MOST_SUMS", 3)
    for start in (0.0, 2.0, 4.0, 6.0, 2.0):
        values = [start, 1e16, *[1.0] * 10]
        assert sums(["a"] * 12, values, compensated=True) == {"a": 1e16 + 10 + start}
        assert len(columns._sums_of_late) <= 3


def test_keys_are_those_of_the_groups():
    table = Columns({"a": [2, 1, 2], "b": list("xyx")})
    assert table.keys("a", "b") == table.groups("a", "b").keys == [(2, "x"), (1, "y")]
    assert table.keys("a") is table.keys("a")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], [1, 2]),
        ([1, 2.0], [1.0, 2.0]),
        ([np.int64(1), 2], [1, 2]),
        (["a", 2], ["a", 2]),
        ([True, False], [True, False]),
    ],
)
def test_a_column_has_one_kind_of_number(values, kind):
    found = one_kind(values)
    assert found == kind
    assert list(map(type, found)) == list(map(type, kind))


def test_a_gap_makes_floats_of_whole_numbers():
    gap, whole = one_kind([None, 3])
    assert math.isnan(gap)
    assert (whole, type(whole)) == (3.0, float)


def test_nothing_is_divided_by_without_an_error():
    assert over(3, 2) == 1.5
    assert (over(3, 0), over(-3, 0)) == (math.inf, -math.inf)
    assert math.isnan(over(0, 0))
    assert math.isnan(over(NAN, 0))


def test_rows_are_kept_taken_and_given_names():
    table = Columns.of_rows([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}])
    assert len(table) == 2
    assert "a" in table
    assert "c" not in table
    assert list(table.rows("b", "a")) == [("x", 1), ("y", 2)]
    assert table.where("a", (2).__eq__).records() == [{"a": 2, "b": "y"}]
    assert table.with_columns(c=[3, 4])["c"] == [3, 4]
    assert Columns.of(table) is table
    assert Columns.of(table.frame()).records() == table.records()
    assert list(Columns.of_rows([], ("a",)).frame()) == ["a"]
    assert len(Columns({})) == 0


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from([1, 2]), st.floats(0, 9))))
def test_columns_of_arrays_and_codes_are_columns_of_values(rows):
    text, number, energy = ([*column] for column in zip(*rows, strict=True)) if rows else ([],) * 3
    codes = np.arange(len(rows))[::-1]  # every value by itself, the last one first
    plain = Columns({"text": text, "number": number, "energy": energy})
    coded = Columns(
        {
            "text": Coded(codes, text[::-1]),
            "number": Coded(codes, number[::-1]),
            "energy": np.array(energy, dtype=float),
        }
    )
    assert len(coded) == len(plain)
    assert coded.records() == plain.records()
    assert coded.distinct("text") == plain.distinct("text") == distinct(text)
    kept = coded.where("text", "xy".__contains__)
    assert kept.records() == [row for row in plain.records() if row["text"] in "xy"]
    for names in (("text",), ("number", "text")):
        groups = plain.groups(*names)
        assert coded.groups(*names).keys == groups.keys == distinct(plain.rows(*names))
        assert [groups.keys[n] for n in groups.numbers] == list(plain.rows(*names))
        expected = sums(plain.rows(*names), energy)
        assert sums(coded.groups(*names), coded.floats("energy")) == expected
    assert coded.floats("number").tolist() == number
    if rows:
        pd.testing.assert_frame_equal(coded.frame(), plain.frame())


def test_groups_are_merged_by_a_key_of_theirs():
    table = Columns({"unit": ["A", "B", "A", "C"], "energy": [1.0, 2.0, 4.0, 8.0]})
    groups = table.groups("unit").merged(lambda unit: "A" if unit == "A" else "other")
    assert sums(groups, table["energy"]) == {"A": 5.0, "other": 10.0}


@pytest.mark.parametrize("size", [1, 7, 5000])
def test_groups_that_come_late_are_found(size, monkeypatch):
    rng = np.random.default_rng(size)
    numbers = np.minimum(rng.integers(0, size, 40_000), np.arange(40_000) // 100)
    found = columns._first_places(numbers.astype(np.intp), size + 1)
    expected = [int(np.argmax(numbers == n)) if (numbers == n).any() else 40_000 for n in range(3)]
    assert found[: min(3, size + 1)].tolist() == expected[: size + 1]
    values, first = np.unique(numbers, return_index=True)
    assert found[values].tolist() == first.tolist()
    assert found[size] == 40_000
    assert len(columns._first_places(numbers[:0].astype(np.intp), 1)) == 1


def test_nothing_but_zeros_adds_up_to_zero():
    assert sums([1, 2, 1, 3], [0.0, math.nan, -0.0, 1.5]) == {
        1: 0.0,
        2: pytest.approx(math.nan, nan_ok=True),
        3: 1.5,
    }


def test_columns_that_share_their_codes_are_grouped_as_others_are():
    codes, others = np.array([2, 0, 2, 1, 0]), np.array([0, 1, 0, 1, 0])
    shared = {"unit": Coded(codes, ["A", "B", "A"]), "action": Coded(codes, ["x", "y", "x"])}
    table = Columns({**shared, "scheme": Coded(others, ["dense", "sb"])})
    names = ("unit", "scheme", "action")
    plain = Columns({name: table[name] for name in names})
    found, expected = table.groups(*names), plain.groups(*names)
    assert found.keys == expected.keys
    assert found.numbers.tolist() == expected.numbers.tolist()
    for either in (table, plain):
        assert either.made("{}.{}".format, "unit", "action").tolist() == [
            "A.x",
            "A.x",
            "A.x",
            "B.y",
            "A.x",
        ]


def test_a_column_is_made_when_it_is_asked_for_and_once():
    asked = []

    def column(name):
        asked.append(name)
        return [1, 2, 3]

    table = Columns(Deferred({"a": [1, 2, 1], **{n: partial(column, n) for n in "bc"}}))
    kept = table.where("a", (1).__eq__)
    assert (len(table), len(kept), list(kept.by_name), asked) == (3, 2, ["a", "b", "c"], [])
    assert (kept["b"], kept["b"], table["b"], asked) == ([1, 3], [1, 3], [1, 2, 3], ["b"])
    assert pickle.loads(pickle.dumps(kept)).records() == kept.records()


def test_whole_numbers_of_an_array_stay_whole():
    table = Columns({"key": ["a", "b", "a"], "cycles": np.array([2**39, 1, 2**39])})
    found = sums(table.groups("key"), table.numbers("cycles"))
    assert found == {("a",): 2**40, ("b",): 1}
    assert set(map(type, found.values())) == {int}
