"""What a run of the fuzzer has tried, kept so that one that was ended goes on where it was."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from hwsim.content_key import folder_key
from tests.fuzz.inputs import CHECKOUT
from tests.fuzz.trying import Finding, Tried


class Piece(NamedTuple):
    """Inputs of a format that are tried in one process: from the first on, so many."""

    name: str
    seed: int
    first: int
    count: int


class KeptPieces:
    """Pieces that were tried with the code as it is, a line each in a file.

    Parameters
    ----------
    file : Path
        Lines are added to it; those of other code are left alone.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self, piece: Piece) -> Tried | None:
        """Give what came of a piece; None if it has not been tried."""
        return self._tried.get(piece)

    def put(self, piece: Piece, tried: Tried) -> None:
        """Keep what came of a piece."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        line = {"code": self._code, "piece": piece, "tried": asdict(tried)}
        with self._file.open("a") as file:
            file.write(json.dumps(line) + "\n")

    @cached_property
    def _code(self) -> str:
        return folder_key(CHECKOUT / "hwsim", CHECKOUT / "tests" / "fuzz", pattern="*.py")

    @cached_property
    def _tried(self) -> dict[Piece, Tried]:
        found = {}
        lines = self._file.read_text().splitlines() if self._file.exists() else []
        for line in lines:
            try:
                document = json.loads(line)
            except ValueError:  # the end of a run that was killed
                continue
            if document["code"] == self._code:
                tried = document["tried"]
                codes = {int(code): number for code, number in tried["codes"].items()}
                findings = [Finding(**each) for each in tried["findings"]]
                found[Piece(*document["piece"])] = Tried(findings, codes)
        return found
