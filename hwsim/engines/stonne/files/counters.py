"""STONNE's ``.counters``: how often each component did what, one line an instance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hwsim.activity import ActionKey, ComponentKey
from hwsim.errors import InputError
from hwsim.inputs_read import note_input

#: More than the largest machine that hwsim knows can write (65,536 multipliers: about 30 MB).
_MOST_BYTES = 64_000_000
#: It has a line for each instance of a component.
_MOST_LINES = 3_000_000
#: It knows some dozens.
_MOST_ACTIONS = 10_000
#: Sections that every such file has.
_UNITS = ("DSNetwork", "MSNetwork", "ReduceNetwork", "GlobalBuffer", "CollectionBus")
_COMPONENT = re.compile(r"[A-Z][A-Z0-9_]*(?: [A-Z][A-Z0-9_]*=[0-9]{1,20})+")


@dataclass(frozen=True)
class Counters:
    """What a ``.counters`` file says.

    Parameters
    ----------
    cycles : int
        Total cycles.
    counts : mapping of ActionKey to int
        Summed over the instances of the component, and over operands: STONNE names none.
    instances : mapping of (unit, component) to int
        Lines of the component: its number of instances.
    """

    cycles: int
    counts: Mapping[ActionKey, int]
    instances: Mapping[ComponentKey, int]


def read_counters(path: str | Path) -> Counters:
    """Read a ``.counters`` file of STONNE.

    Parameters
    ----------
    path : str or Path
        The file.

    Raises
    ------
    InputError
        If it is no such file, or not all of it is there; the message names file and line.
    """
    path = Path(path)
    text = read_text(path, _MOST_BYTES)
    if text.count("\n") > _MOST_LINES:
        raise InputError(f"{path}: more than {_MOST_LINES:,} lines, this is no file of STONNE")
    lines = text.split("\n")
    start = re.fullmatch(r"CYCLES=([0-9]{1,20})", lines[0])
    if start is None:
        raise InputError(f"{path}: line 1: expected CYCLES=<number>. Got {lines[0][:60]!r}")
    counts: dict[tuple[str, str, str], int] = {}
    instances: dict[ComponentKey, int] = {}
    units: list[str] = []
    for number, line in enumerate(lines[1:], start=2):
        if line.startswith("[") and line.endswith("]"):
            units.append(line[1:-1])
        elif _COMPONENT.fullmatch(line) and units:
            component, *actions = line.split(" ")
            key = (units[-1], component)
            instances[key] = instances.get(key, 0) + 1
            for action in actions:
                name, count = action.split("=")
                counted = (*key, name)
                counts[counted] = counts.get(counted, 0) + int(count)
            if len(counts) > _MOST_ACTIONS:
                raise InputError(
                    f"{path}: more than {_MOST_ACTIONS:,} actions, this is no file of STONNE"
                )
        elif line:
            raise InputError(
                f"{path}: line {number}: expected [UNIT] or COMPONENT ACTION=<number> .... "
                f"Got {line[:60]!r}; the file may be cut off"
            )
    missing = [unit for unit in _UNITS if not any(key[0] == unit for key in instances)]
    if missing or not text.endswith("\n\n"):  # STONNE ends the file with an empty line
        what = f"nothing under [{missing[0]}]" if missing else "no empty line at the end"
        raise InputError(f"{path}: {what}: the file is cut off")
    named = {ActionKey(*key): count for key, count in counts.items()}
    return Counters(int(start[1]), named, instances)


def read_text(path: Path, most_bytes: int) -> str:
    """Read a text file of another program, within bounds.

    Raises
    ------
    InputError
        If it cannot be read, is too large or is no text.
    """
    note_input(path)
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(content) > most_bytes:
        raise InputError(f"{path}: larger than {most_bytes} bytes, this is no file of STONNE")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is no text (byte {error.start})") from None
