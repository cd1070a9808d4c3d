"""Units made for the weights of a scheme: what of a machine is narrower then."""

from __future__ import annotations

from typing import Final

from hwsim.arch import Technology
from hwsim.schemes.coding import Coding
from hwsim.schemes.scheme import Scheme

#: What units multiply by that are made for weights of a coding.
_MULTIPLIERS: Final[dict[Coding, str]] = {"sign": "sign", "zero": "mask", "ternary": "ternary"}


def native_units(scheme: Scheme, technology: Technology) -> dict[str, str]:
    """Say what a machine for the weights of a scheme has other than a machine of all schemes.

    Parameters
    ----------
    scheme : Scheme
        Its coding and bits.
    technology : Technology
        Of the machine that it is compared with.

    Returns
    -------
    dict of str to str
        Keys of the technology, as ``--set`` takes them; empty where its units are the scheme's.
    """
    if scheme.coding in _MULTIPLIERS:
        multiplier = _MULTIPLIERS[scheme.coding]
        if multiplier == technology.multiplier:
            return {}
        return {"multiplier": multiplier, "weights": f"int{scheme.bits}"}
    own = technology.weight_format(scheme.bits)
    return {} if own == technology.weights else {"weights": own.name}
