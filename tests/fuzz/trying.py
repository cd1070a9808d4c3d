"""Try inputs of one format, one after the other, and keep those that came out wrong."""

from __future__ import annotations

import contextlib
import functools
import gc
import io
import json
import os
import shlex
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from tests.fuzz.forked import Outcome, run_forked
from tests.fuzz.formats import FORMATS
from tests.fuzz.inputs import Input, Seed, write
from tests.fuzz.judging import findings


@dataclass(frozen=True)
class Finding:
    """An input that came out wrong.

    Parameters
    ----------
    format : str
        Which kind.
    number : int
        Which of its inputs; with the seed it makes the input again.
    what : str
        What is wrong.
    command : str
        The command line.
    error : str
        The end of what the command said.
    """

    format: str
    number: int
    what: str
    command: str
    error: str


@dataclass(frozen=True)
class Tried:
    """What came of a number of inputs: findings, and how many ended with each exit code."""

    findings: list[Finding]
    codes: dict[int, int]
    seconds: float = 0.0


def drawn(name: str, seed: int, number: int, seeds: Sequence[Seed]) -> Input:
    """Make an input again."""
    return FORMATS[name].draw(seeds, Random(f"{seed} {name} {number}"))


def try_inputs(name: str, seed: int, numbers: Iterable[int], keep: Path | None = None) -> Tried:
    """Try inputs of a format in this process; those that come out wrong are kept in a folder."""
    os.environ["HWSIM_NO_CACHE"] = "1"
    found: list[Finding] = []
    codes: Counter[int] = Counter()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as temporary:
        place = Path(temporary)
        (place / "seeds").mkdir()
        seeds = FORMATS[name].seeds(place / "seeds")
        _import_all(seeds, place / "work")
        for number in numbers:
            given = drawn(name, seed, number, seeds)
            outcome, wrong = tried(given, place / "work")
            codes[outcome.code] += 1
            found += [
                Finding(name, number, what, shlex.join(given.command), outcome.err[-400:])
                for what in wrong
            ]
            if wrong and keep is not None:
                write(keep / f"{name}-{number}", given.files)
    return Tried(found, dict(codes))


def tried(given: Input, folder: Path) -> tuple[Outcome, list[str]]:
    """Run one input in a folder of its own: how it ended, and what is wrong with that."""
    write(folder, given.files)
    outcome = run_forked(given.command, folder)
    left = [
        each
        for each in folder.rglob("*")
        if each.is_file()
        and str(each.relative_to(folder)) not in given.files
        and not each.name.endswith((".db", ".db-wal", ".db-shm"))  # a store is whole when empty
    ]
    return outcome, list(dict.fromkeys(findings(outcome, given.negative, left)))


def _import_all(seeds: Sequence[Seed], folder: Path) -> None:
    """Run every command once here, so that those forked from this process have all imported."""
    import typer.main

    import hwsim.cli

    # The command line is built here, once; that is half of what a refused input takes.
    hwsim.cli.commands = functools.cache(hwsim.cli.commands)  # type: ignore[assignment]
    typer.main.get_command = functools.cache(typer.main.get_command)
    at = Path.cwd()
    for seed in seeds:
        for command in dict.fromkeys(seed.commands):
            write(folder, seed.files)
            os.chdir(folder)
            sys.argv = ["hwsim", *command]
            with (
                contextlib.redirect_stdout(io.StringIO()),
                contextlib.redirect_stderr(io.StringIO()) as said,
                contextlib.suppress(SystemExit),
            ):
                hwsim.cli.main()
            os.chdir(at)
            assert "internal error" not in said.getvalue(), (command, said.getvalue())
    gc.collect()
    gc.freeze()  # what all of them share is copied for none of them


def report(tried_inputs: Tried) -> str:
    """Write a result for another process."""
    return json.dumps(
        {"findings": [asdict(each) for each in tried_inputs.findings], "codes": tried_inputs.codes}
    )
