"""Activity x prices -> energy, whoever names the prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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


def price_layers(
    layers: Sequence[tuple[Activity, Operands | None]], table: EnergyModel, arch: Arch
) -> list[tuple[list[int], EnergyBreakdown]]:
    """Price what many layers made a machine do, as many of them at once as the model can.

    Parameters
    ----------
    layers : sequence of (Activity, Operands or None)
        Each layer, with what its values are made of.
    table : EnergyModel
        The prices.
    arch : Arch
        The machine.

    Returns
    -------
    list of (list of int, EnergyBreakdown)
        Breakdowns, and which of the layers stand side by side in each; one that stands alone has a
        breakdown of numbers.

    Raises
    ------
    InputError
        If an action or a component has no price.
    """
    many = isinstance(table, ManyAtOnce)
    alike: dict[object, list[int]] = {}
    for number, (activity, operands) in enumerate(layers):
        together = many and table.prices_many(activity.engine)  # type: ignore[attr-defined]
        key = (likeness(activity), _coding(operands)) if together else number
        alike.setdefault(key, []).append(number)
    return [
        (members, _priced([layers[n] for n in members], table, arch)) for members in alike.values()
    ]


def _priced(
    layers: Sequence[tuple[Activity, Operands | None]], table: EnergyModel, arch: Arch
) -> EnergyBreakdown:
    (first, operands), *others = layers
    if not others:
        return price(first, table, arch, operands)
    activities: Any = Activities.of([activity for activity, _ in layers])
    if operands is not None:
        sizes: dict[str, Any] = {
            name: side_by_side([getattr(each, name) for _, each in layers]) for name in _SIZES
        }
        operands = replace(operands, **sizes)
    return price(activities, table, arch, operands)


def _coding(operands: Operands | None) -> object:
    """Name all of operands but their sizes."""
    return operands and (operands.coding, operands.weight_bits, operands.of_activations)
