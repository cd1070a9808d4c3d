"""Energy: what actions cost, and Activity x prices.

A YAML table in ``hwsim/energy/tables/`` prices every action of every component. Anything else
that can price an :class:`~hwsim.activity.Activity` is an :class:`EnergyModel`; other
packages add theirs through the entry point group ``hwsim.energy``.
"""

from __future__ import annotations

from hwsim.arch.parts.figure import Figure
from hwsim.energy.breakdown import EnergyBreakdown, EnergyRow
from hwsim.energy.pricing import AlikeLayers, EnergyModel, alike_layers, price, price_layers
from hwsim.energy.registry import (
    list_energy_tables,
    load_energy_table,
    load_energy_tables,
    own_energy_table,
)
from hwsim.energy.table import ComponentPrices, EnergyTable

__all__ = [
    "AlikeLayers",
    "ComponentPrices",
    "EnergyBreakdown",
    "EnergyModel",
    "EnergyRow",
    "EnergyTable",
    "Figure",
    "alike_layers",
    "list_energy_tables",
    "load_energy_table",
    "load_energy_tables",
    "own_energy_table",
    "price",
    "price_layers",
]
