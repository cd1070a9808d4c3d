"""The files that a command line names: what is no output of the command is an input of it.

They are known before anything is read, so that a command that is refused early overwrites none.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hwsim.inputs_read import note_input, refuse_own_input

#: Options that say where something is written.
_OUTPUTS: Final = frozenset(
    (
        *("-o", "--output", "--json", "--junit", "--summary", "--log", "--write-baseline"),
        "-out_file",
    )
)
#: A store is written and read, as is a baseline that a check is compared with and writes anew.
_BOTH: Final = frozenset(("--store", "--against"))


def protect_named_inputs(words: Sequence[str]) -> None:
    """Remember the files that a command line names as inputs, and refuse outputs that are such.

    Parameters
    ----------
    words : sequence of str
        As they were typed, without the program.

    Raises
    ------
    InputError
        If a file stands for both.
    """
    outputs: list[str] = []
    into: frozenset[str] | None = None  # whose value comes next
    for word in words:
        option, equals, value = word.partition("=")
        if into is not None:
            outputs += [word] if into is _OUTPUTS else []
            into = None
        elif option in _OUTPUTS | _BOTH:
            into = None if equals else _OUTPUTS if option in _OUTPUTS else _BOTH
            outputs += [value] if equals and option in _OUTPUTS else []
        elif word.startswith("-o") and not equals:
            outputs.append(word.removeprefix("-o"))
        else:
            _note(word)
    for output in outputs:
        refuse_own_input(Path(output))


def _note(word: str) -> None:
    """Note the files of a word: of KEY=VALUE, of lists with commas, and of STORE:STUDY, too."""
    for text in (word, *word.split(","), word.partition("=")[2], word.rpartition(":")[0]):
        if text and os.path.isfile(text):  # noqa: PTH113  no text is too strange for it
            note_input(Path(text))
