"""Typed look-ups, and the words with which they refuse."""

import re

import numpy as np
import pytest

from hwsim.engines.timeloop.spec import read_inputs
from hwsim.engines.timeloop.spec.section import Origin, Section
from hwsim.errors import InputError
from hwsim.plausible import Range


def section(data, **variables):
    where = Origin(lambda key: f"at {len(key)}", variables)
    return Section(data, ("part", 3), where)


def refusal(call, *given, **more):
    with pytest.raises(InputError) as refused:
        call(*given, **more)
    return str(refused.value).partition(": part[3]")[2]


def test_the_place_is_named_with_indices_and_keys():
    deep = section({"a-b": {"c": [{}, {"d": 1}]}})
    with pytest.raises(InputError) as refused:
        next(iter(deep.section("a_b").section("c").items())).section("d")
    assert str(refused.value) == "at 5: part[3].a-b.c[0]: missing; 'd' is required here"
    assert str(deep.error("no")) == "at 2: part[3]: no"
    assert str(deep.error("no", "a_b")) == "at 3: part[3].a-b: no"
    assert str(deep.error("no", 7)) == "at 3: part[3][7]: no"
    assert str(deep.error_at("c", "no")) == "at 3: part[3]: no"
    assert str(Section({}, (), deep.origin).error("no")) == "at 0: no"
    assert str(Section({}, (4,), deep.origin).error("no")) == "at 1: [4]: no"


def test_an_empty_value_is_no_value():
    given = section({"a": None, "b-c": 0, 7: "x"})
    assert [given.has(key) for key in ("a", "b_c", "7", "d")] == [False, True, True, False]
    assert (given.get("a", "b_c"), given.get("a")) == (0, None)
    assert given.names_inside() == ["a", "b-c", "7"]
    assert [(name, part.data, part.key[-1]) for name, part in given.parts()] == [
        ("a", None, "a"), ("b-c", 0, "b-c"), ("7", "x", "7"),
    ]  # fmt: skip
    listed = section([1])
    assert (listed.is_mapping, listed.has("a"), listed.get("a")) == (False, False, None)
    assert (listed.names_inside(), list(listed.parts())) == ([], [])
    assert section({}).is_mapping


def test_what_is_missing_is_guessed_among_what_is_there():
    assert refusal(section({"depht": 1}).section, "depth") == (
        ": missing; 'depth' is required here; did you mean 'depht'?"
    )
    assert refusal(section([]).section, "depth") == ": missing; 'depth' is required here"
    assert refusal(section({"name": None}).required_text, "name") == (
        ": missing; 'name' is required here; did you mean 'name'?"
    )
    assert refusal(lambda: list(section({"a": 1}).items())) == (
        ": expected a list. Got keys and values"
    )


def test_numbers():
    given = section({"a": 3, "b": "a * 2", "c": "rows", "d": np.float64(0.5), "rows": 1}, rows=7)
    assert [given.number(key) for key in "abcd"] == [3, 6, 7, 0.5]
    assert (given.number("x", "b"), given.number("x")) == (6, None)
    assert given.number("a", within=Range(3, 9)) == 3
    assert refusal(given.number, "a", within=Range(3.5, 9)) == ".a: expected 3.5 or more. Got 3"
    for wrong in (True, "x + 1", [1]):
        assert ": expected a number. Got " in refusal(section({"a": wrong}).number, "a")
    for endless in (10**400, "inf", "nan", float("inf")):
        shown = "a number of more than 40 digits" if endless == 10**400 else repr(endless)
        found = refusal(section({"a": endless}).number, "a")
        assert found == f".a: expected a finite number. Got {shown}"


def test_whole_numbers():
    given = section({"a": 2**53, "c": "2 ** 53 + 2", "d": 2.0, "e": 2.5, "f": 0})
    assert (given.integer("a"), given.integer("d"), given.integer("f")) == (2**53, 2, 0)
    assert type(given.integer("d")) is int
    assert (given.integer("x", "d"), given.integer("x"), given.integer("f", least=-1)) == (
        2,
        None,
        0,
    )
    most = "expected a whole number, 2^53 at most. Got"
    assert refusal(given.integer, "c") == f".c: {most} '2 ** 53 + 2'"
    assert refusal(given.integer, "e") == ".e: expected a whole number, 0 or more. Got 2.5"
    assert refusal(given.integer, "f", least=1) == ".f: expected a whole number, 1 or more. Got 0"
    assert refusal(section({"a": 2**53 + 1}).integer, "a") == f".a: {most} {2**53 + 1}"
    assert section({"a": "2 ** 53"}).integer("a") == 2**53
    assert section({"a": "4"}).integer("a", least=4) == 4


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        *((word, True) for word in (True, "true", " Yes ", "on", 1)),
        *((word, False) for word in (False, "FALSE", "no", "off", 0)),
        (None, None),
    ],
)
def test_flags(said, meant):
    assert section({"a": said}).flag("a") is meant


def test_flags_are_yes_or_no():
    assert refusal(section({"a": 2}).flag, "a") == ".a: expected true or false. Got 2"


def test_texts_and_lists_of_names():
    given = section({"a": "one", "b": ["x", 2], "c": 3, "d": {}})
    assert (given.text("a"), given.text("c"), given.text("x")) == ("one", "3", None)
    assert refusal(given.text, "b") == ".b: expected text. Got a list"
    # Of several spellings the one that stands in the file.
    assert refusal(given.text, "x", "d") == ".d: expected text. Got keys and values"
    assert refusal(given.names, "x", "c") == ".c: expected a list of names. Got 3"
    assert refusal(section({"y-z": " "}).word, "x", "y_z") == (
        ".y-z: expected a name or a word. Got ' '"
    )
    assert str(given.error("no", "x", "d")) == "at 3: part[3].d: no"
    assert str(given.error("no", "x", "y")) == "at 3: part[3].x: no"
    assert (given.names("a"), given.names("b"), given.names("x")) == (["one"], ["x", "2"], [])
    assert refusal(given.names, "c") == ".c: expected a list of names. Got 3"
    assert refusal(section({"a": " "}).word, "a") == ".a: expected a name or a word. Got ' '"
    assert (given.word("a"), given.word("x", "c"), given.word("x")) == ("one", "3", None)
    assert (given.required_text("a"), given.names("x", "b")) == ("one", ["x", "2"])


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x" * 198, "'" + "x" * 198 + "'"),
        ("x" * 199, "'" + "x" * 199 + "..."),
        (10**40, "1" + "0" * 40),
        (-(10**40), "-1" + "0" * 40),
        (10**40 + 1, "a number of more than 40 digits"),
        (-(10**40) - 1, "a number of more than 40 digits"),
    ],
)
def test_what_is_long_is_shown_in_part(value, shown):
    assert refusal(section({"a": value}).flag, "a") == f".a: expected true or false. Got {shown}"


def test_keys_that_the_program_loses_are_lost():
    given = section({"payload-word-bits": 3, "network-word-bits": 3, "word-bits": 3})
    assert [given.get(key) for key in ("payload_word_bits", "network_word_bits")] == [None, None]
    assert given.get("word_bits") == 3
    assert section({"payload_word_bits": 3}).get("payload_word_bits") == 3


def test_inputs_without_a_file_are_called_inputs():
    with pytest.raises(InputError, match=re.escape("inputs: problem: missing; 'shape'")):
        read_inputs({"problem": {}}).section("problem").section("shape")
