"""Which drawings there are, by the name of their file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from docs.drawings.canvas import Canvas
from docs.drawings.eie import eie
from docs.drawings.headline import headline
from docs.drawings.mesh import mesh
from docs.drawings.nest import nest
from docs.drawings.repetition import repetition_against_sparsity, repetition_tile
from docs.drawings.sigma import sigma

DRAWINGS: Final[dict[str, Callable[[], Canvas]]] = {
    "headline": headline,
    "sigma": sigma,
    "mesh": mesh,
    "eie": eie,
    "nest": nest,
    "repetition_tile": repetition_tile,
    "repetition_against_sparsity": repetition_against_sparsity,
}
