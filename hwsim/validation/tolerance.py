"""How far a machine may be from a published figure, as its file states it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_FORM = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?) ?(%|x)")
#: From here on an error is told as a factor: "+240 %" is harder to read than "3.4x high".
_FACTOR = 1.5


@dataclass(frozen=True)
class Tolerance:
    """Bounds of ours over published.

    Parameters
    ----------
    lowest, highest : float
        Smallest and largest ratio that the statement covers.
    text : str
        The statement: ``"10 %"`` allows 0.9 to 1.1, ``"1.5x"`` allows 1/1.5 to 1.5.
    """

    lowest: float
    highest: float
    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a statement.

        Raises
        ------
        ValueError
            If it is neither a share in per cent below 100 nor a factor above 1.

        Examples
        --------
        >>> Tolerance.parse("10 %").highest
        1.1
        """
        match = _FORM.fullmatch(text)
        if match is not None:
            number = float(match[1])
            if match[2] == "%" and 0 <= number < 100:
                return cls(1 - number / 100, 1 + number / 100, text)
            if match[2] == "x" and number > 1:
                return cls(1 / number, number, text)
        raise ValueError(f"should be like '10 %' (below 100 %) or '1.5x' (above 1). Got {text!r}")

    def covers(self, ratio: float) -> bool:
        """Whether ours over published lies within."""
        return self.lowest <= ratio <= self.highest


def error_in_words(ratio: float) -> str:
    """Word ours over published: ``exact``, ``+5.5 %``, ``3.3x low``, ``2.01x high``."""
    if ratio == 1:
        return "exact"
    if 1 / _FACTOR <= ratio <= _FACTOR:
        return f"{(ratio - 1) * 100:+.1f} %"
    return f"{ratio:.3g}x high" if ratio > 1 else f"{1 / ratio:.3g}x low"
