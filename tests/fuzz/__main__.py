"""``python -m tests.fuzz``: try many inputs of each format, and say what came out wrong."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz.formats import FORMATS
from tests.fuzz.kept_pieces import KeptPieces, Piece
from tests.fuzz.trying import Finding, Tried, report, try_inputs

#: So many of one format in one process: a hang or a leak is that of few.
_PIECE = 500


def main() -> int:
    """Run the command line."""
    arguments = _arguments()
    if arguments.worker:
        first, count = map(int, arguments.worker.split(":"))
        [name] = arguments.format
        numbers = range(first, first + count)
        print(report(try_inputs(name, arguments.seed, numbers, Path(arguments.keep))))
        return 0
    names = arguments.format or [name for name in FORMATS if FORMATS[name].can_be_made]
    for name, format_ in FORMATS.items():
        if not format_.can_be_made:
            _say(f"{name}: not tried, {format_.needs} is not installed")
    pieces = [
        Piece(name, arguments.seed, first, min(_PIECE, arguments.inputs - first))
        for first in range(0, arguments.inputs, _PIECE)
        for name in names
    ]
    kept = KeptPieces(Path(arguments.keep) / "tried.jsonl")
    begin = time.monotonic()
    findings: list[Finding] = []
    codes: dict[str, Counter[int]] = {name: Counter() for name in names}
    with ThreadPoolExecutor(arguments.jobs) as pool:
        tried = pool.map(lambda piece: kept.get(piece) or _tried(piece, kept, arguments), pieces)
        for (name, _, first, count), each in zip(pieces, tried, strict=True):
            codes[name].update(each.codes)
            findings += each.findings
            _say(f"{name} {first} to {first + count}: {len(each.findings)} findings")
            for found in each.findings:
                _say(
                    f"  {found.number}  {found.what}\n    {found.command[:300]}\n    {found.error}"
                )
    for name in names:
        wrong = sum(each.format == name for each in findings)
        _say(f"{name:18} {codes[name].total():6} inputs  {wrong:4} findings  {_shown(codes[name])}")
    for what, count in Counter(f"{each.format}: {each.what}" for each in findings).most_common():
        _say(f"{count:5}  {what}")
    _say(f"{time.monotonic() - begin:.0f} s")
    return 1 if findings else 0


def _say(line: str) -> None:
    print(line, flush=True)


def _shown(codes: Counter[int]) -> str:
    return "exit " + ", ".join(f"{code}: {count}" for code, count in sorted(codes.items()))


def _tried(piece: Piece, kept: KeptPieces, arguments: argparse.Namespace) -> Tried:
    """Try a piece in a process of its own."""
    command = [sys.executable, "-m", "tests.fuzz", "--worker", f"{piece.first}:{piece.count}"]
    command += ["--format", piece.name, "--seed", str(piece.seed), "--keep", arguments.keep]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    document = json.loads(done.stdout)
    codes = {int(code): number for code, number in document["codes"].items()}
    tried = Tried([Finding(**each) for each in document["findings"]], codes)
    kept.put(piece, tried)
    return tried


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000, help="of each format")
    parser.add_argument("--format", action="append", choices=list(FORMATS), help="repeatable")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2, help="processes side by side")
    parser.add_argument("--keep", default=".fuzz", help="where inputs with findings are kept")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
