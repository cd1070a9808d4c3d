"""Options: choices of a machine that are names and no numbers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hwsim.arch import Arch, load_arch
from hwsim.errors import InputError

SPEC = """\
schema: 1
name: tiny
title: a tiny machine
source: the tests
engine: sigma
energy_table: stonne
parameters:
  lanes: {value: 4, unit: multipliers, minimum: 1, maximum: 64, meaning: parallel multipliers}
options:
  wiring: {value: ring, choices: [ring, star], meaning: how lanes are wired}
components: []
"""


def write(folder: Path, text: str = SPEC, name: str = "tiny.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_an_option_is_what_the_spec_says_until_it_is_set(tmp_path: Path) -> None:
    path = write(tmp_path)
    plain, starred = load_arch(path), load_arch(path, {"wiring": "star", "lanes": 8})
    assert plain.options == {"wiring": "ring"}
    assert starred.options == {"wiring": "star"}
    assert starred.parameters == {"lanes": 8}
    assert starred.label == "tiny (wiring=star, lanes=8)"
    assert starred.spec.options["wiring"].constraint == "ring or star"


def test_options_are_inherited_and_travel(tmp_path: Path) -> None:
    write(tmp_path)
    heir = write(
        tmp_path, "schema: 1\nextends: ./tiny.yaml\noptions: {wiring: {value: star}}\n", "heir.yaml"
    )
    arch = load_arch(heir)
    assert arch.options == {"wiring": "star"}
    copy = Arch.from_bytes(load_arch(heir, {"wiring": "ring"}).to_bytes())
    assert copy.options == {"wiring": "ring"}


def test_an_option_is_part_of_the_fingerprint(tmp_path: Path) -> None:
    path = write(tmp_path)
    plain = load_arch(path)
    assert plain.fingerprint() == load_arch(path, {"wiring": "ring"}).fingerprint()
    assert plain.fingerprint() != load_arch(path, {"wiring": "star"}).fingerprint()


@pytest.mark.parametrize("value", ["rings", 1, None])
def test_what_is_no_choice_is_refused(tmp_path: Path, value: object) -> None:
    message = f"arch 'tiny': wiring must be ring or star. Got {value!r}"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        load_arch(write(tmp_path), {"wiring": value})


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("value: ring", "value: bus", ", line 10: wiring must be ring or star. Got 'bus'"),
        (
            "choices: [ring, star]",
            "choices: []",
            ", line 10: options.wiring.choices: List should have",
        ),
        ("wiring:", "Wiring:", ", line 10: options.Wiring: a name should be lower-case letters"),
        ("wiring:", "lanes:", ": option 'lanes' bears the name of another setting"),
        ("wiring:", "node:", ": option 'node' bears the name of another setting"),
    ],
)
def test_a_fault_of_the_file_is_told_with_its_line(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    path = write(tmp_path, SPEC.replace(before, after))
    with pytest.raises(InputError, match=f"^{re.escape(str(path) + message)}"):
        load_arch(path)


def test_an_engine_reads_the_choices_that_it_knows(tmp_path: Path) -> None:
    arch = load_arch(write(tmp_path), {"wiring": "star"})
    assert arch.option("wiring", ("ring", "star")) == "star"
    assert arch.option("colour", ("grey", "red")) == "grey"  # the spec leaves no choice
    with pytest.raises(InputError) as refusal:
        arch.option("wiring", ("ring", "bus"))
    assert str(refusal.value) == (
        f"{arch.path}, line 10: wiring must be ring or bus on this machine. Got 'star'"
    )


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ({"wiring": ("ring", "star", "bus")}, None),
        (
            {"wirring": ("ring", "star")},
            "tiny.yaml, line 10: engine 'sigma' has no option 'wiring'; did you mean 'wirring'?",
        ),
        ({}, "tiny.yaml, line 10: engine 'sigma' has no option 'wiring'; it has none"),
        (
            {"wiring": ("ring", "stars")},
            "tiny.yaml, line 10: wiring of engine 'sigma' cannot be 'star'; did you mean 'stars'?",
        ),
    ],
)
def test_what_an_engine_does_not_know_is_refused(tmp_path, known, message) -> None:
    arch = load_arch(write(tmp_path))
    if message is None:
        arch.refuse_idle_options(known)
        return
    with pytest.raises(InputError) as refused:
        arch.refuse_idle_options(known)
    assert str(refused.value).endswith(message)


def test_a_parameter_that_nothing_uses_can_stand_and_not_be_set(tmp_path: Path) -> None:
    cats = "cats: {value: 1, unit: u, minimum: 1, maximum: 9, meaning: m}"
    path = write(tmp_path, SPEC.replace("lanes:", f"{cats}\n  lanes:"))
    load_arch(path).refuse_idle(["lanes"])
    with pytest.raises(InputError) as refused:
        load_arch(path, {"cats": 2}).refuse_idle(["lanes"])
    assert str(refused.value) == (
        "arch 'tiny': cats=2 changes nothing: the engine 'sigma' does not use it here; leave it out"
    )
    path.write_text(path.read_text().replace("lanes: {value: 4", "lanes: {value: cats + cats"))
    load_arch(path, {"cats": 2}).refuse_idle(["lanes"])
