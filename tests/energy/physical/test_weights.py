"""Widths of products by the formats on both sides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hwsim.arch import load_arch
from hwsim.arch.technology import Technology
from hwsim.energy.physical.weights import product_bits, widest_product_bits
from hwsim.number_format import NumberFormat
from hwsim.workload.operands import Coding, Operands


def technology(weights: str, activations: str, sums: str) -> Technology:
    found = load_arch("sigma").technology
    assert found is not None
    weight, activation, total = (NumberFormat.parse(name) for name in (weights, activations, sums))
    return replace(found, weights=weight, activations=activation, partial_sums=total)


@pytest.mark.parametrize(
    ("coding", "formats", "bits", "widest"),
    [
        ("value", ("int8", "int8", "int32"), 16, 16),
        ("value", ("int4", "int8", "int32"), 12, 12),
        ("sign", ("int4", "int8", "int32"), 9, 12),
        ("zero", ("int4", "int8", "int32"), 9, 12),
        ("ternary", ("int4", "int8", "int32"), 9, 12),  # two bits that are no number
        ("value", ("int8", "int8", "int12"), 12, 12),  # no wider than a sum
        ("sign", ("int8", "int8", "int8"), 8, 8),
        ("value", ("int8", "int8", "fp32"), 32, 32),
        ("value", ("int8", "bf16", "int32"), 32, 32),
        ("sign", ("bf16", "int8", "int32"), 9, 32),
    ],
)
def test_width_of_a_product(
    coding: Coding, formats: tuple[str, str, str], bits: int, widest: int
) -> None:
    weight_bits = {"value": 8, "ternary": 2}.get(coding, 1)
    made = technology(*formats)
    assert product_bits(Operands(coding, weight_bits, 0, 1, 1, 1, 1), made) == bits
    assert widest_product_bits(made) == widest
    if not made.weights.is_float:
        signs = replace(made, multiplier="sign")
        narrow = made.activations.bits + 1
        sums = made.partial_sums
        one_bit = sums.bits if "f" in formats[1] + formats[2] else min(narrow, sums.bits)
        assert widest_product_bits(signs) == one_bit
