"""A run of the fuzzer that was ended goes on where it was."""

import json
from pathlib import Path

from tests.fuzz.kept_pieces import KeptPieces, Piece
from tests.fuzz.trying import Finding, Tried

PIECE = Piece("npz", 0, 500, 500)
TRIED = Tried([Finding("npz", 7, "hang", "hwsim network show n.npz", "")], {0: 20, 2: 480})


def test_what_was_tried_is_not_tried_again(tmp_path: Path) -> None:
    file = tmp_path / "keep" / "tried.jsonl"
    kept = KeptPieces(file)
    assert kept.get(PIECE) is None
    kept.put(PIECE, TRIED)
    again = KeptPieces(file)
    assert again.get(PIECE) == TRIED
    assert again.get(PIECE._replace(first=0)) is None
    assert again.get(PIECE._replace(seed=1)) is None


def test_lines_of_other_code_and_of_a_run_that_was_killed_do_not_count(tmp_path: Path) -> None:
    file = tmp_path / "tried.jsonl"
    KeptPieces(file).put(PIECE, TRIED)
    [line] = file.read_text().splitlines()
    file.write_text(line[: len(line) // 2])
    assert KeptPieces(file).get(PIECE) is None
    other = json.loads(line) | {"code": "of yesterday"}
    file.write_text(json.dumps(other) + "\n")
    assert KeptPieces(file).get(PIECE) is None
