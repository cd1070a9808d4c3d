"""STONNE's own prices, by which tiles of least energy are chosen.

They are read from the table ``stonne`` that prices results as well; no technology is known where a
tile is chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import yaml
from numpy.typing import NDArray

from hwsim.activity import ActionKey, ComponentKey
from hwsim.shipped import shipped_folder

if TYPE_CHECKING:
    from hwsim.arch import Arch

#: What a tile can be the best for: cycles, energy, energy x cycles.
OBJECTIVES: Final = ("cycles", "energy", "edp")

Amount = TypeVar("Amount", float, NDArray[np.float64])


@dataclass(frozen=True)
class Prices:
    """Energies without a unit, as their authors state none.

    Parameters
    ----------
    actions : mapping of (str, str) to float
        Of an action of a component.
    static : mapping of str to float
        Of a component in a cycle, whatever it does.
    version : str
        Of the table.
    """

    actions: Mapping[tuple[str, str], float]
    static: Mapping[str, float]
    version: str

    def of_counts(self, counts: Mapping[ActionKey, float]) -> float:
        """Price actions."""
        return sum(count * self.actions[key[1], key[2]] for key, count in counts.items())

    def of_a_cycle(self, instances: Mapping[ComponentKey, int]) -> float:
        """Price a cycle of a machine that does nothing."""
        return sum(number * self.static[name] for (_, name), number in instances.items())


def weigh(objective: str, cycles: Amount, actions: Amount, cycle_price: float) -> Amount:
    """Give what is to be least of a tile.

    Parameters
    ----------
    objective : {"cycles", "energy", "edp"}
        What it is.
    cycles, actions : float or ndarray of float
        Cycles, and the energy of what is done in them.
    cycle_price : float
        Energy of a cycle besides.
    """
    if objective == "cycles":
        return cycles
    energy = actions + cycles * cycle_price
    return energy if objective == "energy" else energy * cycles


def prices_read(arch: Arch) -> str | None:
    """Identify the prices that the tiles of a machine are chosen by, if they are by any."""
    if arch.option("tile_objective", OBJECTIVES) == "cycles":
        return None
    return stonne_prices().version


@lru_cache(maxsize=1)
def stonne_prices() -> Prices:
    """Read the table."""
    text = (shipped_folder("energy/tables") / "stonne.yaml").read_text("utf-8")
    table = yaml.safe_load(text)
    actions: dict[tuple[str, str], float] = {}
    static: dict[str, float] = {}
    for component, prices in table["components"].items():
        static[component] = float(prices["static"]["value"])
        for action, figure in prices["actions"].items():
            actions[component, action] = float(figure["value"])
    return Prices(actions, static, str(table["version"]))
