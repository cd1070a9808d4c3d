"""An architecture in its technology: what charging an engine's actions needs besides counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from hwsim.arch import Arch, Technology
from hwsim.arch.parts import Components
from hwsim.energy.physical.ledger import Ledger
from hwsim.workload.operands import Operands


class Chip(NamedTuple):
    """A machine and the figures of its parts.

    Parameters
    ----------
    arch : Arch
        Its sizes.
    technology : Technology
        Node, clock, number formats, memories.
    components : Components
        Energies, areas and leakage at its node and voltage.
    """

    arch: Arch
    technology: Technology
    components: Components


#: Charges everything that an engine counts to a ledger, for a layer's operands on a chip. A
#: package offers one for its engine by an entry point of the group ``hwsim.physical`` that bears
#: the engine's name.
Charge = Callable[[Ledger, Operands, Chip], None]
_OF_MANY: Final = "hwsim_charges_many"


def charges_many(charge: Charge) -> Charge:
    """Declare that a function charges several layers side by side as it charges one.

    The numbers of ledger and operands are arrays then, shape (layers,), so that it must not decide
    by one of them but with :mod:`hwsim.amount`. Others are called layer by layer.
    """
    vars(charge)[_OF_MANY] = True
    return charge


def is_of_many(charge: Charge) -> bool:
    """Tell whether a function is so declared."""
    return _OF_MANY in getattr(charge, "__dict__", {})
