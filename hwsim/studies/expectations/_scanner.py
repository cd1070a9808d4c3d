"""A text that is read from left to right."""

from __future__ import annotations

import re
from typing import NoReturn

from hwsim.errors import InputError


class Scanner:
    """Takes what is next of a text, or says what was expected there."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0

    def take(self, pattern: str) -> str | None:
        """Take what matches after blanks, if anything does: the first group, or all of it."""
        match = re.compile(rf"\s*(?:{pattern})").match(self._text, self._place)
        if match is None:
            return None
        self._place = match.end()
        return next((each for each in match.groups() if each is not None), match[0].strip())

    def need(self, pattern: str, words: str) -> str:
        """Take what matches, or refuse."""
        found = self.take(pattern)
        return self.refuse(words) if found is None else found

    @property
    def at_end(self) -> bool:
        """Whether nothing but blanks is left."""
        return not self._text[self._place :].strip()

    def refuse(self, words: str) -> NoReturn:
        """Say what was expected, and what is there."""
        rest = self._text[self._place :].strip()
        found = f"Got {rest!r:.60}" if rest else "The text ends there"
        raise InputError(f"{self._text.strip()!r:.200}: expected {words}. {found}")
