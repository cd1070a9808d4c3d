"""What energies are kept under: an energy table, a machine, and the code that prices."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from hwsim.arch import Arch
from hwsim.content_key import content_key, folder_key
from hwsim.energy import EnergyModel

_PACKAGE: Final = Path(__file__).parents[1]
#: The folders whose files decide a price.
_PRICING: Final = ("energy", "arch")


def price_key(model: EnergyModel, arch: Arch) -> str:
    """Name what turns an activity of a machine into energy.

    Parameters
    ----------
    model : EnergyModel
        An energy table or model.
    arch : Arch
        The machine, clock and memories included.
    """
    said = model.name, model.label, model.provenance
    try:
        return content_key("price 1", said, model, arch.fingerprint(), _code())
    except TypeError:  # a model that is more than data: the code is all that there is of it
        return content_key("price 1", said, arch.fingerprint(), _code())


@cache
def _code() -> str:
    """Name the code and the figures that prices come from.

    Prices are computed again in no time, so that any change of these files may cost that much,
    and an edited figure is never taken for the former one.
    """
    return folder_key(*(_PACKAGE / name for name in _PRICING))
