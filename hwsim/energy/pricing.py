"""Activity x prices -> energy, whoever names the prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from hwsim.activities import Activities, likeness
from hwsim.amount import side_by_side
from hwsim.energy.breakdown import EnergyBreakdown

if TYPE_CHECKING:
    from hwsim.activity import Activity
    from hwsim.arch import Arch
    from hwsim.workload.operands import Operands

#: What operands that can stand side by side may differ in.
_SIZES: Final = ("sign_bits", "weights", "effectual_weights", "inputs", "outputs")


@runtime_checkable
class EnergyModel(Protocol):
    """Whatever can price an activity: a table, or a model that computes prices from an arch."""

    @property
    def name(self) -> str:
        """What to ask for."""

    @property
    def title(self) -> str:
        """What to print."""

    @property
    def label(self) -> str:
        """Title and unit, to print beside every figure."""

    @property
    def unit(self) -> str | None:
        """Unit of energies, ``"pJ"``; None if the authors of the prices state none."""

    @property
    def provenance(self) -> str:
        """Where the prices come from, one line."""

    def price(
        self, activity: Activity, arch: Arch | None = None, operands: Operands | None = None
    ) -> EnergyBreakdown:
        """Price an activity of an architecture; operands say what its values are made of."""


@runtime_checkable
class ManyAtOnce(EnergyModel, Protocol):
    """A model that can price many layers at once; :func:`price_layers` asks others one by one."""

    def prices_many(self, engine: str) -> bool:
        """Whether ``price`` takes :class:`~hwsim.activities.Activities` of an engine.

        Operands have arrays in place of numbers then, and so has the breakdown.
        """


def price(
    activity: Activity,
    table: EnergyModel,
    arch: Arch | None = None,
    operands: Operands | None = None,
) -> EnergyBreakdown:
    """Price what a workload made a machine do.

    Parameters
    ----------
    activity : Activity
        From any engine.
    table : EnergyModel
        From :func:`hwsim.load_energy_table`.
    arch : Arch, optional
        The machine; models that compute prices from its sizes need it, tables do not.
    operands : Operands, optional
        Sizes and codings of the layer's operands; models that know bits and DRAM need them.

    Returns
    -------
    EnergyBreakdown
        Energy by unit, component and action, and area by unit.

    Raises
    ------
    InputError
        If an action or a component has no price.
    """
    return table.price(activity, arch, operands)


@dataclass(frozen=True, eq=False)
class AlikeLayers:
    """Layers that count the same actions and code their values alike.

    Parameters
    ----------
    members : sequence of int
        Which of the layers that were given.
    layers : sequence of (Activity, Operands or None)
        Each of them.
    """

    members: Sequence[int]
    layers: Sequence[tuple[Activity, Operands | None]]

    @cached_property
    def together(self) -> tuple[Activity | Activities, Operands | None]:
        """Give them side by side; one that stands alone as it is."""
        first, operands = self.layers[0]
        if len(self.layers) == 1:
            return first, operands
        activities = Activities.of([activity for activity, _ in self.layers])
        if operands is None:
            return activities, None
        sizes: dict[str, Any] = {
            name: side_by_side([getattr(each, name) for _, each in self.layers]) for name in _SIZES
        }
        return activities, replace(operands, **sizes)


def alike_layers(layers: Sequence[tuple[Activity, Operands | None]]) -> list[AlikeLayers]:
    """Find which layers can stand side by side, whatever prices them.

    Parameters
    ----------
    layers : sequence of (Activity, Operands or None)
        Each layer, with what its values are made of.
    """
    found: dict[object, list[int]] = {}
    for number, (activity, of) in enumerate(layers):
        coding = of and (of.coding, of.weight_bits, of.of_activations)
        found.setdefault((likeness(activity), coding), []).append(number)
    return [AlikeLayers(members, [layers[n] for n in members]) for members in found.values()]


def price_layers(
    layers: Sequence[AlikeLayers], table: EnergyModel, arch: Arch
) -> list[tuple[Sequence[int], EnergyBreakdown]]:
    """Price what many layers made a machine do, as many of them at once as the model can.

    Parameters
    ----------
    layers : sequence of AlikeLayers
        From :func:`alike_layers`.
    table : EnergyModel
        The prices.
    arch : Arch
        The machine.

    Returns
    -------
    list of (sequence of int, EnergyBreakdown)
        Breakdowns, and which of the layers stand side by side in each; one that stands alone has a
        breakdown of numbers.

    Raises
    ------
    InputError
        If an action or a component has no price.
    """
    found: list[tuple[Sequence[int], EnergyBreakdown]] = []
    for alike in layers:
        engine = alike.layers[0][0].engine
        if isinstance(table, ManyAtOnce) and table.prices_many(engine):
            activities: Any
            activities, operands = alike.together
            found.append((alike.members, price(activities, table, arch, operands)))
        else:
            for member, (activity, of) in zip(alike.members, alike.layers, strict=True):
                found.append(([member], price(activity, table, arch, of)))
    return found
