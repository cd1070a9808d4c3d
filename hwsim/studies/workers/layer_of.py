"""What a worker calls a layer."""

from __future__ import annotations

from typing import NamedTuple


class LayerOf(NamedTuple):
    """A layer under a scheme, of a plan that a worker holds by its key."""

    plan: str
    scheme: str
    layer: str
