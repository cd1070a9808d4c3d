"""Number formats of operands: ``int8``, ``fp16``, ``bf16``, ``fp32``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_FLOATS = {"fp16": 16, "bf16": 16, "fp32": 32}
_WIDEST_INTEGER = 64


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a value is coded.

    Parameters
    ----------
    bits : int
        Width of a value.
    is_float : bool
        Whether it is a floating-point number; else a two's complement integer.
    name : str
        E.g. ``int8`` or ``bf16``.
    """

    bits: int
    is_float: bool
    name: str

    @classmethod
    def parse(cls, text: str) -> NumberFormat:
        """Read a format.

        Raises
        ------
        ValueError
            If it is neither ``int`` with 1 to 64 bits nor ``fp16``, ``bf16`` or ``fp32``.
        """
        return _parse(text)

    @classmethod
    def of_bits(cls, bits: int) -> NumberFormat:
        """Take the usual format of a width: 32 and 16 bits are floats, others integers."""
        return cls.parse({32: "fp32", 16: "fp16"}.get(bits, f"int{bits}"))

    def narrower_of(self, other: NumberFormat) -> NumberFormat:
        """Choose the one with fewer bits; this one of two equally wide."""
        return other if other.bits < self.bits else self


@lru_cache(maxsize=256)
def _parse(text: str) -> NumberFormat:
    if text in _FLOATS:
        return NumberFormat(_FLOATS[text], True, text)
    match = re.fullmatch(r"int([1-9][0-9]?)", text)
    if match is None or int(match[1]) > _WIDEST_INTEGER:
        raise ValueError(
            f"should be a number format: int8 (1 to {_WIDEST_INTEGER} bits), "
            f"{', '.join(_FLOATS)}. Got {text!r}"
        )
    return NumberFormat(int(match[1]), False, text)
