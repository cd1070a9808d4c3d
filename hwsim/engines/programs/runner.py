"""How a program of another tool is run, wherever it is."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hwsim.errors import ProgramError

#: What is kept of a program's words: the end, where it says why it stopped.
OUTPUT_BYTES = 65_536
_LONGEST_QUOTE = 200


@dataclass(frozen=True)
class Workspace:
    """The folders of one run.

    Parameters
    ----------
    inputs : Path
        What the program may read; read-only to a container.
    outputs : Path
        Where it runs and writes.
    """

    inputs: Path
    outputs: Path


@contextmanager
def workspace() -> Iterator[Workspace]:
    """Make the folders of one run and remove them with everything in them.

    Raises
    ------
    ProgramError
        If there is no room for them.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="hwsim-", ignore_cleanup_errors=True) as name:
            place = Workspace(Path(name) / "in", Path(name) / "out")
            place.inputs.mkdir()
            place.outputs.mkdir()
            yield place
    except OSError as error:
        where = error.filename or tempfile.gettempdir()
        raise ProgramError(
            f"{where}: {error.strerror or error}; TMPDIR names another folder for temporary files"
        ) from error


class Runner(Protocol):
    """Runs one program, many times, from any thread."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def check(self) -> None:
        """Find out whether it can run at all.

        Raises
        ------
        InputError
            If not: no such program, no container engine, no such image.
        """

    def inside(self, place: Workspace, name: str) -> str:
        """Say under which path the program sees a file of ``place.inputs``."""

    def run(
        self, arguments: Sequence[str], place: Workspace, environment: Mapping[str, str]
    ) -> str:
        """Run the program in ``place.outputs`` and wait for it.

        Returns
        -------
        str
            The end of what it printed.

        Raises
        ------
        ProgramError
            If it failed, died, took too long or too much; one line that ends with its last words.
        """

    def stop(self) -> None:
        """End all that runs, and start nothing more."""


def refuse_irregular(name: str, outputs: Path) -> None:
    """Refuse what a program left that is no file or folder of its own.

    Whoever opened a pipe would wait for ever, and a link leads to what is not the program's.

    Parameters
    ----------
    name : str
        Of the program, for the message.
    outputs : Path
        Where it wrote.

    Raises
    ------
    ProgramError
        If it left such a thing; names it.
    """
    for folder, folders, files in os.walk(outputs):
        for entry in (Path(folder) / each for each in (*folders, *files)):
            mode = entry.lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                what = "link" if stat.S_ISLNK(mode) else "pipe or device"
                raise ProgramError(
                    f"{name}: left {str(entry.relative_to(outputs))!r}, a {what}, where files are "
                    "expected"
                )


def last_words(output: bytes) -> str:
    """Quote the last line of a program's output, or say that there was none."""
    text = output.decode("utf-8", errors="replace")
    lines = ["".join(c for c in line if c.isprintable()).strip() for line in text.splitlines()]
    lines = [line for line in lines if line]
    if not lines:
        return "it printed nothing"
    return f"its last words: {lines[-1][-_LONGEST_QUOTE:]!r}"


def plain_environment(home: str, extra: Mapping[str, str]) -> dict[str, str]:
    """Give a program what it needs of the environment and nothing else."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LANG": "C", "HOME": home, "TMPDIR": home, **extra}
