"""The physical model on hwcomponents, where that is not installed."""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace

import pytest

from hwsim.energy import load_energy_table
from hwsim.energy.physical import hwcomponents
from hwsim.errors import InputError


@pytest.mark.skipif(
    importlib.util.find_spec("hwcomponents") is not None, reason="hwcomponents is installed"
)
@pytest.mark.parametrize(
    ("version", "python"),
    [((3, 11, 9), ", which needs Python 3.12 or newer"), ((3, 12, 0), ""), ((4, 0, 0), "")],
)
def test_without_the_packages_it_says_what_serves(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int], python: str
) -> None:
    monkeypatch.setattr(hwcomponents, "sys", SimpleNamespace(version_info=version))
    with pytest.raises(InputError) as refusal:
        load_energy_table("hwcomponents")
    assert str(refusal.value) == (
        "energy model 'hwcomponents': hwcomponents, hwcomponents_library, hwcomponents_cacti not "
        f"installed; install hwsim[hwcomponents]{python}, or use --energy physical-aladdin: "
        "hwsim's own tables hold the same figures"
    )
