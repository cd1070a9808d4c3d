"""The physical energy model: an EnergyModel whose prices follow from bits and technology."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from hwsim.activity import ACTIVATIONS, WEIGHTS
from hwsim.arch.parts import Components
from hwsim.arch.parts.logic import Transistors
from hwsim.energy.breakdown import EnergyBreakdown, EnergyRow
from hwsim.energy.physical.chip import Charge, Chip, is_of_many
from hwsim.energy.physical.ledger import Ledger
from hwsim.entry_points import load_registered, registered
from hwsim.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from hwsim.activities import Activities
    from hwsim.activity import Activity
    from hwsim.arch import Arch
    from hwsim.workload.operands import Operands


class ComponentsOfNode(Protocol):
    """Whose component figures a model uses."""

    def __call__(self, node_nm: float, voltage_v: float | None, /) -> Components:
        """Give the components of a node and a voltage."""

    def __hash__(self) -> int:
        """Tell it from others: what it gives is kept."""


#: Entry point group: how the actions of each engine are charged, by the engine's name.
GROUP = "hwsim.physical"


@dataclass(frozen=True)
class PhysicalModel:
    """Prices computed from number formats, sizes, node, voltage and clock of the architecture.

    Parameters
    ----------
    name, title, provenance : str
        See :class:`~hwsim.energy.EnergyModel`.
    components : callable
        Gives the component figures of a node and a voltage.
    """

    name: str
    title: str
    provenance: str
    components: ComponentsOfNode
    unit: str | None = "pJ"

    @property
    def label(self) -> str:
        """Title and unit."""
        return f"{self.title}, pJ"

    def check(self, arch: Arch) -> None:
        """Refuse a technology without figures, before anything long begins.

        Raises
        ------
        InputError
            For a node, a voltage or a kind of DRAM that has none.
        """
        if arch.technology is not None:
            technology = arch.technology
            self.components(technology.node_nm, technology.voltage_v).dram(technology.dram)

    def prices_many(self, engine: str) -> bool:
        """Whether layers of an engine can be priced side by side."""
        return is_of_many(_charge_of(self.name, engine))

    def price(
        self,
        activity: Activity | Activities,
        arch: Arch | None = None,
        operands: Operands | None = None,
    ) -> EnergyBreakdown:
        """Price what a layer made the machine do, DRAM included.

        Parameters
        ----------
        activity : Activity or Activities
            Of an engine whose actions a package has said how to charge; or several, of one whose
            layers :meth:`prices_many`.
        arch : Arch
            With a technology.
        operands : Operands
            The layer's operands; of several, alike but for their numbers, which are arrays.

        Returns
        -------
        EnergyBreakdown
            Energies in pJ, areas in um2; every row with its figure.

        Raises
        ------
        InputError
            Without arch, technology or operands; for an engine that is not known here, a count
            that is not charged, a node outside 7 nm to 65 nm, a kind of DRAM that has no figure.
        """
        if arch is None or operands is None:
            raise InputError(
                f"energy model {self.name!r} computes prices from the architecture and the "
                "operands of a layer; give both"
            )
        if arch.technology is None:
            raise InputError(
                f"arch {arch.name!r}: energy model {self.name!r} needs its node, clock and number "
                "formats; add a technology section to the spec"
            )
        charge = _charge_of(self.name, activity.engine)
        technology = arch.technology
        components = _components(
            self.components, technology.node_nm, technology.voltage_v, technology.transistors
        )
        ledger = Ledger(activity, technology.clock_hz)
        charge(ledger, operands, Chip(arch, technology, components))
        ledger.close(self.name)
        return EnergyBreakdown(
            rows=tuple(
                map(_moves_activations, ledger.rows) if operands.of_activations else ledger.rows
            ),
            area_by_unit=ledger.area_by_unit,
            table=self.name,
            unit="pJ",
            area_unit="um2",
            label=self.label,
            provenance=self.provenance,
            included=ledger.included,
        )


@lru_cache(maxsize=64)
def _charge_of(model: str, engine: str) -> Charge:
    """Find how an engine's actions are charged, once: a run prices every layer many times."""
    found = registered(GROUP)
    if engine not in found:
        raise InputError(
            f"energy model {model!r} does not know the actions of engine "
            f"{engine!r}{did_you_mean(engine, found)}"
        )
    charge: Charge = load_registered(found[engine], "physical pricing")
    return charge


@lru_cache(maxsize=64)
def _components(
    of_node: ComponentsOfNode, node_nm: float, voltage_v: float | None, transistors: Transistors
) -> Components:
    """Make the components of a technology once, so that what is made of them is made once, too."""
    return of_node(node_nm, voltage_v).made_of(transistors)


def _moves_activations(row: EnergyRow) -> EnergyRow:
    """Say activations of what a product of two has in the place of weights."""
    return replace(row, operand=ACTIVATIONS) if row.operand == WEIGHTS else row


def horowitz_model() -> PhysicalModel:
    """Integer arithmetic by Horowitz, ISSCC 2014; the default."""
    return PhysicalModel(
        name="physical",
        title="physical model",
        provenance=(
            "computed from bits and node: arithmetic by Horowitz (ISSCC 2014), registers and "
            "gates by Aladdin (ISCA 2014), SRAM by CACTI 7, wires by Keckler et al. (IEEE Micro "
            "2011), nodes by Stillmaker and Baas (2017)"
        ),
        components=Components,
    )


def aladdin_model() -> PhysicalModel:
    """Integer arithmetic by Aladdin, as Accelergy's plug-ins and hwcomponents have it."""
    return PhysicalModel(
        name="physical-aladdin",
        title="physical model, Aladdin arithmetic",
        provenance=(
            "as physical, but integer adders and multipliers by Aladdin (ISCA 2014): the figures "
            "of Accelergy's plug-ins and of hwcomponents"
        ),
        components=lambda node_nm, voltage_v: Components(node_nm, voltage_v, "aladdin"),
    )
