"""Sparsity levels as text: ``0:0.9:0.1``, ``0,0.5,0.65``."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from hwsim.errors import InputError
from hwsim.plain_number import is_plain

_MOST_LEVELS = 1000
#: Schemes refuse a share that is shown as 1 in so many digits.
_DIGITS = 6


def parse_levels(text: str | Iterable[float]) -> tuple[float, ...]:
    """Read the sparsity levels of a sweep.

    Parameters
    ----------
    text : str or iterable of float
        Comma-separated parts, each a level or a range ``START:STOP:STEP``. A range includes its
        stop when the steps meet it: ``0:0.9:0.1`` is 0, 0.1, ... 0.9. An iterable of numbers is
        taken as it is.

    Returns
    -------
    tuple of float
        Levels in ascending order, each once.

    Raises
    ------
    InputError
        If a part is no number or range, or a level lies outside 0 (nothing pruned) to 1
        (everything pruned, excluded: no weight would be left).

    Examples
    --------
    >>> parse_levels("0:0.3:0.1,0.65")
    (0.0, 0.1, 0.2, 0.3, 0.65)
    """
    parts = text.split(",") if isinstance(text, str) else [str(level) for level in text]
    levels = [level for part in parts for level in _part(part.strip())]
    for level in levels:
        if not 0 <= level < 1:
            raise InputError(
                f"sparsity {level}: expected a share of zeros of at least 0 and less than 1"
            )
        if float(f"{level:.{_DIGITS}g}") == 1:
            raise InputError(f"sparsity {level}: rounds to 1, which would leave no weight")
    return tuple(sorted({float(level) for level in levels}))


def _part(part: str) -> list[Decimal]:
    numbers = [_number(number, part) for number in part.split(":")]
    if len(numbers) == 1:
        return numbers
    if len(numbers) != 3:
        raise InputError(f"sparsity {part!r}: expected a level or START:STOP:STEP, e.g. 0:0.9:0.1")
    start, stop, step = numbers
    if step <= 0 or stop < start:
        raise InputError(f"sparsity {part!r}: expected START <= STOP and a STEP above 0")
    count = int((stop - start) / step) + 1
    if count > _MOST_LEVELS:
        raise InputError(f"sparsity {part!r}: {count} levels are more than {_MOST_LEVELS}")
    return [start + step * index for index in range(count)]


def _number(text: str, part: str) -> Decimal:
    # Decimal, because 0.1 added up in binary misses 0.3 and the end of a range.
    try:
        number = Decimal(text if is_plain(text) else "")
    except InvalidOperation:
        raise InputError(
            f"sparsity {part!r}: {text!r} is not a number; expected levels such as 0,0.5,0.65 "
            "or a range START:STOP:STEP such as 0:0.9:0.1"
        ) from None
    if not number.is_finite():
        raise InputError(f"sparsity {part!r}: {text!r} is not a finite number")
    return number
