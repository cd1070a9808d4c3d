"""Cycles in which units wait for the first words of a processing pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hwsim.engines.timeloop.nest.loops import Floats
from hwsim.engines.timeloop.nest.nest import NestRows
from hwsim.engines.timeloop.terms.machine import RampUp


def ramp_up_cycles(ramp_up: RampUp | None, nest: NestRows, names: Sequence[str]) -> Floats:
    """Count the cycles of all passes of each mapping of a batch.

    A pass begins when the tiles of the replaced data space do. The words that all units together
    hold of each data space then come, one data space after the other, before computing begins.

    Parameters
    ----------
    ramp_up : RampUp or None
        What is waited for; nothing where it is None.
    nest : NestRows
        Before levels are bypassed.
    names : sequence of str
        Of the data spaces.
    """
    if ramp_up is None:
        return np.zeros_like(nest.iterations)
    replaced, level = names.index(ramp_up.replaced), ramp_up.level
    passes = nest.traffic[replaced][level].total / nest.spread[replaced][level]
    cycles = np.zeros_like(passes)
    for name, words in ramp_up.words.items():
        cycles = cycles + nest.spread[names.index(name)][level] / words
    return np.ceil(passes * cycles)
