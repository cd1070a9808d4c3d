"""Declarations of keys: what a reader looks up, what a writer writes, and what may stand there.

A :class:`Field` is one key with its spellings, its kind and its default. A :class:`Part` is the
keys of one mapping of the inputs. Readers and writers take keys from fields, and every mapping of
the inputs is checked against its part, so no key is spelled a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from hwsim.engines.timeloop.spec.section import LARGEST, Section, plain
from hwsim.plausible import VERSION, Range

T = TypeVar("T")
D = TypeVar("D")


@dataclass(frozen=True)
class Field(Generic[T]):
    """A key of the inputs, as it is written, and what holds where it is missing."""

    key: str
    #: Other spellings that are read, the best first; with the key among them they say when that is
    #: looked for.
    aliases: tuple[str, ...]
    default: T
    #: Finds the first of some keys that a section has, typed; None if it has none.
    look_up: Callable[[Section, tuple[str, ...]], Any]
    #: What may stand under the key (in each entry of a list); a callable chooses by the content.
    inside: Part | Callable[[Section], Part] | None = None
    #: Of keys that only other tools read.
    meaning: str = ""
    #: Whether the value is checked where nobody reads it, too.
    always: bool = False

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        """All of them, with underscores."""
        keys = self.aliases if self.key in self.aliases else (self.key, *self.aliases)
        return tuple(plain(key) for key in keys)

    def read(self, section: Section) -> T:
        """Look the value up, or take the default."""
        value: T | None = self.look_up(section, self.spellings)
        return self.default if value is None else value

    def given(self, section: Section) -> bool:
        """Whether a section has the key, under any of its spellings."""
        return section.get(*self.spellings) is not None

    def section(self, section: Section) -> Section:
        """Enter what stands under the key, which has to be there."""
        key = next((key for key in self.spellings if section.has(key)), plain(self.key))
        return section.section(key)

    def entry(self, value: T) -> dict[str, T]:
        """Write the value."""
        return {self.key: value}

    def entry_unless_default(self, value: T) -> dict[str, T]:
        """Write the value where readers would not come to it by themselves."""
        return {} if value == self.default else {self.key: value}


@dataclass(frozen=True)
class Part:
    """The keys of one mapping of the inputs."""

    fields: tuple[Field[Any], ...] = ()
    #: Whether other keys are names that a person gave, and what stands under each (True: what
    #: stands there is not looked at).
    named: Part | Callable[[Section], Part] | bool | None = None
    #: Whether an unknown key is refused even in files of other tools.
    closed: bool = False

    @cached_property
    def by_key(self) -> dict[str, Field[Any]]:
        """Fields by every spelling."""
        return {key: field for field in self.fields for key in field.spellings}

    def and_(self, other: Part) -> Part:
        """Take the keys of both."""
        return Part((*self.fields, *other.fields), self.named or other.named, self.closed)


def integer(
    key: str, *aliases: str, default: D, least: int = 0, most: int = LARGEST
) -> Field[int | D]:
    """Declare a whole number, and what it can be."""

    def look_up(section: Section, keys: tuple[str, ...]) -> int | None:
        return section.integer(*keys, least=least, most=most)

    return Field(key, aliases, default, look_up)


def number(key: str, *aliases: str, default: D, within: Range | None = None) -> Field[float | D]:
    """Declare a number, and what it can be."""

    def look_up(section: Section, keys: tuple[str, ...]) -> float | None:
        return section.number(*keys, within=within)

    return Field(key, aliases, default, look_up)


def version(default: D) -> Field[str | D]:
    """Declare the version of a layout: whoever reads it or not, it has to be one."""

    def look_up(section: Section, keys: tuple[str, ...]) -> str | None:
        section.number(*keys, within=VERSION)
        return section.text(*keys)

    return Field("version", (), default, look_up, always=True)


def text(key: str, *aliases: str, default: D) -> Field[str | D]:
    """Declare a text."""
    return Field(key, aliases, default, lambda section, keys: section.text(*keys))


def word(key: str, *aliases: str, default: D) -> Field[str | D]:
    """Declare a name or a word: whoever reads it or not, it is not empty."""
    return Field(key, aliases, default, lambda section, keys: section.word(*keys), always=True)


def required_text(key: str) -> Field[str]:
    """Declare a name or a word that has to be there."""
    return Field(key, (), "", lambda section, keys: section.required_text(keys[0]))


def flag(key: str, default: D) -> Field[bool | D]:
    """Declare a yes or no."""
    return Field(key, (), default, lambda section, keys: section.flag(keys[0]))


def names(key: str, *aliases: str) -> Field[list[str]]:
    """Declare a list of names; one name counts as a list of one, a missing one as empty."""
    return Field(key, aliases, [], lambda section, keys: section.names(*keys))


def anything(
    key: str, *aliases: str, inside: Part | Callable[[Section], Part] | None = None
) -> Field[Any]:
    """Declare a key whose content has a reader of its own."""
    return Field(key, aliases, None, lambda section, keys: section.get(*keys), inside)


def elsewhere(meaning: str, keys: Iterable[str]) -> tuple[Field[Any], ...]:
    """Declare keys that other tools read and that change nothing here."""
    return tuple(
        Field(key, (), None, lambda section, keys: section.get(*keys), meaning=meaning)
        for key in keys
    )
