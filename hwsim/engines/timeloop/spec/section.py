"""Parts of Timeloop's inputs: typed look-ups that say file, line and key when something is wrong.

Hyphens and underscores in keys are the same; numbers may be written as text, name an entry of the
inputs' ``variables`` or a neighbour, or be sums and products of such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from hwsim.engines.timeloop.spec._arithmetic import number_of
from hwsim.errors import InputError, did_you_mean
from hwsim.plausible import Range

Key = tuple[str | int, ...]

#: The program rewrites hyphens in its input texts by a list in which ``word_bits`` comes before
#: these two, so that it ends with ``payload-word_bits``, which nobody reads: the value is lost.
#: Results are only equal if it is lost here, too. With underscores it counts.
_LOST_WITH_HYPHENS = frozenset({"payload-word-bits", "network-word-bits"})
#: Up to here every whole number is exact in double precision, in which energies are added up.
LARGEST: Final = 2**53


@dataclass(frozen=True)
class Origin:
    """Where the inputs come from.

    Parameters
    ----------
    place : callable
        Words the place of a key, e.g. ``"arch.yaml, line 12"``.
    variables : mapping
        Named values that stand for numbers.
    closed : bool
        Whether they are hwsim's own, so that every key has to be known.
    unknown : dict of str to tuple
        Keys that were not known and left alone, and where each stands first.
    folder : callable
        Finds the folder of the file that has a key; None of what is in no file.
    """

    place: Callable[[Key], str]
    variables: Mapping[str, Any] = field(default_factory=dict)
    closed: bool = False
    unknown: dict[str, Key] = field(default_factory=dict)
    folder: Callable[[Key], Path | None] = lambda key: None


def plain(key: str) -> str:
    """Spell a key or keyword with underscores."""
    return key.replace("-", "_")


class Section:
    """A mapping or a list of the inputs.

    Parameters
    ----------
    data : object
        Its content.
    key : tuple
        Where it stands.
    origin : Origin
        Of the inputs.
    """

    __slots__ = ("_names", "data", "key", "origin")

    def __init__(self, data: Any, key: Key, origin: Origin) -> None:
        self.data = data
        self.key = key
        self.origin = origin
        self._names: dict[str, str] | None = None

    def error(self, problem: str, *keys: str | int) -> InputError:
        """Word a problem with the section, or with the first of some keys that is there."""
        whole = (*self.key, self._spelled(*keys)) if keys else self.key
        return self._worded(problem, whole, whole)

    def error_at(self, key: str, problem: str) -> InputError:
        """Word a problem of the section that lies in the line of one of its keys."""
        return self._worded(problem, self.key, (*self.key, key))

    def _worded(self, problem: str, named: Key, shown: Key) -> InputError:
        name = ""
        for part in named:
            name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
        place = self.origin.place(shown)
        return InputError(f"{place}: {name}: {problem}" if name else f"{place}: {problem}")

    def _spelled(self, *keys: str | int) -> str | int:
        """Find how the first of some keys that is there is written; else name the first of all."""
        if isinstance(self.data, dict):
            for key in keys:
                if isinstance(key, str) and self.has(plain(key)):
                    return self._index[plain(key)]
            if isinstance(keys[0], str):
                return self._index.get(plain(keys[0]), keys[0])
        return keys[0]

    @property
    def _index(self) -> dict[str, str]:
        if self._names is None:
            names = {plain(str(key)): key for key in self.data}
            self._names = {k: key for k, key in names.items() if key not in _LOST_WITH_HYPHENS}
        return self._names

    @property
    def is_mapping(self) -> bool:
        """Whether it has keys."""
        return isinstance(self.data, dict)

    def names_inside(self) -> list[str]:
        """Its keys, as they are spelled."""
        return [str(key) for key in self.data] if isinstance(self.data, dict) else []

    def has(self, key: str) -> bool:
        """Whether a key is there (an empty value is no value)."""
        if not isinstance(self.data, dict):
            return False
        spelled = self._index.get(key)
        return spelled is not None and self.data[spelled] is not None

    def get(self, *keys: str) -> Any:
        """Look up the value of the first of these keys that is there, else None."""
        if isinstance(self.data, dict):
            index = self._index
            for key in keys:
                spelled = index.get(key)
                if spelled is not None and self.data[spelled] is not None:
                    return self.data[spelled]
        return None

    def section(self, key: str) -> Section:
        """Enter the mapping or list under a key.

        Raises
        ------
        InputError
            If it is not there.
        """
        value = self.get(key)
        if value is None:
            raise self._missing(key)
        return Section(value, (*self.key, self._spelled(key)), self.origin)

    def _missing(self, key: str) -> InputError:
        hint = did_you_mean(key, self.names_inside()) if self.names_inside() else ""
        return self.error(f"missing; {key!r} is required here{hint}")

    def parts(self) -> Iterator[tuple[str, Section]]:
        """Walk the keys of a mapping, and what stands under each."""
        for key, value in self.data.items() if isinstance(self.data, dict) else ():
            yield str(key), Section(value, (*self.key, str(key)), self.origin)

    def items(self) -> Iterator[Section]:
        """Walk the entries of a list.

        Raises
        ------
        InputError
            If it is no list.
        """
        if not isinstance(self.data, list | tuple):
            raise self.error(f"expected a list. Got {_shown(self.data)}")
        for number, item in enumerate(self.data):
            yield Section(item, (*self.key, number), self.origin)

    def number(self, *keys: str, within: Range | None = None) -> float | None:
        """Look up the first of these keys that is there, as a number."""
        for key in keys:
            value = self.get(key)
            if value is not None:
                number = self._number(value, key)
                if within is not None and (refusal := within.refusal(number)) is not None:
                    raise self.error(f"{refusal}. Got {_shown(value)}", key)
                return number
        return None

    def _number(self, value: Any, key: str) -> float:
        number = value
        if isinstance(value, str):
            number = number_of(value, {**self.data, **self.origin.variables})
        if isinstance(number, bool) or not isinstance(number, int | float | np.number):
            raise self.error(f"expected a number. Got {_shown(value)}", key)
        try:
            number = float(number)
        except OverflowError:
            number = np.inf
        if not np.isfinite(number):
            raise self.error(f"expected a finite number. Got {_shown(value)}", key)
        return number

    def integer(self, *keys: str, least: int = 0, most: int = LARGEST) -> int | None:
        """Look up the first of these keys that is there, as a whole number."""
        for key in keys:
            value = self.get(key)
            if value is not None:
                number = value if type(value) is int else self._number(value, key)
                if number != int(number) or number < least:
                    raise self.error(
                        f"expected a whole number, {least} or more. Got {_shown(value)}", key
                    )
                if number > most:
                    shown = "2^53" if most == LARGEST else f"{most:,}"
                    raise self.error(
                        f"expected a whole number, {shown} at most. Got {_shown(value)}", key
                    )
                return int(number)
        return None

    def text(self, *keys: str) -> str | None:
        """Look up the first of these keys that is there, as text."""
        value = self.get(*keys)
        if value is None:
            return None
        if isinstance(value, dict | list | tuple):
            raise self.error(f"expected text. Got {_shown(value)}", *keys)
        return str(value)

    def required_text(self, key: str) -> str:
        """Look up the text under a key that has to be there."""
        value = self.word(key)
        if value is None:
            raise self._missing(key)
        return value

    def word(self, *keys: str) -> str | None:
        """Look up the first of these keys that is there, as text that says something."""
        value = self.text(*keys)
        if value is not None and not value.strip():
            raise self.error(f"expected a name or a word. Got {value!r}", *keys)
        return value

    def flag(self, key: str) -> bool | None:
        """Look up a key as yes or no."""
        value = self.get(key)
        if value is None or isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if word in {"true", "yes", "on", "1"}:
            return True
        if word in {"false", "no", "off", "0"}:
            return False
        raise self.error(f"expected true or false. Got {_shown(value)}", key)

    def names(self, *keys: str) -> list[str]:
        """Look up a list of names; one name counts as a list of one, nothing as none."""
        value = self.get(*keys)
        if value is None:
            return []
        if isinstance(value, str):
            return [value]
        if not isinstance(value, list | tuple):
            raise self.error(f"expected a list of names. Got {_shown(value)}", *keys)
        return [str(item) for item in value]


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "keys and values"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, int) and abs(value) > 10**40:  # Python refuses to write out huge ones
        return "a number of more than 40 digits"
    shown = repr(value)
    return shown if len(shown) <= 200 else shown[:200] + "..."
