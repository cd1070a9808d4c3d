"""Which SIGMA a machine is: the one that STONNE simulates, or the one that was published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hwsim.arch import Arch

#: How values reach the multipliers: each port its own, or every word of a cycle any of them.
DISTRIBUTIONS: Final = ("ports", "multicast")


def multicasts(arch: Arch) -> bool:
    """Whether any word reaches any multiplier, as published.

    Raises
    ------
    InputError
        If its option ``distribution`` is neither of the two.
    """
    return arch.option("distribution", DISTRIBUTIONS) == "multicast"
