"""The files that a command line names: what is no output of the command is an input of it.

They are known before anything is read, so that a command that is refused early overwrites none,
and two outputs of one command do not overwrite one another.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

from hwsim.errors import InputError
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
#: Two that may name one file.
_ANEW: Final = {"--against", "--write-baseline"}


def protect_named_inputs(words: Sequence[str]) -> None:
    """Remember the files that a command line names as inputs, and refuse outputs that are such.

    Parameters
    ----------
    words : sequence of str
        As they were typed, without the program.

    Raises
    ------
    InputError
        If a file stands for both, or for two outputs.
    """
    written: list[tuple[str, str]] = []  # the option, and what it names
    into = ""  # the option whose value comes next
    for word in words:
        option, equals, value = word.partition("=")
        if into:
            written.append((into, word))
            into = ""
        elif option in _OUTPUTS | _BOTH:
            into = "" if equals else option
            written += [(option, value)] if equals else []
        elif word.startswith("-o") and not equals:
            written.append(("-o", word.removeprefix("-o")))
        else:
            _note(word)
    for option, name in written:
        if option in _OUTPUTS:
            refuse_own_input(Path(name))
    for (option, name), (other, as_well) in combinations(written, 2):
        if {option, other} != _ANEW and _one_file(name, as_well):
            raise InputError(
                f"{option} and {other} name one file, {as_well}; name another one for either"
            )


def _one_file(name: str, other: str) -> bool:
    """Whether two names are of one file, or would be; a device takes any number of outputs."""
    try:
        if os.path.exists(name) and not os.path.isfile(name):  # noqa: PTH110, PTH113
            return False
        return os.path.realpath(name) == os.path.realpath(other) and name != "-"
    except (OSError, ValueError):  # no name of a file
        return False


def _note(word: str) -> None:
    """Note the files of a word: of KEY=VALUE, of lists with commas, and of STORE:STUDY, too."""
    for text in (word, *word.split(","), word.partition("=")[2], word.rpartition(":")[0]):
        if text and os.path.isfile(text):  # noqa: PTH113  no text is too strange for it
            note_input(Path(text))
