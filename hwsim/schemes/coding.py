"""What a weight is to the hardware that uses it."""

from __future__ import annotations

from typing import Final, Literal, get_args

#: ``value``: a number that is multiplied; ``sign``: +1 or -1, flips the activation; ``ternary``:
#: +1, 0 or -1, flips or removes it; ``zero``: 1 or 0, keeps or removes it, the sign being the
#: filter's (signed-binary).
Coding = Literal["value", "sign", "ternary", "zero"]
CODINGS: Final[tuple[str, ...]] = get_args(Coding)
