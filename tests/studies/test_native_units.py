"""What a machine for the weights of a scheme has other than one for all."""

from __future__ import annotations

import pytest

from hwsim.arch import load_arch
from hwsim.schemes import parse_scheme
from hwsim.studies.native_units import native_units


@pytest.mark.parametrize(
    ("scheme", "settings"),
    [
        ("dense", {}),
        ("dense:precision=int8", {}),
        ("pruned:sparsity=0.5", {}),
        ("binary", {"multiplier": "sign", "weights": "int1"}),
        ("ternary", {"multiplier": "ternary", "weights": "int2"}),
        ("signed-binary", {"multiplier": "mask", "weights": "int1"}),
    ],
)
def test_of_a_machine_for_bytes(scheme: str, settings: dict[str, str]) -> None:
    technology = load_arch("sigma").technology
    assert technology is not None
    assert native_units(parse_scheme(scheme), technology) == settings


def test_narrower_numbers_have_narrower_multipliers() -> None:
    technology = load_arch("sigma", {"weights": "int16"}).technology
    assert technology is not None
    assert native_units(parse_scheme("dense:precision=int8"), technology) == {"weights": "int8"}


def test_a_machine_of_the_kind_is_its_own() -> None:
    technology = load_arch("sigma", {"multiplier": "sign", "weights": "int1"}).technology
    assert technology is not None
    assert native_units(parse_scheme("binary"), technology) == {}
