"""Two energy tables against each other on one layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hwsim.arch import Arch
from hwsim.energy import EnergyModel, price
from hwsim.engines import engine_of
from hwsim.networks.network import Layer, Network
from hwsim.schemes import quantize
from hwsim.studies.idle_settings import refuse_idle_settings
from hwsim.workload import lower
from hwsim.workload.operands import Operands

if TYPE_CHECKING:
    import pandas as pd


def energy_diff(
    first: EnergyModel, second: EnergyModel, arch: Arch, scheme: str = "dense"
) -> pd.DataFrame:
    """Price the same activity twice: a 3x3 convolution of ResNet-18's second stage.

    Parameters
    ----------
    first, second : EnergyModel
        Tables or models.
    arch : Arch
        The machine.
    scheme : str
        Weight scheme.

    Returns
    -------
    DataFrame
        A row for each ``unit``, ``component`` and ``action`` that either charges: ``count``,
        ``first`` and ``second`` (energy, each in its own unit), ``first_share`` and
        ``second_share`` (0 to 1), the largest of the first one first. Actions that one of them
        splits by operand are summed.
    """
    import pandas as pd

    rng = np.random.default_rng(0)
    weight = rng.laplace(size=(128, 128, 3, 3))
    conv = Layer("conv", "conv", weight, padding=(1, 1), input_size=(28, 28))
    quantized = quantize(Network("probe", (conv,)), scheme, "all").layers[0]
    engine = engine_of(arch)
    refuse_idle_settings(arch, engine, [first, second])
    activity = engine.simulate(lower(quantized), arch)
    sides = {
        name: price(activity, model, arch, Operands.of(quantized))
        for name, model in (("first", first), ("second", second))
    }
    keys = ["unit", "component", "action"]
    tables = []
    for name, breakdown in sides.items():
        # After an action's name a row may say which part of it it is: "READ bit mask".
        rows = [
            (row.unit, row.component, row.action.split(" ")[0], row.energy)
            for row in breakdown.rows
        ]
        tables.append(pd.DataFrame(rows, columns=[*keys, name]).groupby(keys, sort=False).sum())
    table = tables[0].join(tables[1], how="outer").fillna(0.0)
    table = table[(table != 0).any(axis=1)]
    for name in sides:
        table[f"{name}_share"] = table[name] / table[name].sum()
    return table.sort_values(["first", "second"], ascending=False).reset_index()
