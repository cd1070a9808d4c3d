"""The physical model on the figures of the packages hwcomponents."""

from __future__ import annotations

import sys

from hwsim.arch.parts.hwcomponents import SOURCE, SRAM_SOURCE, HwComponents, missing_packages
from hwsim.energy.physical.model import PhysicalModel
from hwsim.errors import InputError


def hwcomponents_model() -> PhysicalModel:
    """Make the physical model on figures of hwcomponents where it has them.

    Raises
    ------
    InputError
        If the packages are not installed; says what to use in their place.
    """
    missing = missing_packages()
    if missing:
        python = "" if sys.version_info[:2] >= (3, 12) else ", which needs Python 3.12 or newer"
        raise InputError(
            f"energy model 'hwcomponents': {', '.join(missing)} not installed; install "
            f"hwsim[hwcomponents]{python}, or use --energy physical-aladdin: hwsim's own tables "
            "hold the same figures"
        )
    return PhysicalModel(
        name="hwcomponents",
        title="physical model, hwcomponents",
        provenance=(
            f"integer arithmetic and registers by {SOURCE}, SRAM by {SRAM_SOURCE}; floating "
            "point, gates, wires and DRAM by hwsim's tables (hwsim energy show physical)"
        ),
        components=HwComponents,
    )
