"""Figures of the components that machines are made of, by node and width, from published sources.

A module a part: ``logic`` (adders, multipliers, gates, registers), ``sram``, ``wire``, ``dram``;
``memory`` prices a memory by its capacity, whatever it is made of. :class:`Components` is all of
them at one node; :func:`component_energy` asks for one figure.
"""

from __future__ import annotations

from hwsim.arch.parts.component_energy import COMPONENT_KINDS, component_energy
from hwsim.arch.parts.components import Components
from hwsim.arch.parts.logic import ARITHMETIC

__all__ = ["ARITHMETIC", "COMPONENT_KINDS", "Components", "component_energy"]
