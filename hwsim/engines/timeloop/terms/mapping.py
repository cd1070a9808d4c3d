"""A mapping: the loops of each storage level, in time and in space, and what each level keeps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

Kind = Literal["time", "x", "y"]


@dataclass(frozen=True)
class Loop:
    """A loop over blocks of one dimension.

    Parameters
    ----------
    dimension : int
        Index of the dimension.
    end : int
        Iterations.
    residual : int
        Iterations the last time round, when the factors do not divide the dimension.
    kind : {'time', 'x', 'y'}
        Whether iterations follow each other or run side by side, and along which axis.
    """

    dimension: int
    end: int
    residual: int
    kind: Kind

    @property
    def spatial(self) -> bool:
        """Whether the iterations run side by side."""
        return self.kind != "time"


@dataclass(frozen=True)
class LevelMapping:
    """The loops of one storage level, innermost first, and how it treats the data spaces.

    Parameters
    ----------
    spatial, temporal : tuple of Loop
        All dimensions, trivial loops included; the spatial ones stand inside the temporal ones.
    keep : tuple of bool
        Which data spaces are stored here, or pass through.
    no_multicast, no_link_transfer, no_temporal_reuse, rmw_first_update, no_coalesce : tuple of bool
        Savings that a data space is denied here.
    streamed : tuple of bool
        Which of the data spaces only pass through, without taking room; none if not given.
    """

    spatial: tuple[Loop, ...]
    temporal: tuple[Loop, ...]
    keep: tuple[bool, ...]
    no_multicast: tuple[bool, ...]
    no_link_transfer: tuple[bool, ...]
    no_temporal_reuse: tuple[bool, ...]
    rmw_first_update: tuple[bool, ...]
    no_coalesce: tuple[bool, ...]
    streamed: tuple[bool, ...] = ()

    @property
    def loops(self) -> tuple[Loop, ...]:
        """All loops, innermost first."""
        return (*self.spatial, *self.temporal)


@dataclass(frozen=True)
class LoopMapping:
    """A whole mapping.

    Parameters
    ----------
    levels : tuple of LevelMapping
        Innermost storage first.
    rests : {'walked', 'counted'}
        How factors that do not divide are evaluated: as ``timeloop-model`` does, or by counting
        every copy that works. Only rests of loops in space can be counted.
    """

    levels: tuple[LevelMapping, ...]
    rests: Literal["walked", "counted"] = "walked"

    def without_streams(self) -> LoopMapping:
        """Let what streams go past its memory, as what is bypassed does."""
        levels = tuple(
            replace(
                level,
                keep=tuple(
                    kept and not passes
                    for kept, passes in zip(level.keep, level.streamed, strict=True)
                ),
                streamed=(),
            )
            if level.streamed
            else level
            for level in self.levels
        )
        return replace(self, levels=levels)

    @cached_property
    def perfect(self) -> bool:
        """Whether every factor divides its dimension."""
        return all(loop.end == loop.residual for level in self.levels for loop in level.loops)

    @property
    def counts_rests(self) -> bool:
        """Whether some factor does not divide, and what works in the last round is counted."""
        return self.rests == "counted" and not self.perfect
