"""The page of all that was compared with simulators."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.equality import stonne, timeloop
from tests.equality.comparison import Comparison
from tests.measured import golden_folder

_LAST_DIGITS: Final = 1e-12
_STONNE: Final = "STONNE, 22634b8b"
#: Program with its commit, our engine, what was run, where the figures lie, and the comparison.
SETS: Final[tuple[tuple[str, str, str, str, Callable[[], Comparison]], ...]] = (
    (_STONNE, "sigma", "sparse GEMMs on SIGMA", "stonne_sigma", stonne.sigma),
    (_STONNE, "maeri", "dense convolutions on MAERI", "stonne_maeri", stonne.maeri),
    (
        _STONNE,
        "maeri",
        "the same with groups, batches, uneven tiles, linear layers",
        "stonne_maeri",
        stonne.maeri_further,
    ),
    (_STONNE, "tpu", "dense GEMMs on its mesh", "stonne_tpu", stonne.tpu),
    (
        "timeloop-model, 4cf6d4c",
        "sparseloop",
        "dense and sparse inputs: formats, gating, skipping, bandwidths",
        "timeloop",
        timeloop.timeloop_model,
    ),
)


def page() -> str:
    """Compare everything and write the page."""
    rows, refused = [], 0
    for program, engine, what, folder, compare in SETS:
        found = compare()
        refused += found.refused
        error = _at_most(found.largest_error)
        rows.append(
            f"| {program} | `{engine}` | {what} (`{folder}`) | {found.cases:,} | {found.exact:,} "
            f"| {found.rounded:,} | {error} | {len(found.differing)} |"
        )
    files = golden_folder("stonne_files")
    runs = sum(_lines(path) for path in files.glob("*.jsonl"))
    template = Path(__file__).with_suffix(".md").read_text(encoding="utf-8")
    return template.format(
        rows="\n".join(rows),
        refused=refused,
        runs=runs,
        tiles=_lines(files / "mapped_tiles.txt"),
    )


def _at_most(error: float) -> str:
    """Round up to a power of ten: the last digits depend on the processor."""
    if error < _LAST_DIGITS:
        return "last digits" if error else "none"
    return f"1e{math.ceil(math.log10(error))}"


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
