"""What stands in a network and is no layer that hwsim evaluates, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, get_args

from hwsim.errors import InputError, did_you_mean

Reason = Literal[
    "bias",
    "norm",
    "running statistics",
    "scale",
    "vector",
    "positional table",
    "learned token",
    "look-up",
    "buffer",
    "copy",
    "optimiser state",
    "outside the key",
    "skipped by the user",
    "not reached",
    "operator without weights",
    "operator that was not taken",
]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
#: Reasons that name what they leave out, because a reader may want it back.
_NAMED: Final = frozenset(
    {"look-up", "outside the key", "skipped by the user", "operator that was not taken"}
)
#: Names of one reason that a line shows; the others are counted.
_SHOWN: Final = 2


@dataclass(frozen=True)
class Uncounted:
    """An array or an operator of a network that no layer stands for.

    Parameters
    ----------
    name : str
        As the file or the graph calls it.
    shape : tuple of int
        Of the array, or of an operator's output.
    reason : str
        One of ``REASONS``.
    macs : int
        Multiply-accumulates of one sample that are left out; 0 for what takes none.

    Raises
    ------
    InputError
        If the reason is not known.
    """

    name: str
    shape: tuple[int, ...]
    reason: Reason
    macs: int = 0

    def __post_init__(self) -> None:
        if self.reason not in REASONS:
            raise InputError(
                f"{self.name}: no reason {self.reason!r}{did_you_mean(self.reason, REASONS)}"
            )


def by_reason(uncounted: Sequence[Uncounted]) -> dict[Reason, int]:
    """Count by reason, in the order of ``REASONS``."""
    found = [each.reason for each in uncounted]
    return {reason: found.count(reason) for reason in REASONS if reason in found}


def described(uncounted: Sequence[Uncounted]) -> list[dict[str, Any]]:
    """Give all of them, ready for JSON."""
    return [{**asdict(each), "shape": list(each.shape)} for each in uncounted]


def from_described(entries: Sequence[Mapping[str, Any]]) -> tuple[Uncounted, ...]:
    """Take back what :func:`described` gave."""
    return tuple(Uncounted(**{**each, "shape": tuple(each["shape"])}) for each in entries)


def in_one_line(uncounted: Sequence[Uncounted]) -> str:
    """Word what was not counted: ``1 look-up (embed), 3 norm, 2 bias``; ``nothing``."""
    return ", ".join(_phrase(reason, uncounted) for reason in by_reason(uncounted)) or "nothing"


def _phrase(reason: Reason, uncounted: Sequence[Uncounted]) -> str:
    mine = [each for each in uncounted if each.reason == reason]
    macs = sum(each.macs for each in mine)
    details = []
    if reason in _NAMED:
        details.append(", ".join(each.name for each in mine[:_SHOWN]))
        if len(mine) > _SHOWN:
            details[0] += ", ..."
    if macs:
        details.append(f"{macs:,} MACs")
    return f"{len(mine):,} {reason}" + (f" ({': '.join(details)})" if details else "")
