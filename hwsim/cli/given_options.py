"""What a command line says of its options, before they are read.

An option that takes one value and is given two would lose the first without a word, and Python
takes ``1_0`` for 10.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from hwsim.errors import InputError
from hwsim.plain_number import is_plain


def check_options(command: Any, words: Iterable[str]) -> None:
    """Refuse an option of one value that stands twice, and a number that is written strangely.

    Parameters
    ----------
    command : click.Command
        Whose options these are, by its own account of them; or a group that has it.
    words : iterable of str
        What follows its name.

    Raises
    ------
    InputError
        If there is one. Flags may stand twice.
    """
    words = [*words]
    while words and words[0] in getattr(command, "commands", ()):
        command, words = command.commands[words[0]], words[1:]
    seen: set[str] = set()
    for name, option, value in _given(command, words):
        if option.name in seen and not option.multiple:
            raise InputError(f"{name} is given twice and takes one value; leave one of them out")
        seen.add(option.name)
        # What is no number at all is refused by its reader, which knows what is expected.
        if _takes_number(option) and not is_plain(value):
            try:
                float(value)
            except ValueError:
                continue
            raise InputError(f"{name}: write the number with the digits 0 to 9. Got {value!r}")


def _takes_number(option: Any) -> bool:
    """Whether an option is a number; versions of typer say it in ways of their own."""
    descriptor = getattr(option, "type_descriptor", None)
    if descriptor is not None:
        return descriptor.annotation in (int, float)
    return option.type.name.partition(" ")[0] in ("integer", "float")


def _given(command: Any, words: Iterable[str]) -> Iterator[tuple[str, Any, str]]:
    """Walk the options that take a value: as written, as declared, and the value."""
    options = {
        name: option
        for option in command.params
        if option.param_type_name == "option" and not option.is_flag
        for name in option.opts
    }
    rest = iter(words)
    for word in rest:
        if word == "--":
            return
        name, equals, value = word.partition("=")
        if not word.startswith("--"):
            name, value, equals = word[:2], word[2:], word[2:]
        if name in options:
            yield name, options[name], value if equals else next(rest, "")
