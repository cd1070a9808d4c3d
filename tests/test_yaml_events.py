"""YAML read on libyaml's events is what PyYAML itself reads, and ends where that ends."""

import pytest
import yaml

from hwsim.arch import list_archs
from hwsim.shipped import shipped_folder
from hwsim.yaml_events import EventLoader

ODD = (
    "a: [1, 0x1F, 1_000, .5, -.inf, ~, yes, 'x: y', \"\\u00e9\\n\"]\nb: {c: 2026-11-28}",
    "x: &anchor {k: 1}\ny: *anchor\nz: {<<: *anchor, l: 2}",
    "folded: >\n  one\n  two\nliteral: |+\n  three\n\n? complex\n: value",
    "!!binary aGk=",
    "",
)


@pytest.mark.parametrize("text", ODD)
def test_odd_texts(text: str) -> None:
    assert yaml.load(text, EventLoader) == yaml.load(text, yaml.SafeLoader)


def test_numbers_to_base_60_are_text() -> None:
    assert yaml.load("[12:30, 190:20:30, 1:30.5]", EventLoader) == ["12:30", "190:20:30", "1:30.5"]


@pytest.mark.parametrize("name", list_archs())
def test_shipped_specs(name: str) -> None:
    text = (shipped_folder("arch_specs") / f"{name}.yaml").read_text(encoding="utf-8")
    mine, theirs = (loader(text).get_single_node() for loader in (EventLoader, yaml.SafeLoader))
    assert places(mine) == places(theirs)


def places(node: yaml.Node) -> list[object]:
    """Tag, value and line of every part of a text."""
    here = [node.tag, node.start_mark.line]
    if isinstance(node, yaml.ScalarNode):
        return [*here, node.value]
    parts = [part for each in node.value for part in (each if isinstance(each, tuple) else (each,))]
    return [*here, *(places(part) for part in parts)]


@pytest.mark.parametrize("text", ["- " * 100_000, "{a: " * 100_000, "[" * 100_000])
def test_nesting_without_end_is_an_error(text: str) -> None:
    with pytest.raises((yaml.YAMLError, RecursionError)):
        yaml.load(text, EventLoader)


def test_no_tag_makes_a_python_object() -> None:
    with pytest.raises(yaml.YAMLError):
        yaml.load("!!python/object/apply:os.system ['true']", EventLoader)
