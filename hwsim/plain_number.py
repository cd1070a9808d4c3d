"""Numbers as people write them: Python reads ``1_0`` as 10, and digits of any script."""

from __future__ import annotations

import re
from typing import Final

_PLAIN: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?(inf|nan)")


def is_plain(text: str) -> bool:
    """Whether a text is a number in ASCII digits without ``_``; of infinities readers decide."""
    return _PLAIN.fullmatch(text.strip()) is not None


def plain_float(text: str) -> float:
    """Read a number.

    Raises
    ------
    ValueError
        If it is none, or is written with ``_`` or with digits of another script.
    """
    if not is_plain(text):
        raise ValueError(text)
    return float(text)


def plain_int(text: str) -> int:
    """Read a whole number; as :func:`plain_float`."""
    if not is_plain(text):
        raise ValueError(text)
    return int(text)
