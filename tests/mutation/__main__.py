"""Draw mutants, try each, print the survivors and the score.

    python -m tests.mutation [--sample 300] [--seed 0] [--least 90] [FOLDER ...]

A run that was ended goes on where it was when nothing has changed since. The exit code is 1 below
the least score.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue

from tests.mutation.coverage_of_tests import Coverage, measure
from tests.mutation.mutants import Mutant, draw
from tests.mutation.trial import Verdict, copy_repository, try_mutant

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("hwsim/engines", "hwsim/energy")


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.mutation", description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="*", default=SOURCES, metavar="FOLDER")
    parser.add_argument("--sample", type=int, default=300, help="mutants to draw (300)")
    parser.add_argument("--seed", type=int, default=0, help="of the draw (0)")
    parser.add_argument("--least", type=float, default=90.0, help="score to reach, %% (90)")
    parser.add_argument("--workers", type=int, default=2, help="processes (2)")
    parser.add_argument("--work", type=Path, default=ROOT / ".mutants", help="folder (.mutants)")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends what was started, too

    work, digest = given.work.resolve(), _digest()
    copies = [work / f"copy-{number}" for number in range(given.workers)]
    coverage = _prepare(work, digest, copies)
    mutants = draw(given.folders, given.sample, given.seed, ROOT)
    known = work / "verdicts.jsonl"
    verdicts = {}
    if known.exists():
        for line in known.read_text(encoding="utf-8").splitlines():
            mutant, verdict = json.loads(line)
            verdicts[Mutant(**mutant)] = Verdict(**verdict)
    open_ones = [mutant for mutant in mutants if mutant not in verdicts]
    print(f"{len(mutants)} mutants, {len(mutants) - len(open_ones)} tried before", flush=True)
    start = time.monotonic()
    for number, (mutant, verdict) in enumerate(_try_all(open_ones, copies, coverage), 1):
        verdicts[mutant] = verdict
        with known.open("a", encoding="utf-8") as file:
            file.write(json.dumps([asdict(mutant), asdict(verdict)]) + "\n")
        word = "killed" if verdict.killed else "SURVIVED"
        print(
            f"{number}/{len(open_ones)} {time.monotonic() - start:.0f} s  {word} by {verdict.how} "
            f"({verdict.seconds:.1f} s)  {mutant}",
            flush=True,
        )
    return _report({mutant: verdicts[mutant] for mutant in mutants}, given.least)


def _prepare(work: Path, digest: str, copies: list[Path]) -> Coverage:
    """Make the copies and measure the tests, unless that was done for this very code."""
    stamp, kept = work / "code.txt", work / "coverage.json"
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == digest and kept.exists()):
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
    if not kept.exists():
        copy_repository(ROOT, copies[0])
        print("running the tests without a fault, to see which of them run which lines", flush=True)
        measure(copies[0], SOURCES, len(copies)).save(kept)
        stamp.write_text(digest, encoding="utf-8")
    for copy in copies:  # a run that was killed may have left its fault in one
        copy_repository(ROOT, copy)
    return Coverage.load(kept)


def _try_all(
    mutants: list[Mutant], copies: list[Path], coverage: Coverage
) -> Iterator[tuple[Mutant, Verdict]]:
    free: SimpleQueue[Path] = SimpleQueue()
    for copy in copies:
        free.put(copy)

    def attempt(mutant: Mutant) -> tuple[Mutant, Verdict]:
        copy = free.get()
        try:
            return mutant, try_mutant(mutant, copy, coverage)
        finally:
            free.put(copy)

    with ThreadPoolExecutor(len(copies)) as pool:
        for done in as_completed([pool.submit(attempt, mutant) for mutant in mutants]):
            yield done.result()


def _report(verdicts: dict[Mutant, Verdict], least: float) -> int:
    survivors = {mutant: verdict for mutant, verdict in verdicts.items() if not verdict.killed}
    print("\nsurvivors" if survivors else "\nno survivors")
    for mutant, verdict in sorted(survivors.items(), key=lambda pair: str(pair[0])):
        print(f"  {mutant}" + ("  (no test runs it)" if verdict.how == "no test" else ""))
    killed = len(verdicts) - len(survivors)
    score = 100 * killed / len(verdicts) if verdicts else 100.0
    print(f"\n{killed} of {len(verdicts)} mutants killed: {score:.1f} %, at least {least:g} %")
    return 0 if score >= least else 1


def _digest() -> str:
    """Of all code, tests and data."""
    found = hashlib.sha256()
    for folder in ("hwsim", "tests", "arch_specs", "workloads"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                found.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return found.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
