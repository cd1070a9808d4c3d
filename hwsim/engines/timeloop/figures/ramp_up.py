"""Cycles in which units wait for the first words of a processing pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hwsim.engines.timeloop.nest.loops import Floats
from hwsim.engines.timeloop.nest.nest import NestRows
from hwsim.engines.timeloop.terms.machine import RampUp


@dataclass(frozen=True)
class PassLoads:
    """What all units together wait for at the begin of a pass; rows of mappings.

    A pass begins when the tiles of the replaced data space do. The words that the units hold of
    each data space then come, one data space after the other or all at once, before computing
    begins.

    Parameters
    ----------
    passes : ndarray of float
        How many there are.
    cycles : mapping of str to ndarray of float
        Of a pass, for the words of each data space, none of them zero.
    at_once : bool
        Whether the data spaces come at the same time.
    """

    passes: Floats
    cycles: Mapping[str, Floats]
    at_once: bool

    @classmethod
    def of(cls, ramp_up: RampUp | None, nest: NestRows, names: Sequence[str]) -> PassLoads:
        """Take them from the analysis, before levels are bypassed.

        Parameters
        ----------
        ramp_up : RampUp or None
            What is waited for; nothing where it is None.
        nest : NestRows
            The analysis.
        names : sequence of str
            Of the data spaces.
        """
        if ramp_up is None:
            return cls(np.zeros_like(nest.iterations), {}, False)
        replaced, level = names.index(ramp_up.replaced), ramp_up.level
        passes = nest.traffic[replaced][level].total / nest.spread[replaced][level]
        cycles = {
            name: nest.spread[names.index(name)][level] / words
            for name, words in ramp_up.words.items()
        }
        return cls(passes, cycles, ramp_up.at_once)

    def waiting(self, left: Mapping[str, float] | None = None) -> Floats:
        """Count the cycles of all passes of each mapping.

        Parameters
        ----------
        left : mapping of str to float, optional
            Share of the words of data spaces that their formats leave; all when not given.
        """
        shares = left or {}
        cycles = np.zeros_like(self.passes)
        for name, whole in self.cycles.items():
            own = whole * shares.get(name, 1.0)
            cycles = np.maximum(cycles, own) if self.at_once else cycles + own
        return np.ceil(self.passes * cycles)
