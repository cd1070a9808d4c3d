"""Activity x prices -> energy, whoever names the prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from hwsim.energy.breakdown import EnergyBreakdown

if TYPE_CHECKING:
    from hwsim.activity import Activity
    from hwsim.arch import Arch
    from hwsim.workload.operands import Operands


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
