"""The physical model on hwcomponents, where that is not installed."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from hwsim.energy import load_energy_table
from hwsim.errors import InputError


@pytest.mark.skipif(
    importlib.util.find_spec("hwcomponents") is not None, reason="hwcomponents is installed"
)
def test_without_the_packages_it_says_what_serves() -> None:
    with pytest.raises(InputError) as refusal:
        load_energy_table("hwcomponents")
    python = "" if sys.version_info >= (3, 12) else ", which needs Python 3.12 or newer"
    assert str(refusal.value) == (
        "energy model 'hwcomponents': hwcomponents, hwcomponents_library, hwcomponents_cacti not "
        f"installed; install hwsim[hwcomponents]{python}, or use --energy physical-aladdin: "
        "hwsim's own tables hold the same figures"
    )
