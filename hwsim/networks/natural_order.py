"""The order in which people number names: layer2 before layer10."""

from __future__ import annotations

import re


def natural_order(name: str) -> list[str | int]:
    """Give a key to sort names by, numbers in them as numbers."""
    return [int(part) if odd % 2 else part for odd, part in enumerate(re.split(r"(\d+)", name))]
