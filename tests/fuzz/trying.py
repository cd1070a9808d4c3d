"""Try inputs of one format, one after the other, and keep those that came out wrong."""

from __future__ import annotations

import contextlib
import functools
import gc
import io
import json
import os
import shlex
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from tests.fuzz.forked import Job, Outcome, run_forked, run_in_turn
from tests.fuzz.formats import FORMATS
from tests.fuzz.inputs import Input, Seed, write
from tests.fuzz.judging import findings

#: So many are run in one process, one after the other.
_TOGETHER = 25


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


def drawn(name: str, seed: int, number: int, seeds: Sequence[Seed]) -> Input:
    """Make an input again."""
    return FORMATS[name].draw(seeds, Random(f"{seed} {name} {number}"))


def try_inputs(name: str, seed: int, numbers: Sequence[int], keep: Path | None = None) -> Tried:
    """Try inputs of a format in this process; those that come out wrong are kept in a folder."""
    os.environ["HWSIM_NO_CACHE"] = "1"
    found: list[Finding] = []
    codes: Counter[int] = Counter()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as temporary:
        place = Path(temporary)
        (place / "seeds").mkdir()
        seeds = FORMATS[name].seeds(place / "seeds")
        _import_all(seeds, place / "work")
        for at in range(0, len(numbers), _TOGETHER):
            together = numbers[at : at + _TOGETHER]
            inputs = {number: drawn(name, seed, number, seeds) for number in together}
            for number, outcome, wrong in tried_together(inputs, place):
                codes[outcome.code] += 1
                command = shlex.join(inputs[number].command)
                found += [
                    Finding(name, number, what, command, outcome.err[-400:]) for what in wrong
                ]
                if wrong and keep is not None:
                    write(keep / f"{name}-{number}", inputs[number].files)
    return Tried(found, dict(codes))


def tried_together(
    inputs: Mapping[int, Input], place: Path
) -> Iterator[tuple[int, Outcome, list[str]]]:
    """Run inputs in one process; each that comes out wrong is judged by a run of its own."""
    folders = {number: place / str(number) for number in inputs}
    for number, given in inputs.items():
        write(folders[number], given.files)
    left = list(inputs)
    while left:
        jobs = [Job(inputs[number].command, folders[number]) for number in left]
        outcomes = run_in_turn(jobs)
        for number, outcome in zip(left, outcomes, strict=False):
            wrong = _wrong(inputs[number], folders[number], outcome)
            if wrong:
                alone, wrong_alone = tried(inputs[number], place / "work")
                # What is wrong only after others is a state that outlives a command.
                wrong = wrong_alone or [f"{each}, after others" for each in wrong]
                outcome = alone if wrong_alone else outcome
            yield number, outcome, wrong
        left = left[len(outcomes) :]
    for folder in folders.values():
        shutil.rmtree(folder)


def tried(given: Input, folder: Path) -> tuple[Outcome, list[str]]:
    """Run one input in a process and a folder of its own: how it ended, and what is wrong."""
    write(folder, given.files)
    outcome = run_forked(given.command, folder)
    return outcome, _wrong(given, folder, outcome)


def _wrong(given: Input, folder: Path, outcome: Outcome) -> list[str]:
    left = [
        each
        for each in folder.rglob("*")
        if each.is_file()
        and str(each.relative_to(folder)) not in given.files
        and not each.name.endswith((".db", ".db-wal", ".db-shm"))  # a store is whole when empty
    ]
    return list(dict.fromkeys(findings(outcome, given.negative, left)))


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
